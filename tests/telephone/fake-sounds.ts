import type { LegMedia } from "../../src/calls/ports.ts";
import type { AgreedAudio } from "../../src/protocols/sdp/agreement.ts";
import type { LegSound, LegSoundOptions, LegSounds, SoundPorts } from "../../src/telephone/leg-sound.ts";
import { LineMedia } from "../../src/voice/line-media.ts";

/** Sound that a test makes up. */
class FakeSound implements LegSound {
  readonly lastReceivedAtMs = undefined;
  readonly takesTelephoneEvents = true;

  constructor(
    readonly audio: AgreedAudio,
    readonly options: LegSoundOptions,
  ) {}

  get media(): LegMedia {
    return { codec: this.audio.codec, ...new LineMedia().read() };
  }

  open(): void {}
  sendDigits(): void {}
  update(): void {}
  end(): void {}
  async finish(): Promise<void> {}
}

export class FakeSounds implements LegSounds {
  readonly started: FakeSound[] = [];

  async openPorts(): Promise<SoundPorts> {
    return this.makePorts();
  }

  makePorts(): SoundPorts {
    return {
      rtpPort: 4000,
      start: (audio, options) => {
        const sound = new FakeSound(audio, options);
        this.started.push(sound);
        return sound;
      },
      [Symbol.dispose]() {},
    };
  }
}
