import type { ClientDirectory, ClientWatcher } from "../../calls/ports.ts";
import type { Clock } from "../../clock.ts";
import type { Logger } from "../../log.ts";
import { CloseCode } from "../../protocols/signaling/codes.ts";
import { type ClientProfile, type ClientSocket, Registration } from "./registration.ts";
import { ResponseMemory } from "./response-memory.ts";

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
  /** As the directory has them. */
  readonly displayName: string | undefined;
  readonly openid: string | undefined;
};

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

  watch(watcher: ClientWatcher): Disposable {
    this.#watcher = watcher;
    return {
      [Symbol.dispose]: () => {
        if (this.#watcher === watcher) this.#watcher = undefined;
      },
    };
  }

  find(user: string): Registration | undefined {
    return this.#byUser.get(user);
  }

  snapshot(): RegistrationSnapshot[] {
    const nowMs = this.#options.clock.nowMs();
    return [...this.#byUser.values()].map(
      ({ user, socket, profile, registeredWallMs, waitingCount, account }) => ({
        user,
        from: socket?.from,
        appname: profile.appname,
        version: profile.version,
        protoname: profile.protoname,
        registeredAt: new Date(registeredWallMs).toISOString(),
        connected: socket !== undefined,
        idleMs: socket && nowMs - socket.lastFrameMs,
        waitingRequests: waitingCount,
        displayName: account?.displayName,
        openid: account?.openid,
      }),
    );
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

  /**
   * The socket that holds the registration is gone. The user is waited for if it has calls, or if the socket was lost
   * before it could confirm the end of one.
   * @param isLost false when the client took leave
   */
  detach(registration: Registration, socket: ClientSocket, isLost: boolean): void {
    const { user } = registration;
    registration.socket = undefined;
    registration.lostAtMs = this.#options.clock.nowMs();
    const hasCalls = this.#watcher?.clientLost(user) ?? false;
    const isKept = hasCalls || (isLost && registration.isOwedEnding);
    this.#options.log.info("signaling.unregistered", { user, from: socket.from, waited: isKept });
    if (isKept) this.#lost.add(registration);
    else this.#byUser.delete(user);
  }

  /** The gateway stops: nobody is waited for. */
  forgetAll(): void {
    this.#byUser.clear();
    this.#lost.clear();
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
