import type { LegProgress } from "../calls/ports.ts";
import type { Timer } from "../clock.ts";
import { AppError, messageOf } from "../errors.ts";
import type { PlacedCall } from "../telephone/switch.ts";
import { askForAwaited } from "./awaited.ts";
import { type ChannelEvent, readHeader } from "./channel-event.ts";
import { createLegIds, type LegIds } from "./leg-ids.ts";
import type { EslLink } from "./link.ts";
import { LinkKeeper, type LinkKeeperOptions, type LinkStatus } from "./link-keeper.ts";
import { findCall, isSignOfLife, type LiveCall } from "./live-call.ts";
import { buildOriginate, type CallRequest, checkModuleCommand } from "./originate.ts";
import { compareChannels, parseChannels } from "./reconcile.ts";
import { TelephoneCall } from "./telephone-call.ts";

export type FreeswitchOptions = Omit<LinkKeeperOptions, "onUp" | "onDown" | "onEvent"> & {
  /** Where our SIP user agent listens, as host:port: FreeSWITCH calls it for every call out. */
  readonly sipAddress: string;
  readonly sipProfile: string;
  /** Fills its argument with random bytes. */
  readonly randomBytes: (bytes: Uint8Array) => void;
};

/** The cause of a call whose originate was on its way when the link was lost, or that has no link. */
const NO_LINK_CAUSE = "NETWORK_OUT_OF_ORDER";
/** The cause of a call that FreeSWITCH knows nothing of any more. */
const FORGOTTEN_CAUSE = "NORMAL_TEMPORARY_FAILURE";
/** How often FreeSWITCH is asked for telephones that have not answered. */
const AWAIT_MS = 3000;
/** FreeSWITCH answers within milliseconds. */
const ANSWER_MS = 600;
const HUNG_UP_CAUSE = "NORMAL_CLEARING";
const MAX_DOUBTFUL = 1000;

/** Places calls through FreeSWITCH's event socket and tells what becomes of them; keeps the link up for ever. */
export class FreeswitchClient implements AsyncDisposable {
  readonly #options: FreeswitchOptions;
  readonly #keeper: LinkKeeper;
  readonly #legIds: LegIds;
  readonly #calls = new Map<string, LiveCall>();
  readonly #awaitTimer: Timer;
  /** Our legs that may live on in FreeSWITCH though their calls have ended here. */
  readonly #doubtful = new Set<string>();

  constructor(options: FreeswitchOptions) {
    this.#options = options;
    this.#legIds = createLegIds(options.sipAddress, options.randomBytes);
    this.#keeper = new LinkKeeper({
      ...options,
      onUp: (link) => this.#reconcile(link),
      onDown: () => this.#endUnconfirmed(),
      onEvent: (event) => this.#handle(event),
    });
    this.#awaitTimer = options.clock.every(AWAIT_MS, () => {
      if (this.#keeper.link !== undefined) askForAwaited(this.#keeper.link, this.#calls.values());
    });
  }

  get status(): LinkStatus & { readonly callCount: number } {
    return { ...this.#keeper.status, callCount: this.#calls.size };
  }

  /** Why no call can be placed at present, as an error code; undefined if one can. */
  get problem(): string | undefined {
    return this.#keeper.link === undefined ? (this.status.problem ?? "esl.connecting") : undefined;
  }

  /** Whether there is no link, or FreeSWITCH has not answered for longer than it ever takes. */
  get seemsGone(): boolean {
    const { link } = this.#keeper;
    return link === undefined || link.unansweredMs >= ANSWER_MS;
  }

  /** Asks FreeSWITCH whether it is there, unless it was heard just now. */
  ask(): void {
    this.#keeper.link?.ask(ANSWER_MS);
  }

  /** Returns at once. Whenever the link fails, it is tried again. */
  start(): void {
    this.#keeper.start();
  }

  /**
   * Without a link `ended` is reported before it returns. Throws AppError `originate.bad-…` when a value could not be
   * written into a command.
   */
  placeCall({ route, ...request }: CallRequest, report: (event: LegProgress) => void): PlacedCall {
    const { sipAddress, sipProfile } = this.#options;
    const ourLegId = this.#legIds.create();
    const fullRoute = route.kind === "gateway" ? { ...route, farLegId: this.#legIds.create() } : route;
    const command = buildOriginate({ ...request, ourLegId, sipAddress, sipProfile, route: fullRoute });
    const call = new TelephoneCall(ourLegId, fullRoute, (event) => this.#report(ourLegId, event, report));
    return this.#place(
      { legId: ourLegId, call, hasFilter: false, isUp: false, isHungUp: false, hasEscaped: false },
      command,
    );
  }

  /**
   * Lets the vendor's module place the call, which moves the sound by itself; its channel bears the given id. Throws
   * AppError `originate.id-in-use`.
   * @param command `nway_wx_api` and its words, the id first
   */
  placeModuleCall(legId: string, command: string, report: (event: LegProgress) => void): PlacedCall {
    checkModuleCommand(legId, command);
    if (this.#calls.has(legId)) throw new AppError("peer", "originate.id-in-use");
    const route = { kind: "gateway", farLegId: legId } as const;
    const call = new TelephoneCall(undefined, route, (event) => this.#report(legId, event, report));
    return this.#place(
      { legId, call, hasFilter: true, isUp: false, isHungUp: false, hasEscaped: false },
      command,
    );
  }

  /** Whether FreeSWITCH has loaded a module; undefined without a link. */
  async hasModule(name: "mod_nway_wx" | "mod_sofia"): Promise<boolean | undefined> {
    try {
      return (await this.#keeper.link?.api(`module_exists ${name}`))?.startsWith("true");
    } catch {
      return undefined;
    }
  }

  /** Calls go on in FreeSWITCH: whoever places them hangs them up first. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#awaitTimer.cancel();
    await this.#keeper[Symbol.asyncDispose]();
    for (const { call } of [...this.#calls.values()]) call.end(NO_LINK_CAUSE);
  }

  /** A listener that fails must not cost the other calls their link. */
  #report(legId: string, event: LegProgress, report: (event: LegProgress) => void): void {
    if (event.kind === "ended") this.#forget(legId);
    try {
      report(event);
    } catch (thrown) {
      this.#options.log.error("freeswitch.report-failed", { leg: legId, reason: messageOf(thrown) });
    }
  }

  #forget(legId: string): void {
    if (this.#calls.get(legId)?.hasFilter) this.#filter("filter delete", legId);
    this.#calls.delete(legId);
  }

  #place(live: LiveCall, command: string): PlacedCall {
    const { link } = this.#keeper;
    if (link === undefined) {
      live.call.end(NO_LINK_CAUSE);
    } else {
      this.#calls.set(live.legId, live);
      if (live.hasFilter) this.#filter("filter", live.legId);
      this.#startJob(link, live, command);
    }
    return { ourLegId: live.legId, hangUp: () => this.#hangUp(live) };
  }

  #filter(verb: "filter" | "filter delete", legId: string): void {
    this.#keeper.link?.command(`${verb} Unique-ID ${legId}`).catch(() => {});
  }

  /** The job bears the call's id, so that its result finds it. */
  #startJob(link: EslLink, { legId, call }: LiveCall, command: string): void {
    link.command(`bgapi ${command}`, { "Job-UUID": legId }).then(
      (reply) => {
        if (reply.startsWith("+OK")) return;
        this.#options.log.warn("freeswitch.call-refused", { leg: legId, reply });
        call.end(FORGOTTEN_CAUSE);
      },
      // The link's end ends the call.
      () => {},
    );
  }

  #handle(event: ChannelEvent): void {
    if (readHeader(event, "Event-Name") === "BACKGROUND_JOB") {
      this.#handleJob(event);
      return;
    }
    const live = findCall(this.#calls, event);
    if (live === undefined) return;
    live.isUp ||= isSignOfLife(event, live);
    live.call.handle(event);
  }

  /** `+OK` says that our own leg is up, `-ERR <cause>` why it is not. */
  #handleJob(event: ChannelEvent): void {
    const live = this.#calls.get(readHeader(event, "Job-UUID") ?? "");
    if (live === undefined) return;
    const result = readHeader(event, "_body")?.trim() ?? "";
    if (!result.startsWith("+OK")) {
      live.call.end(result.replace(/^-ERR /, ""));
      return;
    }
    live.isUp = true;
    if (live.hasEscaped) this.#kill(live.legId, live);
  }

  #hangUp(live: LiveCall): void {
    if (live.call.hasEnded || live.isHungUp) return;
    live.isHungUp = true;
    if (this.#keeper.link !== undefined) {
      this.#kill(live.legId, live);
      return;
    }
    this.#doubt(live.legId);
    live.call.end(HUNG_UP_CAUSE);
  }

  /** A leg that is not there yet is killed again when it comes; one that is no more has ended unheard. */
  #kill(legId: string, live?: LiveCall): void {
    const wasUp = live?.isUp;
    this.#keeper.link?.api(`uuid_kill ${legId}`).then(
      (answer) => {
        if (live === undefined || answer.startsWith("+OK")) return;
        if (wasUp) live.call.end(HUNG_UP_CAUSE);
        else if (live.isUp) this.#kill(legId, live);
        else live.hasEscaped = true;
      },
      () => {},
    );
  }

  /** What was on its way when the link was lost may or may not have arrived. */
  #endUnconfirmed(): void {
    for (const { legId, call, isUp, isHungUp } of [...this.#calls.values()]) {
      if (isUp && !isHungUp) continue;
      this.#doubt(legId);
      call.end(isHungUp ? HUNG_UP_CAUSE : NO_LINK_CAUSE);
    }
  }

  #doubt(legId: string): void {
    if (this.#doubtful.size < MAX_DOUBTFUL) this.#doubtful.add(legId);
  }

  /** After each connect: what FreeSWITCH has of us and we do not know is ended there, and the other way round. */
  #reconcile(link: EslLink): void {
    const doubtful = [...this.#doubtful];
    this.#doubtful.clear();
    for (const legId of doubtful) this.#kill(legId);
    for (const { hasFilter, legId } of this.#calls.values()) if (hasFilter) this.#filter("filter", legId);
    link.api("show channels as json").then(
      (body) => this.#compare(link, body),
      (_: AppError) => {},
    );
  }

  #compare(link: EslLink, body: string): void {
    const { log } = this.#options;
    try {
      const calls = [...this.#calls.values()];
      const { orphans, missing, progress } = compareChannels(parseChannels(body), calls, this.#legIds.isOurs);
      for (const legId of orphans) this.#kill(legId);
      for (const { call, callState } of progress) call.call.catchUp(callState);
      for (const live of missing) if (live.isUp) this.#askFor(link, live);
      if (orphans.length + missing.length > 0) {
        log.info("freeswitch.reconciled", { orphanCount: orphans.length, missingCount: missing.length });
      }
    } catch (thrown) {
      log.warn("freeswitch.not-reconciled", { why: messageOf(thrown) });
    }
  }

  #askFor(link: EslLink, { legId, call }: LiveCall): void {
    link.api(`uuid_exists ${legId}`).then(
      (answer) => {
        if (answer.startsWith("false")) call.end(FORGOTTEN_CAUSE);
      },
      () => {},
    );
  }
}
