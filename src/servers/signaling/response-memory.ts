import type { Request } from "../../protocols/signaling/message.ts";

/** Far more than the requests that one client can have on the way. */
const MAX_REMEMBERED = 64;

type Answered = {
  readonly sessionid: string;
  readonly response: string;
  readonly from: string;
  readonly dataHash: bigint | number;
};

/** The responses that a client was sent, for requests that come twice. Oldest forgotten first. */
export class ResponseMemory {
  readonly #responses = new Map<string, Answered>();

  get size(): number {
    return this.#responses.size;
  }

  /**
   * The response's text to the same (sessionid, method, order). A client may count anew on a new socket, so that there
   * only the same data makes it the same request.
   * @param from names the socket
   */
  recall(request: Request, from: string): string | undefined {
    const answered = this.#responses.get(keyOf(request));
    if (answered === undefined) return undefined;
    return answered.from === from || answered.dataHash === hashData(request) ? answered.response : undefined;
  }

  remember(request: Request, from: string, response: string): void {
    const { sessionid } = request;
    this.#responses.set(keyOf(request), { sessionid, response, from, dataHash: hashData(request) });
    const oldest = this.#responses.keys().next().value;
    if (this.#responses.size > MAX_REMEMBERED && oldest !== undefined) this.#responses.delete(oldest);
  }

  /** A new call opens the session anew, and may count its orders anew. */
  forget(sessionid: string): void {
    for (const [key, answered] of this.#responses) {
      if (answered.sessionid === sessionid) this.#responses.delete(key);
    }
  }
}

function hashData({ data }: Request): bigint | number {
  return Bun.hash(JSON.stringify(data));
}

function keyOf({ method, order, sessionid }: Request): string {
  return `${method} ${order} ${sessionid}`;
}
