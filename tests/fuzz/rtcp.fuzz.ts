import { decodeRtcp, encodeRtcp } from "../../src/protocols/rtp/rtcp.ts";
import { fromHex } from "../protocols/fixtures.ts";
import { readDatagrams } from "../protocols/rtp/datagrams.ts";
import type { FuzzTarget } from "./fuzz.ts";

export const target: FuzzTarget = {
  name: "rtcp",
  seeds: [
    ...readDatagrams("ffmpeg-rtcp"),
    ...readDatagrams("gstreamer-rtcp"),
    fromHex(
      "81c90007 00000001 00000002 40fffffe 00010010 00000050 11112222 00018000 82cb0003 00000001 00000009 00",
    ),
  ],
  run(input) {
    const packets = decodeRtcp(input);
    decodeRtcp(encodeRtcp([...packets, { kind: "bye", ssrcs: [], reason: "" }]));
  },
};
