import { expect, test } from "bun:test";
import { Writer } from "../../src/bytes/writer.ts";

test.each<[name: string, write: (writer: Writer) => Writer, hex: string]>([
  ["u8", (writer) => writer.u8(0xfe), "fe"],
  ["u16", (writer) => writer.u16(0xfedc), "fedc"],
  ["u24", (writer) => writer.u24(0xfedcba), "fedcba"],
  ["u32", (writer) => writer.u32(0xfedcba98), "fedcba98"],
  ["f64", (writer) => writer.f64(1), "3ff0000000000000"],
  ["bytes", (writer) => writer.bytes(Uint8Array.of(1, 2, 3)), "010203"],
])("%s at the end of each capacity, where the buffer must grow", (_, write, hex) => {
  for (let capacity = 0; capacity < 10; capacity++) {
    const writer = write(write(new Writer(capacity)));
    expect(writer.finish().toHex()).toBe(hex + hex);
    expect(writer.length).toBe(hex.length);
  }
});
