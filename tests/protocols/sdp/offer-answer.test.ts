import { describe, expect, test } from "bun:test";
import type { LocalSession } from "../../../src/protocols/sdp/agreement.ts";
import { answerOffer, makeOffer, readAnswer } from "../../../src/protocols/sdp/offer-answer.ts";
import { decodeSdp, encodeSdp } from "../../../src/protocols/sdp/session-description.ts";
import { decodeMessage } from "../../../src/protocols/sip/message.ts";
import { readRecording } from "../sip/recorded.ts";

const AUDIO = {
  port: 40_000,
  codecs: ["L16", "PCMA", "PCMU"],
  ptimeMs: 20,
  comfortNoise: false,
  direction: "sendrecv",
} as const;
const LOCAL: LocalSession = { address: "192.0.2.1", sessionId: "7", version: 1, audio: AUDIO };

/** Session part and m= lines of an offer. */
const offer = (...lines: string[]) =>
  decodeSdp(
    new TextEncoder().encode(
      ["v=0", "o=- 1 1 IN IP4 192.0.2.9", "s=-", "c=IN IP4 192.0.2.9", "t=0 0", ...lines, ""].join("\r\n"),
    ),
  );

/** The lines of the answer from m= on, joined. */
function answerTo(lines: string[], local: LocalSession = LOCAL): string | undefined {
  const result = answerOffer(offer(...lines), local);
  return (
    result && new TextDecoder().decode(encodeSdp(result.answer)).trim().split("\r\n").slice(5).join(" | ")
  );
}

function agreed(lines: string[], local: Partial<LocalSession["audio"]> = {}) {
  return answerOffer(offer(...lines), { ...LOCAL, audio: { ...AUDIO, ...local } })?.agreement.audio;
}

describe("FreeSWITCH's recorded offers", () => {
  const offered = (name: "inbound_answer_video" | "ourleg_phonebye") =>
    decodeSdp(decodeMessage(readRecording(name)[0]?.bytes ?? new Uint8Array(0)).body);

  test("sound is answered with the payload types of the offer", () => {
    const result = answerOffer(offered("ourleg_phonebye"), LOCAL);
    expect(result && new TextDecoder().decode(encodeSdp(result.answer))).toBe(
      [
        "v=0",
        "o=- 7 1 IN IP4 192.0.2.1",
        "s=-",
        "c=IN IP4 192.0.2.1",
        "t=0 0",
        "m=audio 40000 RTP/AVP 8 101",
        "a=rtpmap:8 PCMA/8000",
        "a=rtpmap:101 telephone-event/8000",
        "a=fmtp:101 0-15",
        "a=ptime:20",
        "a=sendrecv",
        "",
      ].join("\r\n"),
    );
    expect(result?.agreement).toEqual({
      audio: {
        codec: "PCMA",
        clockRate: 8000,
        payloadType: 8,
        telephoneEvent: 101,
        comfortNoise: undefined,
        receivable: new Map([
          [8, "PCMA"],
          [101, "TELEPHONE-EVENT"],
          [13, "CN"],
        ]),
        ptimeMs: 20,
        direction: "sendrecv",
        remote: { address: "127.0.0.1", rtpPort: 16_864, rtcpPort: 16_865 },
      },
      video: undefined,
    });
  });

  test("video is refused unless it is asked for", () => {
    const refused = answerOffer(offered("inbound_answer_video"), LOCAL)?.answer.media[1];
    expect(refused).toMatchObject({ kind: "video", port: 0, formats: ["102"], attributes: [] });
  });

  test("video is answered in packetization mode 1 though the offer names none", () => {
    const local = { ...LOCAL, video: { port: 40_002, direction: "sendrecv" } } as const;
    const result = answerOffer(offered("inbound_answer_video"), local);
    expect(result?.agreement.video).toEqual({
      payloadType: 102,
      packetizationMode: 1,
      profileLevelId: "42e01f",
      direction: "sendrecv",
      remote: { address: "127.0.0.1", rtpPort: 17_248, rtcpPort: 17_249 },
    });
    const text = new TextDecoder().decode(encodeSdp(result?.answer ?? offer()));
    expect(text).toEndWith(
      [
        "m=video 40002 RTP/AVP 102",
        "a=rtpmap:102 H264/90000",
        "a=fmtp:102 profile-level-id=42e01f;packetization-mode=1",
        "a=rtcp-fb:102 nack pli",
        "a=rtcp-fb:102 ccm fir",
        "a=sendrecv",
        "",
      ].join("\r\n"),
    );
  });
});

describe("the codec", () => {
  test("is the offer's first that we speak", () => {
    expect(answerTo(["m=audio 4000 RTP/AVP 18 0 8"])).toBe(
      "m=audio 40000 RTP/AVP 0 | a=rtpmap:0 PCMU/8000 | a=ptime:20 | a=sendrecv",
    );
    expect(agreed(["m=audio 4000 RTP/AVP 0 8"], { codecs: ["PCMA"] })?.codec).toBe("PCMA");
  });

  test("L16 is taken at 16 kHz mono only, with the telephone-event of its own rate", () => {
    const rates = [
      "a=rtpmap:97 L16/16000",
      "a=rtpmap:101 telephone-event/8000",
      "a=rtpmap:102 Telephone-Event/16000",
    ];
    expect(answerTo(["m=audio 4000 RTP/AVP 97 8 101 102", ...rates, "a=fmtp:102 0-16"])).toBe(
      "m=audio 40000 RTP/AVP 97 102 | a=rtpmap:97 L16/16000 | a=rtpmap:102 telephone-event/16000 | a=fmtp:102 0-15 | a=ptime:20 | a=sendrecv",
    );
    expect(agreed(["m=audio 4000 RTP/AVP 97 101", rates[0] ?? "", rates[1] ?? ""])).toMatchObject({
      codec: "L16",
      clockRate: 16_000,
      telephoneEvent: undefined,
    });
    expect(answerTo(["m=audio 4000 RTP/AVP 97", "a=rtpmap:97 L16/16000/2"])).toBeUndefined();
    expect(answerTo(["m=audio 4000 RTP/AVP 97", "a=rtpmap:97 L16/44100"])).toBeUndefined();
  });

  test("comfort noise is taken if it is wanted", () => {
    const lines = ["m=audio 4000 RTP/AVP 8 13"];
    expect(agreed(lines)?.comfortNoise).toBeUndefined();
    expect(agreed(lines, { comfortNoise: true })?.comfortNoise).toBe(13);
    expect(answerTo(lines, { ...LOCAL, audio: { ...AUDIO, comfortNoise: true } })).toBe(
      "m=audio 40000 RTP/AVP 8 13 | a=rtpmap:8 PCMA/8000 | a=rtpmap:13 CN/8000 | a=ptime:20 | a=sendrecv",
    );
  });

  test.each([
    ["none that we speak", ["m=audio 4000 RTP/AVP 18 9"]],
    ["a payload type that is used for something else", ["m=audio 4000 RTP/AVP 8", "a=rtpmap:8 opus/48000/2"]],
    ["encryption", ["m=audio 4000 RTP/SAVP 8"]],
    ["no audio", ["m=video 4000 RTP/AVP 99", "a=rtpmap:99 H264/90000"]],
    ["audio that is off", ["m=audio 0 RTP/AVP 8"]],
    ["a host name, which nobody looks up", ["m=audio 4000 RTP/AVP 8", "c=IN IP4 pbx.example.com"]],
    ["nothing", []],
  ])("%s: 488", (_, lines) => {
    expect(answerTo(lines)).toBeUndefined();
  });
});

describe("the rest of an offer", () => {
  test("is refused line for line, in order", () => {
    const lines = [
      "m=image 5000 udptl t38",
      "m=audio 4000 RTP/AVP 8",
      "m=audio 4002 RTP/AVP 8",
      "m=video 4004 RTP/AVP 99 34",
      "a=rtpmap:99 VP8/90000",
    ];
    const local = { ...LOCAL, video: { port: 40_002, direction: "sendrecv" } } as const;
    expect(answerTo(lines, local)).toBe(
      [
        "m=image 0 udptl t38",
        "m=audio 40000 RTP/AVP 8 | a=rtpmap:8 PCMA/8000 | a=ptime:20 | a=sendrecv",
        "m=audio 0 RTP/AVP 8",
        "m=video 0 RTP/AVP 99",
      ].join(" | "),
    );
  });
});

describe("hold", () => {
  test.each([
    [[], "sendrecv", "sendrecv"],
    [["a=sendonly"], "sendrecv", "recvonly"],
    [["a=recvonly"], "sendrecv", "sendonly"],
    [["a=inactive"], "sendrecv", "inactive"],
    [["c=IN IP4 0.0.0.0"], "sendrecv", "recvonly"],
    [["c=IN IP4 0.0.0.0", "a=sendonly"], "sendrecv", "recvonly"],
    [["c=IN IP4 0.0.0.0", "a=inactive"], "sendrecv", "inactive"],
    [["c=IN IP4 0.0.0.0", "a=recvonly"], "sendrecv", "inactive"],
    [["a=sendrecv"], "sendonly", "sendonly"],
    [["a=sendonly"], "sendonly", "inactive"],
    [["a=sendrecv"], "inactive", "inactive"],
  ] as const)("%j, we want %s: %s", (attributes, wanted, answered) => {
    expect(agreed(["m=audio 4000 RTP/AVP 8", ...attributes], { direction: wanted })?.direction).toBe(
      answered,
    );
  });

  test("for the whole session, unless a medium says otherwise", () => {
    expect(agreed(["a=sendonly", "m=audio 4000 RTP/AVP 8"])?.direction).toBe("recvonly");
    expect(agreed(["a=sendonly", "m=audio 4000 RTP/AVP 8", "a=sendrecv"])?.direction).toBe("sendrecv");
  });
});

describe("where media go", () => {
  test.each([
    [["m=audio 4000 RTP/AVP 8"], { address: "192.0.2.9", rtpPort: 4000, rtcpPort: 4001 }],
    [
      ["m=audio 4000 RTP/AVP 8", "c=IN IP4 192.0.2.50"],
      { address: "192.0.2.50", rtpPort: 4000, rtcpPort: 4001 },
    ],
    [["m=audio 4000 RTP/AVP 8", "a=rtcp:5003 IN IP4 192.0.2.50"], { address: "192.0.2.9", rtcpPort: 5003 }],
    [["m=audio 65535 RTP/AVP 8"], { rtpPort: 65_535, rtcpPort: 65_535 }],
    [["m=audio 4000 RTP/AVP 8", "c=IN IP6 2001:db8::9"], { address: "2001:db8::9" }],
  ])("%j", (lines, remote) => {
    expect(agreed(lines)?.remote).toMatchObject(remote);
  });
});

test.each([
  [20, [], 20],
  [20, ["a=ptime:30"], 20],
  [60, ["a=maxptime:40"], 40],
  [60, ["a=maxptime:35"], 30],
  [20, ["a=maxptime:5"], 10],
  [20, ["a=maxptime:x"], 20],
])("packets of %d ms with %j: %d ms", (ptimeMs, attributes, expected) => {
  expect(agreed(["m=audio 4000 RTP/AVP 8", ...attributes], { ptimeMs })?.ptimeMs).toBe(expected);
});

describe("H.264", () => {
  const local = { ...LOCAL, video: { port: 40_002, direction: "sendrecv" } } as const;
  const video = (...lines: string[]) =>
    answerOffer(offer("m=audio 4000 RTP/AVP 8", "m=video 4002 RTP/AVP 99 97", ...lines), local)?.agreement
      .video;
  const maps = ["a=rtpmap:99 H264/90000", "a=rtpmap:97 H264/90000"];

  test.each([
    [
      ["a=fmtp:99 packetization-mode=0", "a=fmtp:97 profile-level-id=640028; packetization-mode=1"],
      97,
      1,
      "640028",
    ],
    [["a=fmtp:99 profile-level-id=42E00D", "a=fmtp:97 packetization-mode=0"], 99, 0, "42e00d"],
    [["a=fmtp:99 profile-level-id=x"], 97, 1, "42e01f"],
  ])("%j", (fmtp, payloadType, packetizationMode, profileLevelId) => {
    expect(video(...maps, ...fmtp)).toMatchObject({ payloadType, packetizationMode, profileLevelId });
  });
});

describe("our own offer", () => {
  test("has all that is allowed", () => {
    const local = { ...LOCAL, audio: { ...AUDIO, comfortNoise: true } };
    expect(
      new TextDecoder()
        .decode(encodeSdp(makeOffer(local)))
        .split("\r\n")
        .slice(5),
    ).toEqual([
      "m=audio 40000 RTP/AVP 96 8 0 102 101 13",
      "a=rtpmap:96 L16/16000",
      "a=rtpmap:8 PCMA/8000",
      "a=rtpmap:0 PCMU/8000",
      "a=rtpmap:102 telephone-event/16000",
      "a=fmtp:102 0-15",
      "a=rtpmap:101 telephone-event/8000",
      "a=fmtp:101 0-15",
      "a=rtpmap:13 CN/8000",
      "a=ptime:20",
      "a=sendrecv",
      "",
    ]);
  });

  test("is agreed on by its answer", () => {
    const local = { ...LOCAL, video: { port: 40_002, direction: "sendrecv" } } as const;
    const theirs: LocalSession = {
      ...local,
      address: "192.0.2.9",
      audio: { ...AUDIO, port: 5000, codecs: ["PCMA"] },
    };
    const answer = answerOffer(makeOffer(local), theirs)?.answer;
    expect(answer && readAnswer(answer, local)).toMatchObject({
      audio: {
        codec: "PCMA",
        payloadType: 8,
        telephoneEvent: 101,
        remote: { address: "192.0.2.9", rtpPort: 5000 },
      },
      video: { payloadType: 103, packetizationMode: 1 },
    });
    expect(readAnswer(offer("m=audio 0 RTP/AVP 8"), local)).toBeUndefined();
  });

  test("has what comes to us bear our numbers, and the answer's where they mean nothing else", () => {
    const map = ["a=rtpmap:0 PCMU/8000", "a=rtpmap:96 telephone-event/8000", "a=rtpmap:101 PCMA/8000"];
    const agreement = readAnswer(offer("m=audio 4000 RTP/AVP 0 96 101 18", ...map), LOCAL);
    expect(agreement?.audio).toMatchObject({ codec: "PCMU", payloadType: 0, telephoneEvent: 96 });
    expect([...(agreement?.audio.receivable ?? [])].sort()).toEqual([
      [0, "PCMU"],
      [101, "TELEPHONE-EVENT"],
      [8, "PCMA"],
      [96, "TELEPHONE-EVENT"],
    ]);
  });
});

test("the words of an m= line are read in capitals or not", () => {
  expect(agreed(["m=AUDIO 4000 rtp/avp 8"])?.codec).toBe("PCMA");
});
