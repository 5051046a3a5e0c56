import type { Request } from "../../protocols/signaling/message.ts";

/** Far more than the requests that one client can have on the way. */
export const MAX_REMEMBERED = 64;

/** The responses that a client was sent, for requests that come twice. Oldest forgotten first. */
export class ResponseMemory {
  readonly #responses = new Map<string, string>();

  get size(): number {
    return this.#responses.size;
  }

  /** The response's text to the same (sessionid, method, order). */
  recall(request: Request): string | undefined {
    return this.#responses.get(keyOf(request));
  }

  remember(request: Request, response: string): void {
    this.#responses.set(keyOf(request), response);
    const oldest = this.#responses.keys().next().value;
    if (this.#responses.size > MAX_REMEMBERED && oldest !== undefined) this.#responses.delete(oldest);
  }
}

function keyOf({ method, order, sessionid }: Request): string {
  return `${method} ${order} ${sessionid}`;
}
