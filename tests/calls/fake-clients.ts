import type { ClientDirectory, ClientLink, ClientRequest, ClientWatcher } from "../../src/calls/ports.ts";
import type { ResponseData } from "../../src/protocols/signaling/message.ts";

/** A client whose socket is a list: what it was sent stays in `sent` until a test answers. */
export class FakeClient implements ClientLink {
  readonly sent: ClientRequest[] = [];
  readonly withdrawn: string[] = [];
  readonly beingEnded = new Set<string>();
  appname = "wx";
  hasEvents = true;
  hasRoom = true;
  host = "gw.example";
  isSecure = false;
  address = "192.0.2.1";
  maxCalls: number | undefined;
  displayName: string | undefined;

  constructor(readonly user: string) {}

  send(request: ClientRequest): void {
    this.sent.push(request);
    if (request.method === "bye" || request.method === "cancel") this.beingEnded.add(request.sessionid);
  }

  hasRoomFor(): boolean {
    return this.hasRoom;
  }

  withdraw(sessionid: string, method: string): void {
    this.withdrawn.push(`${method} ${sessionid}`);
  }

  isBeingEnded(sessionid: string): boolean {
    return this.beingEnded.has(sessionid);
  }

  /** The methods it was sent, a message by its event. */
  get methods(): string[] {
    return this.sent.map(({ method, data }) => data.event ?? method);
  }

  last(method: string): ClientRequest {
    const found = this.sent.findLast((request) => request.method === method);
    if (found === undefined) throw new Error(`${this.user} was sent no ${method}`);
    return found;
  }

  /** Answers the invite: ringing on 200ok. */
  respond(data: Partial<ResponseData> = {}): void {
    this.last("invite").onOutcome?.({ code: "200ok", msg: "OK", ...data });
  }
}

export class FakeClients implements ClientDirectory {
  readonly byUser = new Map<string, FakeClient>();
  watcher: ClientWatcher | undefined;

  add(user: string): FakeClient {
    const client = new FakeClient(user);
    this.byUser.set(user, client);
    return client;
  }

  find(user: string): FakeClient | undefined {
    return this.byUser.get(user);
  }

  watch(watcher: ClientWatcher): Disposable {
    this.watcher = watcher;
    return { [Symbol.dispose]: () => {} };
  }
}
