import { describe, expect, test } from "bun:test";
import { rtpFormatsOf } from "../../../src/protocols/sdp/rtp-format.ts";
import { decodeSdp, encodeSdp } from "../../../src/protocols/sdp/session-description.ts";
import { decodeMessage } from "../../../src/protocols/sip/message.ts";
import { errorCodeOf } from "../error-code.ts";
import { readAllRecorded, readRecording } from "../sip/recorded.ts";

const read = (text: string) => decodeSdp(new TextEncoder().encode(text));
const HEAD = "v=0\r\no=- 1 2 IN IP4 192.0.2.9\r\ns=-\r\n";

describe("FreeSWITCH's offer", () => {
  const offer = decodeSdp(
    decodeMessage(readRecording("inbound_answer_video")[0]?.bytes ?? new Uint8Array(0)).body,
  );

  test("is read", () => {
    expect(offer).toMatchObject({
      origin: { user: "FreeSWITCH", sessionId: "1795371515", version: "1795371516", address: "127.0.0.1" },
      name: "FreeSWITCH",
      address: "127.0.0.1",
      time: "0 0",
      attributes: [],
    });
    expect(
      offer.media.map(({ kind, port, protocol, formats }) => [kind, port, protocol, ...formats]),
    ).toEqual([
      ["audio", 18_862, "RTP/AVP", "8", "101", "13"],
      ["video", 17_248, "RTP/AVP", "102"],
    ]);
    expect(offer.media.flatMap(rtpFormatsOf)).toEqual([
      { payloadType: 8, name: "PCMA", clockRate: 8000, channelCount: 1, parameters: undefined },
      { payloadType: 101, name: "TELEPHONE-EVENT", clockRate: 8000, channelCount: 1, parameters: "0-15" },
      { payloadType: 13, name: "CN", clockRate: 8000, channelCount: 1, parameters: undefined },
      { payloadType: 102, name: "H264", clockRate: 90_000, channelCount: 1, parameters: undefined },
    ]);
  });
});

test("every recorded description is written as it was, but for b= lines", () => {
  const bodies = readAllRecorded().map(({ bytes }) => decodeMessage(bytes).body);
  const texts = bodies.filter(({ length }) => length > 0).map((body) => new TextDecoder().decode(body));
  expect(texts.length).toBeGreaterThan(15);
  for (const text of texts) {
    const written = new TextDecoder().decode(encodeSdp(read(text)));
    expect(written).toBe(text.replace(/b=.*\r\n/g, ""));
  }
});

test("every recorded description, cut anywhere, is read or refused with a typed error", () => {
  for (const { bytes } of readAllRecorded()) {
    const { body } = decodeMessage(bytes);
    for (let length = 0; length < body.length; length++)
      errorCodeOf(() => decodeSdp(body.subarray(0, length)));
  }
});

describe("accepts", () => {
  test("line feeds alone, unknown lines, lines that are none, and addresses below m=", () => {
    const description = read(
      "v=0\no=- 1 2 IN IP6 2001:db8::9\ns=\nc=IN IP4 192.0.2.9/127\nz=0 0\nrubbish\n\nm=audio 4000/2 RTP/AVP 0\nc=IN IP6 2001:db8::9\na=ptime:20\n",
    );
    expect(description).toMatchObject({ address: "192.0.2.9", name: "", time: "0 0" });
    expect(description.media).toEqual([
      {
        kind: "audio",
        port: 4000,
        protocol: "RTP/AVP",
        formats: ["0"],
        address: "2001:db8::9",
        attributes: [{ name: "ptime", value: "20" }],
      },
    ]);
  });

  test("formats that need no a=rtpmap, and leaves out what nothing explains", () => {
    const [media] = read(
      `${HEAD}m=audio 1 RTP/AVP 0 8 18 99 128 x 13 0\r\na=rtpmap:0 pcmu/8000/1\r\na=rtpmap:0 no/1\r\n`,
    ).media;
    expect(media && rtpFormatsOf(media).map(({ payloadType, name }) => `${payloadType} ${name}`)).toEqual([
      "0 PCMU",
      "8 PCMA",
      "18 G729",
      "13 CN",
      "0 PCMU",
    ]);
  });
});

describe("refuses", () => {
  test.each([
    ["nothing", "", "sdp.bad-version"],
    ["another version", "v=1\r\n", "sdp.bad-version"],
    ["a port out of range", `${HEAD}m=audio 65536 RTP/AVP 0\r\n`, "sdp.bad-media"],
    ["33 media", `${HEAD}${"m=audio 1 RTP/AVP 0\r\n".repeat(33)}`, "sdp.too-many-media"],
    ["2049 lines", `${HEAD}${"a=x\r\n".repeat(2046)}`, "sdp.too-many-lines"],
    ["more than 64 KiB", `${HEAD}a=${"x".repeat(65_536)}`, "sdp.too-long"],
  ])("%s", (_, text, code) => {
    expect(errorCodeOf(() => read(text))).toBe(code);
  });

  test("to write a value that would make a line of its own", () => {
    const description = { ...read(HEAD), name: "a\r\nm=audio 1 RTP/AVP 0" };
    expect(errorCodeOf(() => encodeSdp(description))).toBe("sdp.bad-line");
  });
});

describe("takes what others take", () => {
  const lines = [
    "v=0",
    "o=- 1 1 IN IP4 192.0.2.9",
    "s=-",
    "c=IN IP4 192.0.2.9",
    "t=0 0",
    "m=audio 4000 RTP/AVP 8 101",
    "a=rtpmap:8 PCMA/8000",
  ];
  const text = (change: (line: string) => string, end = "\r\n") => `${lines.map(change).join(end)}${end}`;
  const replacing = (from: string, to: string) => text((line) => (line.startsWith(from) ? to : line));

  test.each([
    ["a blank behind each line", text((line) => `${line} \t`)],
    ["CR CR LF", text((line) => line, "\r\r\n")],
    ["CR alone", text((line) => line, "\r")],
    ["two blanks for one", text((line) => line.replaceAll(" ", "  "))],
    ["no o=", text((line) => line).replace(/o=.*\r\n/, "")],
    ["an o= without a user", replacing("o=", "o= 1 1 IN IP4 192.0.2.9")],
    ["an o= with a user of two words", replacing("o=", "o=Door Station 1 1 IN IP4 192.0.2.9")],
    ["an o= whose number is none", replacing("o=", "o=- 5f3a 1 IN IP4 192.0.2.9")],
    ["an o= of four words", replacing("o=", "o=- 1 IN IP4 h")],
    ["a c= in small letters", replacing("c=", "c=in ip4 192.0.2.9")],
    ["a blank behind a=rtpmap:", replacing("a=", "a=rtpmap: 8 PCMA/8000")],
    ["a medium that is refused, without formats", `${text((line) => line)}m=video 0 RTP/AVP\r\n`],
    ["a medium elsewhere that is none", `${text((line) => line)}m=image 0 udptl t38\r\nc=ATM NSAP 47\r\n`],
  ])("%s", (_, given) => {
    const { address, media } = decodeSdp(new TextEncoder().encode(given));
    expect(address).toBe("192.0.2.9");
    expect(media[0]).toMatchObject({ kind: "audio", port: 4000, formats: ["8", "101"], address: undefined });
    expect(media[0] && rtpFormatsOf(media[0])[0]?.name).toBe("PCMA");
  });

  test("a connection that can't be read is nowhere", () => {
    const { address } = decodeSdp(new TextEncoder().encode(replacing("c=", "c=ATM NSAP 47")));
    expect(address).toBe("");
  });
});
