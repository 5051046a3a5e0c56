import type { Request } from "../../protocols/signaling/message.ts";

/** Far more than the requests that one client can have on the way. */
export const MAX_REMEMBERED = 64;

type Answered = { readonly response: string; readonly from: string; readonly dataHash: bigint | number };

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
    this.#responses.set(keyOf(request), { response, from, dataHash: hashData(request) });
    const oldest = this.#responses.keys().next().value;
    if (this.#responses.size > MAX_REMEMBERED && oldest !== undefined) this.#responses.delete(oldest);
  }
}

function hashData({ data }: Request): bigint | number {
  return Bun.hash(JSON.stringify(data));
}

function keyOf({ method, order, sessionid }: Request): string {
  return `${method} ${order} ${sessionid}`;
}
