import type { CallStreams } from "./call-streams.ts";
import { Cause } from "./causes.ts";
import { chooseHeardCodec, type ListenerDefaults } from "./heard-codec.ts";
import type { CallParty, NotedParty } from "./ports.ts";

/** An app that is known by its two streams only: it is told nothing, and its streams end with the call. */
export class AppParty implements CallParty {
  readonly user = undefined;
  readonly pushes = true;
  readonly isTold = false;
  readonly playsOwnSound = false;
  readonly hangsUpByApi = true;
  readonly media = undefined;
  #pushedAudio: string | undefined;

  constructor(
    readonly name: string,
    streams: CallStreams,
    defaults: ListenerDefaults,
  ) {
    const updateHeardCodec = () => {
      const listener = { appname: "", declared: undefined, pushed: this.#pushedAudio };
      streams.get("callee")?.convertAudioTo(chooseHeardCodec(listener, defaults));
    };
    updateHeardCodec();
    streams.get("caller")?.watchAudioCodec((codec) => {
      this.#pushedAudio = codec;
      updateHeardCodec();
    });
  }

  get pushedAudio(): string | undefined {
    return this.#pushedAudio;
  }

  describe(): NotedParty {
    return { kind: "app", name: this.name };
  }

  invite(): void {}
  answered(): void {}
  cancel(): void {}
  bye(): void {}
  message(): string {
    return Cause.facilityNotImplemented;
  }
  dtmf(): void {}
  event(): void {}
}
