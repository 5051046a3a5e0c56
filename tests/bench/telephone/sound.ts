import { systemClock } from "../../../src/clock.ts";
import { decodeAudioSpecificConfig } from "../../../src/codecs/aac/audio-specific-config.ts";
import { AacDecoder } from "../../../src/codecs/aac/decoder.ts";
import { PlayoutBuffer } from "../../../src/media/audio/playout/playout-buffer.ts";
import { decodeAudioBody } from "../../../src/media/body/audio-body.ts";
import { TagType } from "../../../src/media/body/tag-frame.ts";
import { type FlvPlayer, playFlv } from "../../../src/probe/flv-client.ts";
import { parseRtmpUrl, publishRtmp, type RtmpPublisher } from "../../../src/probe/rtmp-client.ts";
import type { RtpLeg } from "../../peers/freeswitch/rtp-leg.ts";
import { DelayRecorder, type Delays } from "../statistics.ts";
import {
  type BurstSpeech,
  makeBurstSpeech,
  makePhoneBurst,
  OnsetFinder,
  PHONE_RATE,
  UNIT_COUNT,
  UNIT_MS,
} from "./bursts.ts";
import type { LiveCall, TelephoneLaboratory } from "./laboratory.ts";

export type SoundDelays = {
  /** From the RTP packet that a burst begins with until the FLV tag that it is decoded from. */
  readonly toApp: Delays;
  /** Of each sample, from the RTMP message that it is decoded from until the RTP packet that it is in. */
  readonly toPhone: Delays;
  /** The same, less the jitter target that such a stream has. */
  readonly beyondTarget: Delays;
};

export type SoundPlan = {
  readonly signalingUrl: string;
  readonly flvPort: number;
  /** The calls are those of this user and the next ones. */
  readonly firstUser: number;
  readonly callCount: number;
};

export type SoundTiming = { readonly warmUpMs: number; readonly rounds: number; readonly roundMs: number };

type Recorders = { readonly [name in keyof SoundDelays]: DelayRecorder };

const PTIME_MS = 20;
/** What is later belongs to another burst. */
const LONGEST_MS = 300;

/** Bursts of a tone both ways through some calls at a time, after a warm-up, in rounds. */
export async function measureSound(
  laboratory: TelephoneLaboratory,
  { signalingUrl, flvPort, firstUser, callCount }: SoundPlan,
  { warmUpMs, rounds, roundMs }: SoundTiming,
): Promise<SoundDelays[]> {
  const recorders = {
    toApp: new DelayRecorder(),
    toPhone: new DelayRecorder(),
    beyondTarget: new DelayRecorder(),
  };
  const speech = makeBurstSpeech();
  const stops: (() => void)[] = [];
  const calls: LiveCall[] = [];
  for (let index = 0; index < callCount; index++) {
    const call = await laboratory.call(signalingUrl, firstUser + index);
    calls.push(call);
    stops.push(await talkThere(call, speech, (index * UNIT_MS) / callCount, recorders));
    stops.push(await talkBack(call, flvPort, recorders.toApp));
  }
  await Bun.sleep(warmUpMs);
  const delays: SoundDelays[] = [];
  for (let round = 0; round < rounds; round++) {
    for (const recorder of Object.values(recorders)) recorder.start();
    await Bun.sleep(roundMs);
    delays.push({
      toApp: recorders.toApp.stop(),
      toPhone: recorders.toPhone.stop(),
      beyondTarget: recorders.beyondTarget.stop(),
    });
  }
  for (const stop of stops) stop();
  await Promise.all(calls.map(({ app, sessionid }) => app.bye(sessionid)));
  return delays;
}

/** The app speaks over RTMP, `afterMs` from now, and the telephone listens; the result stops it. */
async function talkThere(
  { push, leg }: LiveCall,
  speech: BurstSpeech,
  afterMs: number,
  { toPhone, beyondTarget }: Recorders,
): Promise<() => void> {
  const speaker = new AppSpeaker(await publishRtmp(parseRtmpUrl(push)), speech);
  const stop = pace(afterMs, (unit) => speaker.say(unit));
  const beat = systemClock.every(PTIME_MS, () => speaker.beat());
  listenAtPhone(leg.media, (heardMs) => {
    const delayMs = heardMs - speaker.takeOnset();
    if (!(delayMs < LONGEST_MS)) return;
    toPhone.add(delayMs);
    beyondTarget.add(delayMs - speaker.targetMs);
  });
  return () => {
    stop();
    beat.cancel();
    speaker.close();
  };
}

/** Says unit n at n units from the start; what is late goes out at once. */
function pace(afterMs: number, say: (unit: number) => void): () => void {
  const startMs = performance.now() + afterMs;
  let unit = 0;
  let timer = setTimeout(tick, afterMs);
  function tick(): void {
    for (; startMs + unit * UNIT_MS <= performance.now(); unit++) say(unit);
    timer = setTimeout(tick, Math.max(0, startMs + unit * UNIT_MS - performance.now()));
  }
  return () => clearTimeout(timer);
}

/** An app's uplink; beside it the gateway's own playout buffer, which sees the same times and so has the same target. */
class AppSpeaker {
  readonly #publisher: RtmpPublisher;
  readonly #speech: BurstSpeech;
  readonly #playout = new PlayoutBuffer({ sampleRate: PHONE_RATE, frameMs: PTIME_MS });
  readonly #pulled = new Float32Array((PHONE_RATE * PTIME_MS) / 1000);
  #onsetMs = Number.NaN;

  constructor(publisher: RtmpPublisher, speech: BurstSpeech) {
    this.#publisher = publisher;
    this.#speech = speech;
    publisher.sendAudio(0, speech.config);
  }

  get targetMs(): number {
    return this.#playout.counters.targetMs;
  }

  say(unit: number): void {
    const place = unit % UNIT_COUNT;
    const body = this.#speech.bodies[place];
    if (body === undefined) return;
    const nowMs = performance.now();
    const timestampMs = Math.round(unit * UNIT_MS);
    this.#publisher.sendAudio(timestampMs, body);
    const sampleCount = countSamples(unit + 1) - countSamples(unit);
    this.#playout.push(timestampMs, new Float32Array(sampleCount), nowMs);
    const onsetMs = this.#speech.onsetsMs.get(place);
    if (onsetMs !== undefined) this.#onsetMs = nowMs + onsetMs;
  }

  beat(): void {
    this.#playout.pull(this.#pulled, performance.now());
  }

  /** When the newest burst was said, once; NaN if there is none. */
  takeOnset(): number {
    const onsetMs = this.#onsetMs;
    this.#onsetMs = Number.NaN;
    return onsetMs;
  }

  close(): void {
    this.#publisher.close();
  }
}

/** Up to a unit, at the telephone's rate. */
function countSamples(unit: number): number {
  return Math.round((unit * UNIT_MS * PHONE_RATE) / 1000);
}

/** `onBurst` gets when the sample came that a burst begins with, were each played in turn from its packet's arrival on. */
function listenAtPhone(media: RtpLeg, onBurst: (heardMs: number) => void): void {
  const finder = new OnsetFinder(PHONE_RATE);
  const { onPacket } = media;
  media.onPacket = (packet) => {
    onPacket(packet);
    const { payloadType, decode } = media.codec;
    if (packet.payloadType !== payloadType) return;
    const samples = new Float32Array(packet.payload.length);
    decode(packet.payload, samples);
    const onset = finder.find(samples);
    if (onset !== undefined) onBurst(packet.atMs + (onset * 1000) / PHONE_RATE);
  };
}

/** The telephone speaks over RTP and the app listens over FLV; the result stops it. */
async function talkBack({ pull, leg }: LiveCall, flvPort: number, toApp: DelayRecorder): Promise<() => void> {
  let saidMs = Number.NaN;
  const player = await listenAtApp(pull, flvPort, (heardMs) => {
    if (heardMs - saidMs < LONGEST_MS) toApp.add(heardMs - saidMs);
    saidMs = Number.NaN;
  });
  const burst = makePhoneBurst();
  let isOver = false;
  async function speak(): Promise<void> {
    while (!isOver) {
      // No multiple of what packets and frames last, so that all their phases come.
      await Bun.sleep(LONGEST_MS + Math.random() * 100);
      await leg.media.say(burst);
      saidMs = performance.now();
    }
  }
  void speak();
  return () => {
    isOver = true;
    player.close();
  };
}

/** `onBurst` gets when the tag came that holds a burst's beginning. */
async function listenAtApp(
  pull: string,
  flvPort: number,
  onBurst: (heardMs: number) => void,
): Promise<FlvPlayer> {
  const { app, name } = parseRtmpUrl(pull);
  const [key, token] = name.split("?");
  let decoder: AacDecoder | undefined;
  let finder: OnsetFinder | undefined;
  return await playFlv(`http://127.0.0.1:${flvPort}/${app}/${key}.flv?${token}`, {
    onTag({ type, body }) {
      const heardMs = performance.now();
      const sound = type === TagType.audio ? decodeAudioBody(body) : undefined;
      if (sound?.role === "config") {
        decoder = new AacDecoder(decodeAudioSpecificConfig(sound.data), { channels: "mono", decimation: 1 });
        finder = new OnsetFinder(decoder.sampleRate);
      } else if (sound !== undefined && decoder !== undefined) {
        if (finder?.find(decoder.decode(sound.data)) !== undefined) onBurst(heardMs);
      }
    },
  });
}
