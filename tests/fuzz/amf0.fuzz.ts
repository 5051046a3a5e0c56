import { decodeAmf0, encodeAmf0 } from "../../src/codecs/amf0/amf0.ts";
import { decodeParts, RECORDINGS, readChunks } from "../protocols/rtmp/recorded.ts";
import type { FuzzTarget } from "./fuzz.ts";

const payloads = RECORDINGS.flatMap((name) => decodeParts([readChunks(name)]))
  .filter(({ typeId }) => typeId === 18 || typeId === 20)
  .map(({ payload }) => payload);

/** Every marker, nested. */
const everything = Uint8Array.fromHex(
  [
    "0a00000003", // a strict array of three
    "0800000002 000161 003ff0000000000000 000162 0101 000009", // an ECMA array { a: 1, b: true }
    "100003666f6f 000163 0b427345e0e7800000 0000 000164 0d 000165 0f00000002 3c3e 000009", // a typed object
    "0c00000003 616263", // a long string
    "05 06 070001 03000009 020001 78", // null, undefined, a reference to the ECMA array, {}, "x"
  ]
    .join("")
    .replaceAll(" ", ""),
);

export const target: FuzzTarget = {
  name: "amf0",
  seeds: [everything, ...new Map(payloads.map((payload) => [payload.toHex(), payload])).values()],
  run(input) {
    encodeAmf0(...decodeAmf0(input));
  },
};
