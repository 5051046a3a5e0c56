import { keepNewest } from "../../bounded-map.ts";
import { isRequest, type SipMessage } from "../../protocols/sip/message.ts";
import { Bucket, type Rate } from "../bucket.ts";

/** One message, by its size and by whether it asks for something new or goes on with what there is. */
export type MessageCost = { readonly byteCount: number; readonly isNew: boolean };

/** In messages; one costs one for each KiB that it has begun. A FreeSWITCH that places 200 calls a second, of six messages each. */
const KNOWN: Rate = { perSecond: 1200, burst: 2400 };
const UNKNOWN: Rate = { perSecond: 100, burst: 300 };
/** All sources together that are not known. */
const ALL_UNKNOWN: Rate = { perSecond: 500, burst: 1000 };
const COST_BYTES = 1024;
/** The longest unheard of are forgotten first. */
const MAX_SOURCES = 10_000;

/**
 * How much SIP each source may send, asked before anything is parsed: a message beyond it is dropped, and comes again
 * if it was meant. Sources that have talked before have a larger budget, which strangers can't use up.
 */
export class MessageBudget {
  readonly #sources = new Map<string, Bucket>();
  #unknown: Bucket | undefined;

  /** Whether the message may be read; if so its cost is spent. */
  take(source: string, isKnown: boolean, { byteCount, isNew }: MessageCost, nowMs: number): boolean {
    const cost = Math.ceil(byteCount / COST_BYTES);
    const bucket = this.#bucketOf(source, isKnown ? KNOWN : UNKNOWN, nowMs);
    if (!bucket.has(cost, nowMs, reserveOf(bucket, isNew))) return false;
    if (!isKnown) {
      this.#unknown ??= new Bucket(ALL_UNKNOWN, nowMs);
      if (!this.#unknown.has(cost, nowMs, reserveOf(this.#unknown, isNew))) return false;
      this.#unknown.spend(cost);
    }
    bucket.spend(cost);
    return true;
  }

  /** Its place is at the end of the row from now on. A source that has become known gets another bucket. */
  #bucketOf(source: string, rate: Rate, nowMs: number): Bucket {
    const known = this.#sources.get(source);
    const bucket = known?.rate === rate ? known : new Bucket(rate, nowMs);
    keepNewest(this.#sources, source, bucket, MAX_SOURCES);
    return bucket;
  }
}

/** What is new leaves half of the bucket to what goes on: answers, ACK, BYE. */
function reserveOf({ rate }: Bucket, isNew: boolean): number {
  return isNew ? rate.burst / 2 : 0;
}

/** A response, or a request within a call or about an INVITE: told by the first four bytes. */
const GOING_ON = new Set(["SIP/", "ACK ", "BYE ", "CANC", "UPDA", "INFO", "PRAC"]);

export function costOf(datagram: Uint8Array): MessageCost {
  const start = String.fromCharCode(...datagram.subarray(0, 4));
  return { byteCount: datagram.length, isNew: !GOING_ON.has(start) };
}

/** Of a message that a connection brought, which has been read already. */
export function costOfMessage(message: SipMessage): MessageCost {
  const isNew = isRequest(message) && !GOING_ON.has(`${message.method} `.slice(0, 4));
  return { byteCount: COST_BYTES + message.body.length, isNew };
}
