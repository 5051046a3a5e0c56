import { isIP } from "node:net";
import { AppError } from "../../src/errors.ts";
import { ipBytes } from "../../src/protocols/x509/ip-bytes.ts";
import type { FuzzTarget } from "./fuzz.ts";

const decoder = new TextDecoder("latin1");

/** The address that a certificate is made for: ours are the bytes of what the runtime takes for an address, and of nothing else. */
export const target: FuzzTarget = {
  name: "certificate-host",
  seeds: ["192.0.2.7", "2001:db8::7", "::", "::ffff:192.0.2.7", "1:2:3:4:5:6:7:8", "wx.example.com"].map(
    (text) => new TextEncoder().encode(text),
  ),
  run(input) {
    const text = decoder.decode(input);
    const bytes = ipBytes(text);
    const family = text.includes("%") ? 0 : isIP(text);
    const length = { 0: undefined, 4: 4, 6: 16 }[family];
    if (bytes?.length !== length)
      throw new Error(`${JSON.stringify(text)} became ${bytes?.toHex()}, not ${length} bytes`);
    if (bytes === undefined) throw new AppError("peer", "test.no-address");
  },
};
