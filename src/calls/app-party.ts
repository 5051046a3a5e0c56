import type { CallStreams } from "./call-streams.ts";
import { chooseHeardCodec, type ListenerDefaults } from "./heard-codec.ts";
import type { CallParty } from "./ports.ts";

/** An app that is known by its two streams only: it is told nothing, and its streams end with the call. */
export class AppParty implements CallParty {
  readonly kind = "app";
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

  /** Undefined while it pushes nothing. */
  get pushedAudio(): string | undefined {
    return this.#pushedAudio;
  }

  invite(): void {}
  answered(): void {}
  cancel(): void {}
  bye(): void {}
  message(): void {}
  dtmf(): void {}
  event(): void {}
}
