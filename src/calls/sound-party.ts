import type { Playlist } from "../media/audio/clips/playlist.ts";
import type { CallStreams } from "./call-streams.ts";
import type { CallEvent } from "./machine.ts";
import type { CallParty } from "./ports.ts";

/** A built-in extension that answers at once and plays something until the caller hangs up. */
export class SoundParty implements CallParty {
  readonly kind = "extension";

  constructor(
    readonly name: string,
    readonly streams: CallStreams,
    readonly playlist: Playlist,
  ) {}

  invite(report: (event: CallEvent) => void): void {
    this.streams.get("callee")?.play(this.playlist);
    report({ name: "calleeAnswered" });
  }

  answered(): void {}
  cancel(): void {}
  bye(): void {}
  message(): void {}
  dtmf(): void {}
  event(): void {}
}
