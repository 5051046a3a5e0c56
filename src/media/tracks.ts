import { areEqualBytes } from "../bytes/equal.ts";
import { decodeAudioBody } from "./body/audio-body.ts";
import { encodeMetadata, readAudioSampleRate, readNamedTracks, type TrackFacts } from "./body/metadata.ts";
import { areEqualFormats, readAacFormat } from "./body/sound-format.ts";
import { carriesMedia, codecIdOf } from "./body/tag-body.ts";
import type { AudioCodec, AudioFrame, DataFrame, Frame, VideoCodec, VideoFrame } from "./frame.ts";
import { GopCache } from "./gop.ts";

/**
 * What a stream consists of, and what whoever joins needs to start. A track begins with its first frame: a header may
 * come without one for ever, from a camera that was refused, and players would wait for it.
 */
export class Tracks {
  /** Undefined while the track has not begun. */
  audioCodec: AudioCodec | undefined;
  videoCodec: VideoCodec | undefined;
  #audioHeader: AudioFrame | undefined;
  #audioFacts: TrackFacts["audio"];
  #videoFacts: TrackFacts["video"];
  /** What the facts were read from, so that they are read once: a header, or the first byte and the named rate. */
  #soundSource: AudioFrame | number | undefined;
  #metadata: DataFrame | undefined;
  /** What the publisher said of itself. */
  #named:
    | { readonly audio: boolean; readonly video: boolean; readonly sampleRate: number | undefined }
    | undefined;
  /** What players have: headers and facts that say the same again are not handed on, whoever publishes. */
  readonly #handed: { audio?: Uint8Array | undefined; video?: Uint8Array | undefined } = {};
  readonly #told: { -readonly [Kind in keyof TrackFacts]: TrackFacts[Kind] } = {};
  readonly #gop = new GopCache();

  /** A track was named, by metadata or a header, of which no frame has come. */
  get isAnotherNamed(): boolean {
    const isAudioNamed = this.#named?.audio === true || this.#audioHeader !== undefined;
    const isVideoNamed = this.#named?.video === true || this.#gop.header !== undefined;
    return (this.audioCodec === undefined && isAudioNamed) || (this.videoCodec === undefined && isVideoNamed);
  }

  /** What players decode AAC by. */
  get soundHeader(): Uint8Array | undefined {
    return this.#handed.audio;
  }

  /** Hands on what players get of a frame and, where its track begins with it, what they need before it. */
  take(frame: Frame, handOn: (frame: Frame) => void): void {
    if (frame.kind === "data") this.#takeData(frame, handOn);
    else if (frame.kind === "audio") this.#takeSound(frame, handOn);
    else this.#takePicture(frame, handOn);
  }

  /** Forgets all of the sound: its header is no good for any other. */
  forgetSound(): void {
    this.audioCodec = undefined;
    this.#audioHeader = undefined;
    this.#audioFacts = undefined;
    this.#metadata = undefined;
  }

  /** Forgets all but the sound. */
  forgetPicture(): void {
    this.videoCodec = undefined;
    this.#videoFacts = undefined;
    this.#named = undefined;
    this.#metadata = undefined;
    this.#gop.clear();
  }

  /** What a joiner gets: metadata, headers and the last picture group. Headers that are not there yet it gets later. */
  joiningFrames(): readonly Frame[] {
    if (this.audioCodec === undefined) this.#handed.audio = undefined;
    if (this.videoCodec === undefined) this.#handed.video = undefined;
    const videoHeader = this.videoCodec === undefined ? undefined : this.#gop.header;
    const audioHeader = this.audioCodec === undefined ? undefined : this.#audioHeader;
    const heads = [this.#describe(), videoHeader, audioHeader];
    return [...heads.filter((frame) => frame !== undefined), ...this.#gop.frames];
  }

  /** The publisher's metadata is not for players: it names what is not there, and comes at any time. */
  #takeData(frame: DataFrame, handOn: (frame: Frame) => void): void {
    if (frame.role !== "metadata") {
      handOn(frame);
      return;
    }
    this.#named = { ...readNamedTracks(frame.body), sampleRate: readAudioSampleRate(frame.body) };
  }

  #takeSound(frame: AudioFrame, handOn: (frame: Frame) => void): void {
    if (frame.codec !== this.audioCodec && this.audioCodec !== undefined) this.#changeCodec();
    if (frame.codec !== this.#audioHeader?.codec) this.#audioHeader = undefined;
    if (frame.role === "config") this.#audioHeader = frame;
    const hasBegun = this.audioCodec !== undefined;
    if (!hasBegun && (frame.role === "config" || !carriesMedia(frame.kind, frame.body))) return;
    this.audioCodec = frame.codec;
    this.#describeSound(frame, handOn);
    if (frame.role === "config") this.#handHeader(frame, handOn);
    else {
      if (!hasBegun) this.#handHeader(this.#audioHeader, handOn);
      handOn(frame);
    }
  }

  #changeCodec(): void {
    this.forgetSound();
    this.#handed.audio = undefined;
  }

  #takePicture(frame: VideoFrame, handOn: (frame: Frame) => void): void {
    this.#gop.push(frame);
    const hasBegun = this.videoCodec !== undefined;
    if (!hasBegun && (frame.role === "config" || !carriesMedia(frame.kind, frame.body))) return;
    this.videoCodec = frame.codec;
    this.#videoFacts ??= { codecId: codecIdOf(frame.kind, frame.body) };
    if (this.#videoFacts.codecId !== this.#told.video?.codecId) this.#announce(handOn);
    if (frame.role === "config") this.#handHeader(frame, handOn);
    else {
      if (!hasBegun) this.#handHeader(this.#gop.header, handOn);
      handOn(frame);
    }
  }

  #handHeader(header: Frame | undefined, handOn: (frame: Frame) => void): void {
    if (header === undefined || header.kind === "data") return;
    const had = this.#handed[header.kind];
    if (had !== undefined && areEqualBytes(had, header.body)) return;
    this.#handed[header.kind] = header.body;
    handOn(header);
  }

  #describeSound(frame: AudioFrame, handOn: (frame: Frame) => void): void {
    const namedRate = this.#named?.sampleRate ?? 0;
    const source = frame.codec === "AAC" ? this.#audioHeader : namedRate * 256 + (frame.body[0] ?? 0);
    if (source === this.#soundSource && this.#audioFacts !== undefined) return;
    this.#soundSource = source;
    const { codecId, ...format } = readSound(frame, this.#audioHeader, this.#named?.sampleRate);
    this.#audioFacts = { codecId, ...format };
    const { audio: told } = this.#told;
    if (codecId !== told?.codecId || !areEqualFormats(format, told)) this.#announce(handOn);
    else this.#metadata = undefined;
  }

  #announce(handOn: (frame: Frame) => void): void {
    this.#metadata = undefined;
    const metadata = this.#describe();
    if (metadata === undefined) return;
    if (this.#audioFacts !== undefined) this.#told.audio = this.#audioFacts;
    if (this.#videoFacts !== undefined) this.#told.video = this.#videoFacts;
    handOn(metadata);
  }

  /** At 0 always: FFmpeg takes later metadata for a track of subtitles. */
  #describe(): DataFrame | undefined {
    const [audio, video] = [this.#audioFacts, this.#videoFacts];
    if (audio === undefined && video === undefined) return undefined;
    const body = () => encodeMetadata({ ...(audio && { audio }), ...(video && { video }) });
    this.#metadata ??= {
      kind: "data",
      codec: "AMF",
      role: "metadata",
      timestampMs: 0,
      body: body(),
      wire: [],
    };
    return this.#metadata;
  }
}

function readSound(
  frame: AudioFrame,
  header: AudioFrame | undefined,
  namedRate: number | undefined,
): NonNullable<TrackFacts["audio"]> {
  const codecId = codecIdOf("audio", frame.body);
  if (frame.codec === "AAC") return { codecId, ...(header && readAacFormat(header.body)) };
  const { sampleRate, channelCount } = decodeAudioBody(frame.body, namedRate) ?? {};
  return { codecId, sampleRate, channelCount };
}
