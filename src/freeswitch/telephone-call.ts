import type { LegProgress } from "../calls/ports.ts";
import { type ChannelEvent, readCause, readHeader, toCause } from "./channel-event.ts";
import type { TelephoneRoute } from "./originate.ts";

/** What our leg does when no other leg will ever answer: it talks to FreeSWITCH itself. */
const ANSWERING_APPLICATIONS = new Set([
  "answer",
  "callcenter",
  "conference",
  "delay_echo",
  "echo",
  "fifo",
  "ivr",
  "voicemail",
]);
/** The causes of a leg that rang with others and lost the race. They say nothing of the call. */
const RACE_CAUSES = new Set(["LOSE_RACE", "PICKED_OFF", "ANSWERED_ELSEWHERE"]);
/** What `originate_disposition` reads before the far end has said anything, and once it is through. */
const NO_DISPOSITION = new Set(["failure", "SUCCESS"]);

/** The states in a list of channels of a leg that was answered. Whoever answers may hold the call at once. */
const UP_STATES = new Set(["ACTIVE", "HELD", "UNHELD"]);

/** A call only goes forward. */
const STAGES = { ringing: 1, "early-media": 2, answered: 3, ended: 4 } as const;

/**
 * Makes a call's few events out of the many of its channels: ours, which FreeSWITCH calls first and which answers at
 * once, and the telephone's. Each event comes at most once, in order.
 */
export class TelephoneCall {
  readonly #farLegIds = new Set<string>();
  #stage = 0;
  /** Why the telephone ended that hung up last. When one answers, those before it say nothing any more. */
  #farHangup: { readonly legId: string; readonly cause: string } | undefined;

  constructor(
    /** Undefined where the telephone's channel is the only one. */
    readonly ourLegId: string | undefined,
    readonly route: Pick<TelephoneRoute, "kind"> & { readonly farLegId?: string },
    readonly report: (event: LegProgress) => void,
  ) {
    if (route.farLegId !== undefined) this.#farLegIds.add(route.farLegId);
  }

  get hasEnded(): boolean {
    return this.#stage === STAGES.ended;
  }

  get isAnswered(): boolean {
    return this.#stage >= STAGES.answered;
  }

  /** The telephone's channels, as far as they are known. */
  get farLegIds(): ReadonlySet<string> {
    return this.#farLegIds;
  }

  handle(event: ChannelEvent): void {
    const legId = readHeader(event, "Unique-ID");
    if (legId === undefined) return;
    if (legId === this.ourLegId) this.#handleOurs(event);
    else this.#handleFar(legId, event);
  }

  /** Learns from a list of channels what happened while nobody listened. */
  catchUp(callState: string): void {
    if (callState === "RINGING") this.#advance({ kind: "ringing" });
    else if (callState === "EARLY") this.#advance({ kind: "early-media" });
    else if (UP_STATES.has(callState)) this.#advance({ kind: "answered" });
  }

  end(cause: string): void {
    this.#advance({ kind: "ended", cause: toCause(cause) });
  }

  #handleOurs(event: ChannelEvent): void {
    switch (readHeader(event, "Event-Name")) {
      case "CHANNEL_EXECUTE":
        if (this.route.kind === "dialplan") this.#handleApplication(readHeader(event, "Application"));
        return;
      case "CHANNEL_HANGUP_COMPLETE":
        this.#endWithOurs(event);
        return;
    }
  }

  #handleFar(legId: string, event: ChannelEvent): void {
    switch (readHeader(event, "Event-Name")) {
      case "CHANNEL_CREATE":
        this.#farLegIds.add(legId);
        return;
      case "CHANNEL_PROGRESS":
        this.#advance({ kind: "ringing" });
        return;
      case "CHANNEL_PROGRESS_MEDIA":
        this.#advance({ kind: "early-media" });
        return;
      case "CHANNEL_ANSWER":
        if (readHeader(event, "Answer-State") === "answered") this.#advance({ kind: "answered" });
        return;
      case "CHANNEL_HANGUP_COMPLETE":
        this.#endFar(legId, event);
        return;
    }
  }

  #handleApplication(application: string | undefined): void {
    if (application === undefined) return;
    if (ANSWERING_APPLICATIONS.has(application)) this.#advance({ kind: "answered" });
    else if (application === "pre_answer" || application === "playback")
      this.#advance({ kind: "early-media" });
  }

  /**
   * Until the answer a dialplan may go on to another telephone, while through a gateway there is but one. After the
   * answer a telephone may be transferred: its leg ends, and ours lives on with another until it ends itself.
   */
  #endFar(legId: string, event: ChannelEvent): void {
    const cause = readCause(event);
    if (this.ourLegId === undefined) {
      if (legId === this.route.farLegId) this.#advance({ kind: "ended", cause });
      return;
    }
    if (RACE_CAUSES.has(cause)) return;
    this.#farHangup = { legId, cause };
    if (this.route.kind === "gateway" && !this.isAnswered) this.#advance({ kind: "ended", cause });
  }

  /**
   * Our leg is hung up with NORMAL_CLEARING for causes that say as much to FreeSWITCH, such as NO_USER_RESPONSE: the
   * telephone's own cause, or what became of dialling it, tells more.
   */
  #endWithOurs(event: ChannelEvent): void {
    const own = readCause(event);
    const disposition = readHeader(event, "variable_originate_disposition") ?? "failure";
    const isTold = own !== "NORMAL_CLEARING" || NO_DISPOSITION.has(disposition);
    const cause = this.#findFarCause(event) ?? (isTold ? own : toCause(disposition));
    this.#advance({ kind: "ended", cause });
  }

  /** The cause of the telephone that counts: after the answer, the one that our leg talked with last. */
  #findFarCause(event: ChannelEvent): string | undefined {
    const lastPartner = readHeader(event, "Other-Leg-Unique-ID") ?? this.#farHangup?.legId;
    const isCurrent = !this.isAnswered || lastPartner === this.#farHangup?.legId;
    return isCurrent ? this.#farHangup?.cause : undefined;
  }

  #advance(event: LegProgress): void {
    const stage = STAGES[event.kind];
    if (stage <= this.#stage) return;
    this.#stage = stage;
    if (event.kind === "answered") this.#farHangup = undefined;
    this.report(event);
  }
}
