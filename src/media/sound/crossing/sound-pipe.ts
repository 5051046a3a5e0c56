import { RingReader, RingWriter } from "../../../bytes/shared-ring.ts";
import type { CodedAudio } from "../../audio/coding/coded-audio.ts";
import type { AudioCodec } from "../../frame.ts";

/** What a record tells. Towards a voice thread: sound and another publisher. From it: sound, and where speech begins and ends. */
export type SoundSign = "sound" | "publisher" | "speech" | "silence";

const SIGNS: readonly SoundSign[] = ["sound", "publisher", "speech", "silence"];
const CODECS: readonly AudioCodec[] = ["AAC", "G711A", "G711U", "L16", "MP3", "OPUS", "unknown"];
const ROLES = ["config", "key"] as const;

/** Big-endian, then the data: u32 line, u8 sign, codec, role and channels, u32 timestamp, u32 rate. */
const HEAD_BYTE_COUNT = 16;

const NOTHING = new Uint8Array(0);
const NO_SOUND: CodedAudio = {
  codec: "unknown",
  role: "key",
  timestampMs: 0,
  data: NOTHING,
  sampleRate: 0,
  channelCount: 0,
};

/** Writes the sound of many lines into the ring to another thread. */
export class SoundWriter {
  readonly #ring: RingWriter;

  constructor(memory: SharedArrayBuffer, wake: () => void) {
    this.#ring = new RingWriter(memory, wake);
  }

  /** @returns false when there is no room: the other thread stands still, and the sound is lost */
  write(line: number, sign: SoundSign, coded: CodedAudio = NO_SOUND): boolean {
    const at = this.#ring.reserve(HEAD_BYTE_COUNT + coded.data.byteLength);
    if (at < 0) return false;
    const { view, bytes } = this.#ring;
    view.setUint32(at, line);
    view.setUint8(at + 4, SIGNS.indexOf(sign));
    view.setUint8(at + 5, CODECS.indexOf(coded.codec));
    view.setUint8(at + 6, ROLES.indexOf(coded.role));
    view.setUint8(at + 7, coded.channelCount);
    view.setUint32(at + 8, coded.timestampMs);
    view.setUint32(at + 12, coded.sampleRate);
    bytes.set(coded.data, at + HEAD_BYTE_COUNT);
    this.#ring.commit();
    return true;
  }
}

/** Gets each record; `coded` and its data are valid during the call only. */
export type OnSound = (line: number, sign: SoundSign, coded: CodedAudio) => void;

/** Reads them on the other thread. */
export class SoundReader {
  readonly #ring: RingReader;
  readonly #coded: { -readonly [Name in keyof CodedAudio]: CodedAudio[Name] } = { ...NO_SOUND };
  readonly #onSound: OnSound;
  readonly #onRecord = (at: number, byteCount: number): void => this.#take(at, byteCount);

  constructor(memory: SharedArrayBuffer, onSound: OnSound) {
    this.#ring = new RingReader(memory);
    this.#onSound = onSound;
  }

  readAll(): void {
    this.#ring.readAll(this.#onRecord);
  }

  #take(at: number, byteCount: number): void {
    const { view, bytes } = this.#ring;
    const coded = this.#coded;
    coded.codec = CODECS[view.getUint8(at + 5)] ?? "unknown";
    coded.role = ROLES[view.getUint8(at + 6)] ?? "key";
    coded.channelCount = view.getUint8(at + 7);
    coded.timestampMs = view.getUint32(at + 8);
    coded.sampleRate = view.getUint32(at + 12);
    coded.data = bytes.subarray(at + HEAD_BYTE_COUNT, at + byteCount);
    const sign = SIGNS[view.getUint8(at + 4)] ?? "sound";
    this.#onSound(view.getUint32(at), sign, coded);
  }
}
