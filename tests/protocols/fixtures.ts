import { readFileSync } from "node:fs";

/** A captured file, named from tests/fixtures on. */
export function readFixture(name: string): Uint8Array {
  return new Uint8Array(readFileSync(new URL(`../fixtures/${name}`, import.meta.url)));
}

/** Uint8Array of hex digits; blanks are for reading. */
export function fromHex(hex: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.from(hex.replaceAll(/\s/g, ""), "hex"));
}
