import { describe, expect, test } from "bun:test";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { createSelfSigned } from "../../../src/commands/self-signed.ts";
import { integer, objectId, sequence, time, utf8String } from "../../../src/protocols/x509/der.ts";
import { ipBytes } from "../../../src/protocols/x509/ip-bytes.ts";
import { runProcess } from "../../peers/process.ts";
import { requirePrograms } from "../../peers/programs.ts";

const hex = (bytes: Uint8Array | undefined) => bytes?.toHex();

describe("DER", () => {
  test.each([
    ["objectId", objectId("1.2.840.10045.4.3.2"), "06082a8648ce3d040302"],
    ["objectId of two", objectId("2.5.4.3"), "0603550403"],
    ["a number", integer(Uint8Array.of(0, 0, 5)), "020105"],
    ["a number with its high bit set", integer(Uint8Array.of(0x80)), "02020080"],
    ["zero", integer(Uint8Array.of(0, 0)), "020100"],
    [
      "a time of this half of the century",
      time(Date.UTC(2049, 11, 31, 23, 59, 59)),
      "170d3439313233313233353935395a",
    ],
    ["a later time", time(Date.UTC(2050, 0, 1)), "180f32303530303130313030303030305a"],
    ["127 bytes", sequence(utf8String("a".repeat(125))).subarray(0, 4), "307f0c7d"],
    ["128 bytes", sequence(utf8String("a".repeat(126))).subarray(0, 4), "3081800c"],
    ["256 bytes", utf8String("a".repeat(256)).subarray(0, 4), "0c820100"],
  ])("%s", (_, bytes, expected) => expect(hex(bytes)).toBe(expected));
});

test.each([
  ["127.0.0.1", "7f000001"],
  ["::", "00000000000000000000000000000000"],
  ["::1", "00000000000000000000000000000001"],
  ["fd00::5:a", "fd00000000000000000000000005000a"],
  ["1:2:3:4:5:6:7:8", "00010002000300040005000600070008"],
  ["::ffff:192.0.2.1", "00000000000000000000ffffc0000201"],
  ["256.0.0.1", undefined],
  ["1.2.3", undefined],
  ["1:2:3:4:5:6:7", undefined],
  ["1:2:3:4:5:6:7:8:9", undefined],
  ["1::2::3", undefined],
  ["1:2:3:4::5:6:7:8", undefined],
  ["fe80::1%eth0", undefined],
  ["192.0.2.07", undefined],
  ["192.0.2.1::", undefined],
  ["::192.0.2.1:5", undefined],
  ["wx.example", undefined],
])("the bytes of %s", (address, expected) => expect(hex(ipBytes(address))).toBe(expected));

describe("a certificate that vouches for itself", () => {
  const NOW_MS = Date.UTC(2026, 6, 1);

  test("is signed with its own key, and good for its names and addresses", async () => {
    const { cert, key } = await createSelfSigned(["192.0.2.1", "wx.example", "::1"], NOW_MS);
    const certificate = new X509Certificate(cert);
    expect(certificate.verify(certificate.publicKey)).toBe(true);
    expect(certificate.checkPrivateKey(createPrivateKey(key))).toBe(true);
    expect(certificate.checkIP("192.0.2.1")).toBe("192.0.2.1");
    expect(certificate.checkHost("wx.example")).toBe("wx.example");
    expect(certificate.checkHost("other.example")).toBeUndefined();
    expect([certificate.ca, certificate.subject]).toEqual([true, "CN=nway-wx on 192.0.2.1"]);
    expect(Date.parse(certificate.validFrom)).toBeLessThan(NOW_MS);
    expect(Date.parse(certificate.validTo) - NOW_MS).toBeLessThan(825 * 24 * 3600 * 1000);
  });

  test("is never the same twice", async () => {
    const made = await Promise.all([1, 2].map(() => createSelfSigned(["localhost"], NOW_MS)));
    const [one, two] = made.map(({ cert }) => new X509Certificate(cert));
    expect(one?.serialNumber).not.toBe(two?.serialNumber);
  });

  requirePrograms("openssl")("openssl verifies it strictly", async () => {
    const { cert } = await createSelfSigned(["192.0.2.1", "::1", "wx.example"], Date.now());
    const file = `/tmp/nway-wx-x509-${process.pid}.pem`;
    await Bun.write(file, cert);
    const verify = ["openssl", "verify", "-x509_strict", "-verify_ip", "::1", "-CAfile", file, file];
    const { stdout } = await runProcess(verify).finally(() => Bun.file(file).delete());
    expect(stdout).toContain(": OK");
  });
});
