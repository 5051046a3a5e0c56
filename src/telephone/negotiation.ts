import { expectPeerFault } from "../errors.ts";
import type { Logger } from "../log.ts";
import type { AgreedAudio, AudioCodecName, LocalSession } from "../protocols/sdp/agreement.ts";
import { answerOffer, makeOffer, readAnswer } from "../protocols/sdp/offer-answer.ts";
import { decodeSdp, encodeSdp } from "../protocols/sdp/session-description.ts";

export type NegotiationOptions = {
  /** Where our RTP is reached. */
  readonly host: string;
  readonly port: number;
  /** The best comes first. */
  readonly codecs: readonly AudioCodecName[];
  readonly ptimeMs: number;
  readonly log: Logger;
};

/** Whether an offer can be taken at all. It is asked before anybody is called. */
export function isAcceptable(offer: Uint8Array, options: Omit<NegotiationOptions, "port">): boolean {
  return new Negotiation({ ...options, port: ANY_PORT }).answer(offer) !== undefined;
}

const ANY_PORT = 1024;

/** Our side of offers and answers about the sound of one call. */
export class Negotiation {
  readonly #options: NegotiationOptions;
  #version = 0;

  constructor(options: NegotiationOptions) {
    this.#options = options;
  }

  /** Our offer, with all that we speak. */
  offer(): Uint8Array {
    return encodeSdp(makeOffer(this.#describe()));
  }

  /** Answers an offer. Returns undefined, and logs a line, for an offer that we can't take. */
  answer(offer: Uint8Array): { readonly sdp: Uint8Array; readonly audio: AgreedAudio } | undefined {
    const agreed = this.#read(() => answerOffer(decodeSdp(offer), this.#describe()));
    return agreed && { sdp: encodeSdp(agreed.answer), audio: agreed.agreement.audio };
  }

  /** Reads the answer to our offer. Returns undefined, and logs a line, for one without a codec of ours. */
  readAnswer(answer: Uint8Array): AgreedAudio | undefined {
    return this.#read(() => readAnswer(decodeSdp(answer), this.#describe()))?.audio;
  }

  #describe(): LocalSession {
    const { host, port, codecs, ptimeMs } = this.#options;
    // We understand comfort noise, but do not offer it: we have not measured what FreeSWITCH does then.
    const audio = { port, codecs, ptimeMs, comfortNoise: false, direction: "sendrecv" } as const;
    return { address: host, sessionId: String(port), version: ++this.#version, audio };
  }

  #read<T>(read: () => T | undefined): T | undefined {
    try {
      const found = read();
      if (found === undefined) this.#options.log.warn("telephone.no-common-codec");
      return found;
    } catch (thrown) {
      this.#options.log.warn("telephone.bad-sdp", { reason: expectPeerFault(thrown).message });
      return undefined;
    }
  }
}
