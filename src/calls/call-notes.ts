import type { CallSetup } from "./call-setup.ts";
import type { CallEvent, Ending, Side } from "./machine.ts";
import type { CallParty, LegMedia, NotedParty } from "./ports.ts";

export type NotedCodecs = {
  readonly callerAudio?: string | undefined;
  readonly calleeAudio?: string | undefined;
  readonly callerVideo?: string | undefined;
  readonly calleeVideo?: string | undefined;
  readonly telephone?: string | undefined;
};

/** What is written down about one call. Writing never makes the call wait or fail. */
export interface CallEntry {
  mark(moment: "ringing" | "earlyMedia" | "answered"): void;
  setParty(side: Side, party: NotedParty): void;
  setCodecs(codecs: NotedCodecs): void;
  setMedia(media: Omit<LegMedia, "codec">): void;
  countReconnect(): void;
  end(ending: Ending): void;
}

/** Where calls are written down. */
export interface CallBook {
  begin(opening: {
    readonly callId: string;
    readonly sessionid: string;
    readonly caller: NotedParty;
    readonly callee: NotedParty;
  }): CallEntry;
  /** Whether an ended call is known to have had this id. */
  find(callId: string): unknown;
}

export type NotedCall = { readonly setup: CallSetup; readonly caller: CallParty; readonly callee: CallParty };

/** If the process is killed, the counters in the journal are at most so old. */
const MEDIA_MS = 30_000;

/** Writes down what happens to a call. */
export class CallNotes {
  readonly #call: NotedCall;
  readonly #entry: CallEntry;
  /** What was written last. */
  readonly #written = new Map<Side | "codecs", string>([["codecs", "{}"]]);
  #nextMediaMs: number;

  constructor(book: CallBook, call: NotedCall, nowMs: number) {
    const { callId, sessionid } = call.setup;
    this.#call = call;
    this.#nextMediaMs = nowMs + MEDIA_MS;
    const caller = call.caller.describe();
    const callee = call.callee.describe();
    this.#isNews("caller", caller);
    this.#isNews("callee", callee);
    this.#entry = book.begin({ callId, sessionid, caller, callee });
  }

  /** @param video the callee's video codec, as far as it is known */
  note(event: CallEvent, ending: Ending | undefined, video: string): void {
    switch (event.name) {
      case "calleeRinging":
        this.#entry.mark("ringing");
        break;
      case "calleeEarly":
        this.#entry.mark("earlyMedia");
        break;
      case "calleeAnswered":
        this.#entry.mark("answered");
        break;
      case "callerBack":
      case "calleeBack":
        this.#entry.countReconnect();
        return;
    }
    this.#noteParties(video);
    if (ending === undefined) return;
    this.#noteMedia();
    this.#entry.end(ending);
  }

  /** The call asks it at each tick. */
  checkTime(nowMs: number): void {
    if (nowMs < this.#nextMediaMs) return;
    this.#nextMediaMs = nowMs + MEDIA_MS;
    this.#noteMedia();
  }

  /** Writes what is new: legs and codecs become known one by one. */
  #noteParties(video: string): void {
    const { caller, callee, setup } = this.#call;
    for (const [side, party] of [
      ["caller", caller],
      ["callee", callee],
    ] as const) {
      const described = party.describe();
      if (this.#isNews(side, described)) this.#entry.setParty(side, described);
    }
    const codecs = {
      callerAudio: caller.pushedAudio,
      calleeAudio: callee.pushedAudio,
      callerVideo: setup.codecs.video || undefined,
      calleeVideo: (callee.pushes && video) || undefined,
      telephone: mediaOf(this.#call)?.codec,
    };
    if (this.#isNews("codecs", codecs)) this.#entry.setCodecs(codecs);
  }

  #isNews(what: Side | "codecs", value: NotedParty | NotedCodecs): boolean {
    const text = JSON.stringify(value);
    const isNews = this.#written.get(what) !== text;
    this.#written.set(what, text);
    return isNews;
  }

  #noteMedia(): void {
    const media = mediaOf(this.#call);
    if (media === undefined) return;
    const { codec: _, ...counters } = media;
    this.#entry.setMedia(counters);
  }
}

function mediaOf({ caller, callee }: NotedCall): LegMedia | undefined {
  return caller.media ?? callee.media;
}
