import { describe, expect, test } from "bun:test";
import { decodeCSeq } from "../../../src/protocols/sip/cseq.ts";
import { SipHeaders, splitList } from "../../../src/protocols/sip/headers.ts";
import { decodeNameAddr } from "../../../src/protocols/sip/name-addr.ts";
import { requestDestination } from "../../../src/protocols/sip/peer.ts";
import { reasonHeader, reasonsOf } from "../../../src/protocols/sip/reason.ts";
import { decodeUri, encodeUri, isIpAddress } from "../../../src/protocols/sip/uri.ts";
import { decodeVia, encodeVia } from "../../../src/protocols/sip/via.ts";
import { toWireText } from "../../../src/protocols/sip/wire-text.ts";
import { errorCodeOf } from "../error-code.ts";

describe("URI", () => {
  test.each([
    ["sip:lihao@192.0.2.1", { user: "lihao", host: "192.0.2.1", port: undefined }],
    ["sip:192.0.2.1:5080", { user: "", host: "192.0.2.1", port: 5080 }],
    ["SIPS:a:secret@Example.COM:5061", { scheme: "sips", user: "a", host: "Example.COM", port: 5061 }],
    ["sip:%E6%9D%8E%40x@a-b_c.example", { user: "李@x", host: "a-b_c.example" }],
    ["sip:alice;day=tuesday@example.com", { user: "alice;day=tuesday" }],
    ["sip:+8613900000001@192.0.2.1;user=phone;LR?Subject=a", { user: "+8613900000001" }],
    ["sip:a@[2001:db8::9]:5070;transport=TCP", { host: "2001:db8::9", port: 5070 }],
  ])("%s", (text, expected) => {
    expect(decodeUri(text)).toMatchObject(expected);
  });

  test("parameters", () => {
    const { parameters } = decodeUri("sip:a@b;user=phone;LR;x=1=2?Subject=a;b");
    expect([...parameters]).toEqual([
      ["user", "phone"],
      ["lr", ""],
      ["x", "1=2"],
    ]);
  });

  test.each([
    "",
    "lihao",
    "tel:+1",
    "http://a",
    "sip:",
    "sip:@",
    "sip:a@",
    "sip:a@b@c",
    "sip:a b@c",
    "sip:a@b c",
    "sip:a@b;x y",
    "sip:a@b:0",
    "sip:a@b:65536",
    "sip:a@b:x",
    "sip:a@[::1",
    "sip:%zz@b",
    "sip:%0a@b",
    "sip:%ff@b",
    'sip:a"b@c',
    "sip:a<b@c",
  ])("%j is none", (text) => {
    expect(errorCodeOf(() => decodeUri(text))).toBe("sip.bad-uri");
  });

  test.each([
    ["lihao", "sip:lihao@192.0.2.1:25560"],
    ["", "sip:192.0.2.1:25560"],
    ["+86 139;x=1/2", "sip:+86%20139;x=1/2@192.0.2.1:25560"],
    ["李\r\n<a@b>", "sip:%E6%9D%8E%0D%0A%3Ca%40b%3E@192.0.2.1:25560"],
  ])("is written with the user %j escaped", (user, text) => {
    expect(encodeUri({ user, host: "192.0.2.1", port: 25_560 })).toBe(text);
  });

  test("IP addresses are told from names", () => {
    const texts = [
      "192.0.2.1",
      "255.255.255.255",
      "2001:db8::1",
      "256.0.0.1",
      "1.2.3",
      "1.2.3.4.5",
      "a.b.c.d",
      "host",
    ];
    expect(texts.filter(isIpAddress)).toEqual(["192.0.2.1", "255.255.255.255", "2001:db8::1"]);
  });
});

describe("name-addr", () => {
  test.each([
    ['"Li \\"Hao\\"" <sip:l@h;x=y>;tag=a', 'Li "Hao"', "sip:l@h;x=y", { tag: "a" }],
    ["<sip:l@h>", "", "sip:l@h", {}],
    ["Li Hao <sip:l@h> ; TAG = a ; flag", "Li Hao", "sip:l@h", { tag: "a", flag: "" }],
    ["sip:l@h;tag=a", "", "sip:l@h", { tag: "a" }],
    ["sip:l@h ;tag=a", "", "sip:l@h", { tag: "a" }],
    ['<tel:+86>;x="a;b>c"', "", "tel:+86", { x: '"a;b>c"' }],
    ['"<sip:no@no>" <sip:l@h>', "<sip:no@no>", "sip:l@h", {}],
    [toWireText('"李浩" <sip:l@h>'), "李浩", "sip:l@h", {}],
    ['"a\\\0b\x1b[2J" <sip:l@h>', "ab[2J", "sip:l@h", {}],
    ["\xc0\xee <sip:l@h>", "\ufffd\ufffd", "sip:l@h", {}],
  ])("%j", (text, displayName, uri, parameters) => {
    const address = decodeNameAddr(text);
    expect(address).toMatchObject({ displayName, uri });
    expect(Object.fromEntries(address.parameters)).toEqual(parameters);
  });

  test.each([
    ["", "sip.bad-address"],
    ["*", "sip.bad-address"],
    ["Li Hao", "sip.bad-address"],
    ['"Li Hao', "sip.bad-address"],
    ['"Li Hao" sip:l@h', "sip.bad-address"],
    ["Hao, Li <sip:l@h>", "sip.bad-address"],
    ["<sip:l@h", "sip.bad-address"],
    ["< sip:l@h >", "sip.bad-address"],
    ["<>", "sip.bad-address"],
    ["sip:l@h,m", "sip.bad-address"],
    ["sip:l@h?a=b", "sip.bad-address"],
    ["<sip:l@h> x", "sip.bad-parameters"],
    ["<sip:l@h>;tag=a;tag=b", "sip.bad-parameters"],
    ['<sip:l@h>;x="a', "sip.bad-parameters"],
    ["<sip:l@h>;=a", "sip.bad-parameters"],
    [`<sip:l@h>${";x".repeat(2)}`, "sip.bad-parameters"],
    [`<sip:l@h>${Array.from({ length: 65 }, (_, i) => `;x${i}`).join("")}`, "sip.bad-parameters"],
  ])("%j is none", (text, code) => {
    expect(errorCodeOf(() => decodeNameAddr(text))).toBe(code);
  });
});

describe("Via", () => {
  test.each([
    ["SIP/2.0/UDP 192.0.2.9:5080;rport;branch=z9hG4bKa", "SIP/2.0/UDP 192.0.2.9:5080;rport;branch=z9hG4bKa"],
    ["SIP / 2.0 / tcp   [2001:db8::9] : 5060 ; a = b", "SIP/2.0/TCP [2001:db8::9]:5060;a=b"],
    ["SIP/2.0/UDP host", "SIP/2.0/UDP host"],
  ])("%j", (text, written) => {
    expect(encodeVia(decodeVia(text))).toBe(written);
  });

  test.each([
    "",
    "SIP/2.0/UDP",
    "SIP/2.0 UDP host",
    "HTTP/1.1/TCP host",
    "SIP/2.0/UDP host:99999",
    "SIP/2.0/UDP a b",
  ])("%j is none", (text) => {
    expect(errorCodeOf(() => decodeVia(text))).toBe("sip.bad-via");
  });
});

test("lists are split at commas outside of quotes and brackets", () => {
  expect(splitList('a, "b, \\" c" <sip:d,e>,,  f')).toEqual(["a", '"b, \\" c" <sip:d,e>', "f"]);
  expect(splitList('"open, a')).toEqual(['"open, a']);
  expect(splitList("")).toEqual([]);
});

test("CSeq", () => {
  expect(decodeCSeq("0009 \t INVITE")).toEqual({ number: 9, method: "INVITE" });
  expect(decodeCSeq("2147483647 BYE").number).toBe(2_147_483_647);
  for (const text of ["", "1", "INVITE 1", "-1 BYE", "2147483648 BYE", "36893488147419103232 BYE", "1 B Y"]) {
    expect(errorCodeOf(() => decodeCSeq(text))).toBe("sip.bad-cseq");
  }
});

test("Reason: what can't be read is left out", () => {
  const text = 'SIP;cause=200;text="a, b", junk, Q.850 ;cause=x, Q.850;cause=17;cause=18, X.Y;text=z;cause=3';
  expect(reasonsOf(new SipHeaders([{ name: "reason", value: text }]))).toEqual([
    { protocol: "SIP", cause: 200, text: "a, b" },
    { protocol: "X.Y", cause: 3, text: "z" },
  ]);
  const reason = { protocol: "Q.850", cause: 16, text: '挂断 "x\\y"' };
  expect(reasonsOf(new SipHeaders([reasonHeader(reason)]))).toEqual([reason]);
});

describe("where a request goes", () => {
  const source = { transport: "UDP", address: "203.0.113.7", port: 61_000 } as const;
  const inside = { transport: "UDP", address: "192.168.1.5", port: 5060 } as const;
  test.each([
    ["sip:a@192.0.2.9:5080", true, { transport: "UDP", address: "192.0.2.9", port: 5080 }],
    ["sip:a@192.0.2.9;transport=tcp", false, { transport: "TCP", address: "192.0.2.9", port: 5060 }],
    ["sip:a@pbx.example.com:5080", false, source],
    ["sip:a@10.1.2.3:5060", true, source],
    ["sip:a@172.31.0.1", true, source],
    ["sip:a@192.168.1.5", true, source],
    ["sip:a@100.64.0.1", true, source],
    ["sip:a@127.0.0.1:5080", true, source],
    ["sip:a@0.0.0.0", true, source],
    ["sip:a@[fd00::1]", true, source],
    ["sip:a@192.168.1.5", false, inside],
    ["sip:a@172.32.0.1", true, { ...inside, address: "172.32.0.1" }],
  ] as const)("%s (of a neighbour: %p)", (uri, isNeighbour, destination) => {
    expect(requestDestination(uri, source, isNeighbour)).toEqual(destination);
  });

  test("a Contact on the host that it comes from counts, port and all", () => {
    expect(requestDestination("sip:a@192.168.1.5", { ...inside, port: 40_000 }, true)).toEqual(inside);
  });

  test.each([
    ["sip:a@192.0.2.9:5080;transport=tcp", { transport: "TCP", address: "192.0.2.9", port: 5080 }],
    ["sip:a@192.0.2.9:5080", { transport: "UDP", address: "192.0.2.9", port: 5080 }],
    ["sip:a@pbx.example.com:5080;transport=tcp", { ...source, transport: "TCP", port: 5080 }],
    ["sip:a@10.1.2.3;transport=tcp", { ...source, transport: "TCP", port: 5060 }],
  ] as const)("over TCP: back on the connection, and when that is lost to %s", (uri, fallback) => {
    const connection = { ...source, transport: "TCP" } as const;
    expect(requestDestination(uri, connection, true)).toEqual({ ...connection, fallback });
  });
});
