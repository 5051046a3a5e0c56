import type { Playlist } from "../media/audio/clips/playlist.ts";
import type { CallStreams } from "./call-streams.ts";
import type { CallEvent } from "./machine.ts";
import type { CallParty } from "./ports.ts";

/** The built-in extension that answers at once and plays back what the caller pushes. */
export class EchoParty implements CallParty {
  readonly kind = "extension";

  constructor(
    readonly name: string,
    readonly streams: CallStreams,
    readonly silence: Playlist,
  ) {}

  invite(report: (event: CallEvent) => void): void {
    const pushed = this.streams.get("caller");
    const played = this.streams.get("callee");
    played?.play(this.silence);
    if (pushed !== undefined) played?.relayFrom(pushed);
    report({ name: "calleeAnswered" });
  }

  answered(): void {}
  cancel(): void {}
  bye(): void {}
  message(): void {}
  dtmf(): void {}
  event(): void {}
}
