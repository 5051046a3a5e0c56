import type { ClientLink, ClientRequest } from "../../calls/ports.ts";
import type { Clock } from "../../clock.ts";
import type { Logger } from "../../log.ts";
import { hasEvents, type Protoname, type Response } from "../../protocols/signaling/message.ts";
import type { User } from "../../users/directory.ts";
import { Outbox } from "./outbox.ts";
import { ResponseMemory } from "./response-memory.ts";

/** The socket under a registration. */
export interface ClientSocket {
  /** The peer's `address:port`, for logs and listings. */
  readonly from: string;
  readonly lastFrameMs: number;
  /** What it has not taken yet, as far as the system tells. */
  readonly unsentByteCount: number;
  send(text: string): void;
  close(code: number, reason: string): void;
}

/** A client on a slow link is given no more texts than it takes, and none again while others are on their way. */
const MOST_UNSENT = { text: 65_536, "repeated text": 4_096 };

export type ClientProfile = {
  readonly version: string;
  readonly appname: string;
  readonly protoname: Protoname;
  /** How the client reached us, as it stands in a URL. */
  readonly host: string;
  readonly isSecure: boolean;
  /** Where it comes from, without the port. */
  readonly address: string;
};

/** One registered user: outlives its socket for a while, so that calls do. */
export class Registration implements ClientLink {
  socket: ClientSocket | undefined;
  lostAtMs = 0;
  /** As it logged in last. */
  account: User | undefined;
  /** The responses to what was asked within calls: a client that comes back may ask again. */
  responses = new ResponseMemory();
  #outbox: Outbox | undefined;
  /** Whether the log was told, once until the client answers: nobody who never does, or is flooded, may flood the log. */
  #isLossLogged = false;

  constructor(
    readonly user: string,
    public profile: ClientProfile,
    readonly registeredWallMs: number,
    readonly clock: Clock,
    readonly log: Logger,
  ) {}

  get appname(): string {
    return this.profile.appname;
  }

  get maxCalls(): number | undefined {
    return this.account?.maxCalls;
  }

  get displayName(): string | undefined {
    return this.account?.displayName;
  }

  get hasEvents(): boolean {
    return hasEvents(this.profile.version);
  }

  get host(): string {
    return this.profile.host;
  }

  get isSecure(): boolean {
    return this.profile.isSecure;
  }

  get address(): string {
    return this.profile.address;
  }

  get waitingCount(): number {
    return this.#outbox?.size ?? 0;
  }

  send(request: ClientRequest): void {
    this.#outbox ??= new Outbox();
    const { version, protoname, host: realm } = this.profile;
    if (request.method === "invite") this.responses.forget(request.sessionid);
    const dropped = this.#outbox.add(request, { version, protoname, realm });
    for (const lost of dropped) this.#logLoss("signaling.request-dropped", lost);
    this.flush();
  }

  hasRoomFor(sender: string, text: string): boolean {
    return this.#outbox?.hasRoomFor(sender, text) ?? true;
  }

  withdraw(sessionid: string, method: ClientRequest["method"]): void {
    this.#outbox?.withdraw(sessionid, method);
  }

  get isOwedEnding(): boolean {
    return this.#outbox?.hasEnding ?? false;
  }

  isBeingEnded(sessionid: string): boolean {
    return this.#outbox?.has(sessionid, "bye") || this.#outbox?.has(sessionid, "cancel") || false;
  }

  settle(response: Response): void {
    this.#isLossLogged = false;
    this.#outbox?.settle(response);
    this.flush();
  }

  /** A new socket took over: what the old one may have lost is sent again, in order. */
  resume(): void {
    this.#outbox?.rewind();
    this.flush();
  }

  /** Sends what is due, if there is a socket. */
  flush(): void {
    const { socket } = this;
    if (socket === undefined || this.#outbox === undefined) return;
    const givenUp = this.#outbox.flush(this.clock.nowMs(), (text, urgency) => {
      if (urgency !== "call" && socket.unsentByteCount > MOST_UNSENT[urgency]) return false;
      socket.send(text);
      return true;
    });
    for (const request of givenUp) this.#logLoss("signaling.request-unanswered", request);
  }

  #logLoss(event: string, { method, sessionid }: ClientRequest): void {
    if (this.#isLossLogged) return;
    this.#isLossLogged = true;
    this.log.warn(event, { user: this.user, version: this.profile.version, method, session: sessionid });
  }
}
