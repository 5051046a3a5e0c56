import type { Playlist } from "../media/audio/clips/playlist.ts";
import type { CallStreams } from "./call-streams.ts";
import type { CallEvent } from "./machine.ts";
import type { CallParty } from "./ports.ts";

/** A built-in extension: it answers at once and sounds until the caller hangs up; nothing else means anything to it. */
export class ExtensionParty implements CallParty {
  readonly kind = "extension";

  /** `begin` sets its sound going. */
  constructor(
    readonly name: string,
    readonly begin: () => void,
  ) {}

  invite(report: (event: CallEvent) => void): void {
    this.begin();
    report({ name: "calleeAnswered" });
  }

  answered(): void {}
  cancel(): void {}
  bye(): void {}
  message(): void {}
  dtmf(): void {}
  event(): void {}
}

/** Plays back what the caller pushes, and `silence` until it does. */
export function beginEcho(streams: CallStreams, silence: Playlist): void {
  const pushed = streams.get("caller");
  const played = streams.get("callee");
  played?.play(silence);
  if (pushed !== undefined) played?.relayFrom(pushed);
}
