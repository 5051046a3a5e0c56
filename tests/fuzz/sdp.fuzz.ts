import type { LocalSession } from "../../src/protocols/sdp/agreement.ts";
import { answerOffer, makeOffer, readAnswer } from "../../src/protocols/sdp/offer-answer.ts";
import { decodeSdp, encodeSdp } from "../../src/protocols/sdp/session-description.ts";
import { decodeMessage } from "../../src/protocols/sip/message.ts";
import { readAllRecorded } from "../protocols/sip/recorded.ts";
import type { FuzzTarget } from "./fuzz.ts";

const local: LocalSession = {
  address: "192.0.2.1",
  sessionId: "1",
  version: 1,
  audio: {
    port: 40_000,
    codecs: ["L16", "PCMA", "PCMU"],
    ptimeMs: 20,
    comfortNoise: true,
    direction: "sendrecv",
  },
  video: { port: 40_002, direction: "sendrecv" },
};

/** What is answered must be readable, and be what the answer says. */
export const target: FuzzTarget = {
  name: "sdp",
  seeds: [
    ...readAllRecorded()
      .map(({ bytes }) => decodeMessage(bytes).body)
      .filter(({ length }) => length > 0),
    encodeSdp(makeOffer(local)),
  ],
  run(input) {
    const offer = decodeSdp(input);
    readAnswer(offer, local);
    const result = answerOffer(offer, local);
    if (result === undefined) return;
    const answer = decodeSdp(encodeSdp(result.answer));
    if (answer.media.length !== offer.media.length)
      throw new Error("the answer has other media than the offer");
    if (readAnswer(answer, local)?.audio.payloadType !== result.agreement.audio.payloadType) {
      throw new Error("the answer does not say what was agreed");
    }
  },
};
