import type { ClientDirectory, ClientLink, ClientRequest, ClientWatcher } from "../../calls/ports.ts";
import type { Clock } from "../../clock.ts";
import type { Logger } from "../../log.ts";
import { CloseCode } from "../../protocols/signaling/codes.ts";
import { hasEvents, type Protoname, type Response } from "../../protocols/signaling/message.ts";
import { Outbox } from "./outbox.ts";
import { ResponseMemory } from "./response-memory.ts";

/** The socket under a registration. */
export interface ClientSocket {
  /** The peer's `address:port`, for logs and listings. */
  readonly from: string;
  readonly lastFrameMs: number;
  send(text: string): void;
  close(code: number, reason: string): void;
}

export type ClientProfile = {
  readonly version: string;
  readonly appname: string;
  readonly protoname: Protoname;
  /** How the client reached us, as it stands in a URL. */
  readonly host: string;
};

export type RegistrationsOptions = { readonly resumeMs: number; readonly clock: Clock; readonly log: Logger };

export type RegistrationSnapshot = {
  readonly user: string;
  readonly from: string | undefined;
  readonly appname: string;
  readonly version: string;
  readonly protoname: string;
  /** ISO 8601. */
  readonly registeredAt: string;
  readonly connected: boolean;
  /** Since the last frame, while connected. */
  readonly idleMs: number | undefined;
  readonly waitingRequests: number;
};

/** One registered user: outlives its socket for a while, so that calls do. */
export class Registration implements ClientLink {
  socket: ClientSocket | undefined;
  lostAtMs = 0;
  /** Of what was asked within calls: a client that comes back may ask again. */
  responses = new ResponseMemory();
  #outbox: Outbox | undefined;

  constructor(
    readonly user: string,
    public profile: ClientProfile,
    readonly registeredWallMs: number,
    readonly clock: Clock,
    readonly log: Logger,
  ) {}

  get hasEvents(): boolean {
    return hasEvents(this.profile.version);
  }

  get host(): string {
    return this.profile.host;
  }

  get waitingCount(): number {
    return this.#outbox?.size ?? 0;
  }

  send(request: ClientRequest): void {
    this.#outbox ??= new Outbox();
    const { version, protoname, host: realm } = this.profile;
    const { dropped } = this.#outbox.add(request, { version, protoname, realm });
    if (dropped !== undefined) this.#logLoss("signaling.request-dropped", dropped);
    this.flush();
  }

  withdraw(sessionid: string, method: ClientRequest["method"]): void {
    this.#outbox?.withdraw(sessionid, method);
  }

  isBeingEnded(sessionid: string): boolean {
    return this.#outbox?.has(sessionid, "bye") || this.#outbox?.has(sessionid, "cancel") || false;
  }

  settle(response: Response): void {
    this.#outbox?.settle(response);
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
    const givenUp = this.#outbox.flush(this.clock.nowMs(), (text) => socket.send(text));
    for (const request of givenUp) this.#logLoss("signaling.request-unanswered", request);
  }

  #logLoss(event: string, { method, sessionid }: ClientRequest): void {
    this.log.warn(event, { user: this.user, method, session: sessionid });
  }
}

/** Who is registered, on which socket; and who is waited for. */
export class Registrations implements ClientDirectory {
  readonly #options: RegistrationsOptions;
  readonly #byUser = new Map<string, Registration>();
  readonly #lost = new Set<Registration>();
  #watcher: ClientWatcher | undefined;

  constructor(options: RegistrationsOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#byUser.size;
  }

  watch(watcher: ClientWatcher): void {
    this.#watcher = watcher;
  }

  find(user: string): Registration | undefined {
    return this.#byUser.get(user);
  }

  snapshot(): RegistrationSnapshot[] {
    const nowMs = this.#options.clock.nowMs();
    return [...this.#byUser.values()].map(({ user, socket, profile, registeredWallMs, waitingCount }) => ({
      user,
      from: socket?.from,
      appname: profile.appname,
      version: profile.version,
      protoname: profile.protoname,
      registeredAt: new Date(registeredWallMs).toISOString(),
      connected: socket !== undefined,
      idleMs: socket && nowMs - socket.lastFrameMs,
      waitingRequests: waitingCount,
    }));
  }

  /** Binds the user to this socket. The older socket of the same user, if any, is closed as replaced. */
  attach(user: string, socket: ClientSocket, profile: ClientProfile): Registration {
    const { clock, log } = this.#options;
    const known = this.#byUser.get(user);
    if (known === undefined) {
      const made = new Registration(user, profile, clock.wallMs(), clock, log);
      made.socket = socket;
      this.#byUser.set(user, made);
      return made;
    }
    const older = known.socket;
    known.socket = socket;
    known.profile = profile;
    this.#lost.delete(known);
    if (older === socket) return known;
    if (older !== undefined) {
      log.info("signaling.replaced", { user, from: older.from, by: socket.from });
      older.close(CloseCode.replaced, "replaced");
    }
    if (!this.#watcher?.clientBack(user)) known.responses = new ResponseMemory();
    return known;
  }

  /** The socket is gone. The user is waited for if it has calls. */
  detach(registration: Registration, socket: ClientSocket): void {
    if (registration.socket !== socket) return;
    const { user } = registration;
    registration.socket = undefined;
    registration.lostAtMs = this.#options.clock.nowMs();
    const isKept = this.#watcher?.clientLost(user) ?? false;
    this.#options.log.info("signaling.unregistered", { user, from: socket.from, waited: isKept });
    if (isKept) this.#lost.add(registration);
    else this.#byUser.delete(user);
  }

  /** Repeats what is unanswered and gives up whoever stayed away too long; to be called every second or so. */
  sweep(nowMs: number): void {
    for (const registration of this.#lost) {
      if (nowMs - registration.lostAtMs < this.#options.resumeMs) continue;
      this.#lost.delete(registration);
      this.#byUser.delete(registration.user);
      this.#options.log.info("signaling.gave-up", { user: registration.user });
      this.#watcher?.clientGone(registration.user);
    }
    for (const registration of this.#byUser.values()) registration.flush();
  }
}
