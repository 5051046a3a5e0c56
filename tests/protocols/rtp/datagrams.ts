import { readFixture } from "../fixtures.ts";

/** The datagrams of one file of tests/fixtures/rtp: each behind its length in two bytes. */
export function readDatagrams(name: string): Uint8Array[] {
  const bytes = readFixture(`rtp/${name}.bin`);
  const datagrams: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = at + 2 + (((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0));
    datagrams.push(bytes.slice(at + 2, end));
    at = end;
  }
  return datagrams;
}
