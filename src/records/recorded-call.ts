import type { OpenCall, RecordedCodecs, RecordedEnd, RecordedMedia, RecordedParty } from "./call-record.ts";

export type CallOpening = {
  readonly callId: string;
  readonly sessionid: string;
  readonly caller: RecordedParty;
  readonly callee: RecordedParty;
};

export type CallMoment = "ringing" | "earlyMedia" | "answered";

export type RecordedCallListener = {
  /** ISO 8601. */
  readonly now: () => string;
  readonly onChange: (call: OpenCall) => void;
  readonly onEnd: (call: OpenCall, end: RecordedEnd) => void;
};

/** Peers choose names and causes; a record stays a record. */
const MAX_TEXT_LENGTH = 256;
const MAX_LEGS = 8;

/** What is written about one call while it lives. After its end nothing counts. */
export class RecordedCall {
  readonly #listener: RecordedCallListener;
  #call: OpenCall;
  #isEnded = false;

  constructor({ callId, sessionid, caller, callee }: CallOpening, listener: RecordedCallListener) {
    this.#listener = listener;
    this.#call = {
      callId,
      sessionid: shorten(sessionid),
      caller: shortenParty(caller),
      callee: shortenParty(callee),
      startedAt: listener.now(),
      codecs: {},
      media: {},
      reconnects: 0,
    };
    listener.onChange(this.#call);
  }

  /** The first time counts. */
  mark(moment: CallMoment): void {
    const name = `${moment}At` as const;
    if (this.#call[name] === undefined) this.#change({ [name]: this.#listener.now() });
  }

  /** More is known of a side than when the call began, such as its legs. */
  setParty(side: "caller" | "callee", party: RecordedParty): void {
    this.#change({ [side]: shortenParty(party) });
  }

  /** Added to what is known. */
  setCodecs(codecs: RecordedCodecs): void {
    this.#change({ codecs: { ...this.#call.codecs, ...codecs } });
  }

  /** Of the whole call so far, added to what is known; worth calling now and then, for a process that is killed. */
  setMedia(media: RecordedMedia): void {
    // What is no number would make the whole record unreadable.
    const numbers = Object.entries(media).filter(([, value]) => Number.isFinite(value));
    this.#change({ media: { ...this.#call.media, ...Object.fromEntries(numbers) } });
  }

  countReconnect(): void {
    this.#change({ reconnects: this.#call.reconnects + 1 });
  }

  end({ by, cause }: { readonly by: RecordedEnd["endedBy"]; readonly cause: string }): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#listener.onEnd(this.#call, { endedAt: this.#listener.now(), endedBy: by, cause: shorten(cause) });
  }

  #change(changes: Partial<OpenCall>): void {
    if (this.#isEnded) return;
    this.#call = { ...this.#call, ...changes };
    this.#listener.onChange(this.#call);
  }
}

function shorten(text: string): string {
  return text.slice(0, MAX_TEXT_LENGTH);
}

function shortenParty({ kind, name, appName, legIds }: RecordedParty): RecordedParty {
  return {
    kind,
    name: shorten(name),
    ...(appName === undefined ? {} : { appName: shorten(appName) }),
    ...(legIds === undefined ? {} : { legIds: legIds.slice(0, MAX_LEGS).map(shorten) }),
  };
}
