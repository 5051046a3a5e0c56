import { AudioDecoder } from "../../../src/media/audio/coding/audio-decoder.ts";
import { decodeAudioBody, encodeAudioBody } from "../../../src/media/body/audio-body.ts";
import { TagType } from "../../../src/media/body/tag-frame.ts";
import { playFlv } from "../../../src/probe/flv-client.ts";
import { playRtmp, publishRtmp } from "../../../src/probe/rtmp-client.ts";
import { SignalingClient } from "../../../src/probe/signaling-client.ts";
import { MessageType } from "../../../src/protocols/rtmp/message.ts";
import { encodePusherSpeech } from "../audio/speech.ts";
import { nameUser, PASSWORD } from "../callers.ts";
import { type BurstSpeech, makeBurstSpeech, OnsetFinder, PHONE_RATE, UNIT_MS } from "../telephone/bursts.ts";
import { Pacing } from "./pacing.ts";
import { quantilesOf } from "./packet-line.ts";
import { realtimeMs } from "./stamps.ts";
import { MARKED_CALLS } from "./telephones.ts";

const GOLDEN = 0.7548776662;
const CALL_WAIT_MS = 120_000;

export type AppsPlan = {
  readonly signalingUrl: string;
  readonly rtmpPort: number;
  readonly flvPort: number;
  readonly count: number;
};

export type AppsReport = {
  readonly frameCount: number;
  readonly ownLateP99Ms: number;
  /** By call. */
  readonly saidMs: readonly (readonly number[])[];
  readonly heardMs: readonly (readonly number[])[];
};

type Closable = { close(): void };

/** Apps that take calls over WebSocket, push AAC over RTMP, and play the telephone over RTMP or, every other, HTTP-FLV. */
export class Apps {
  readonly #pacing = new Pacing();
  readonly #clients: SignalingClient[] = [];
  readonly #streams: Closable[] = [];
  readonly #talks: Promise<void>[] = [];
  readonly #saidMs: number[][] = Array.from({ length: MARKED_CALLS }, () => []);
  readonly #heardMs: number[][] = Array.from({ length: MARKED_CALLS }, () => []);
  #frameCount = 0;

  /** All are registered once it resolves, and take calls. */
  async open(plan: AppsPlan): Promise<void> {
    const speech = toBodies(encodePusherSpeech());
    const marks = makeBurstSpeech();
    for (let index = 0; index < plan.count; index++) {
      const user = nameUser(index);
      const client = await SignalingClient.connect({ url: plan.signalingUrl, user, timeoutMs: CALL_WAIT_MS });
      this.#clients.push(client);
      const { data } = await client.register(PASSWORD);
      if (!data.code.startsWith("200")) throw new Error(`register ${user}: ${data.code} ${data.msg}`);
      this.#talks.push(this.#takeCall(client, index, plan, index < MARKED_CALLS ? marks : speech));
    }
  }

  /** All hear and speak. */
  async talk(): Promise<void> {
    await Promise.all(this.#talks);
  }

  startRecording(): void {
    this.#frameCount = 0;
    for (const list of [...this.#saidMs, ...this.#heardMs]) list.length = 0;
    this.#pacing.isRecording = true;
  }

  stopRecording(): AppsReport {
    this.#pacing.isRecording = false;
    return {
      frameCount: this.#frameCount,
      ownLateP99Ms: quantilesOf(this.#pacing.latenessMs).p99Ms,
      saidMs: this.#saidMs,
      heardMs: this.#heardMs,
    };
  }

  async close(): Promise<void> {
    this.#pacing.stop();
    for (const stream of this.#streams) stream.close();
    await Promise.all(this.#clients.map((client) => client.close()));
  }

  async #takeCall(
    client: SignalingClient,
    index: number,
    plan: AppsPlan,
    speech: BurstSpeech,
  ): Promise<void> {
    const { sessionid, data } = await client.nextRequest("invite");
    await client.answer(sessionid);
    const push = pathOf(data.callee_url);
    const host = "127.0.0.1";
    const publisher = await publishRtmp({ host, port: plan.rtmpPort, app: "live", name: push });
    this.#streams.push(publisher);
    publisher.sendAudio(0, speech.config);
    let unit = 0;
    const saidMs = this.#saidMs[index];
    this.#pacing.add(UNIT_MS, index * GOLDEN, () => {
      const place = (unit + (saidMs === undefined ? index * 37 : 0)) % speech.bodies.length;
      const body = speech.bodies[place];
      if (body !== undefined) publisher.sendAudio(Math.round(unit * UNIT_MS), body);
      if (speech.onsetsMs.has(place)) saidMs?.push(realtimeMs());
      unit += 1;
    });
    this.#streams.push(await this.#listen(index, plan, pathOf(data.caller_url)));
  }

  async #listen(index: number, { rtmpPort, flvPort }: AppsPlan, name: string): Promise<Closable> {
    const hear = this.#hearer(this.#heardMs[index]);
    if (index % 2 === 0) {
      return await playRtmp(
        { host: "127.0.0.1", port: rtmpPort, app: "live", name },
        { onMedia: ({ typeId, payload }) => typeId === MessageType.audio && hear(payload) },
      );
    }
    const [key = "", query = ""] = name.split("?");
    return await playFlv(`http://127.0.0.1:${flvPort}/live/${key}.flv?${query}`, {
      onTag: ({ type, body }) => type === TagType.audio && hear(body),
    });
  }

  #hearer(heardMs: number[] | undefined): (body: Uint8Array) => void {
    if (heardMs === undefined) {
      return () => {
        this.#frameCount += 1;
      };
    }
    const decoder = new AudioDecoder(PHONE_RATE);
    const finder = new OnsetFinder(PHONE_RATE);
    return (body) => {
      this.#frameCount += 1;
      const atMs = realtimeMs();
      const audio = decodeAudioBody(body);
      if (audio === undefined) return;
      const { codec, role, data, sampleRate, channelCount } = audio;
      if (codec === "unknown") return;
      const samples = decoder.decode({ codec, role, timestampMs: 0, data, sampleRate, channelCount });
      if (finder.find(samples) !== undefined) heardMs.push(atMs);
    };
  }
}

/** The stream's key and its token. */
function pathOf(url: string | undefined): string {
  return /\/live\/(.*)$/.exec(url ?? "")?.[1]?.replace(".flv", "") ?? "";
}

function toBodies({ config, accessUnits }: ReturnType<typeof encodePusherSpeech>): BurstSpeech {
  const toBody = (role: "config" | "key", data: Uint8Array) =>
    encodeAudioBody({ codec: "AAC", role, data }).slice();
  return {
    config: toBody("config", config),
    bodies: accessUnits.map((unit) => toBody("key", unit)),
    onsetsMs: new Map(),
  };
}
