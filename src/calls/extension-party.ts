import type { Playlist } from "../media/audio/clips/playlist.ts";
import type { CallSounds } from "./call-sounds.ts";
import type { CallStreams } from "./call-streams.ts";
import { Cause } from "./causes.ts";
import type { Destination } from "./destination.ts";
import type { CallEvent } from "./machine.ts";
import type { CallParty, NotedParty } from "./ports.ts";

/** Gives the caller's own sound and picture back. */
export const ECHO: Destination = {
  makeParty: ({ setup, streams, sounds }) =>
    new ExtensionParty(setup.calleeNumber, () => beginEcho(streams, sounds.silence)),
};

/** Plays one of the built-in sounds. */
export function reachSound(extension: keyof CallSounds["extensions"]): Destination {
  return {
    makeParty: ({ setup, streams, sounds }) =>
      new ExtensionParty(setup.calleeNumber, () => streams.get("callee")?.play(sounds.extensions[extension])),
  };
}

/** A built-in extension: it answers at once and sounds until the caller hangs up; nothing else means anything to it. */
class ExtensionParty implements CallParty {
  readonly user = undefined;
  readonly pushes = false;
  readonly isTold = false;
  readonly playsOwnSound = true;
  readonly hangsUpByApi = false;
  readonly pushedAudio = undefined;
  readonly media = undefined;

  /** `begin` sets its sound going. */
  constructor(
    readonly name: string,
    readonly begin: () => void,
  ) {}

  describe(): NotedParty {
    return { kind: "extension", name: this.name };
  }

  invite(report: (event: CallEvent) => void): void {
    this.begin();
    report({ name: "calleeAnswered" });
  }

  answered(): void {}
  cancel(): void {}
  bye(): void {}
  message(): string {
    return Cause.facilityNotImplemented;
  }
  dtmf(): void {}
  event(): void {}
}

/** Plays back what the caller pushes, and `silence` until it does. */
function beginEcho(streams: CallStreams, silence: Playlist): void {
  const pushed = streams.get("caller");
  const played = streams.get("callee");
  played?.play(silence);
  if (pushed !== undefined) played?.relayFrom(pushed);
}
