import { afterAll, expect } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decodeALaw, encodeALaw } from "../../../src/codecs/g711/a-law.ts";
import { decodeULaw, encodeULaw } from "../../../src/codecs/g711/u-law.ts";
import { decodeL16, encodeL16 } from "../../../src/codecs/pcm/l16.ts";
import { rateOf, type TelephoneCodec } from "../../../src/media/sound/telephone/telephone-packet.ts";
import type { AgreedAudio } from "../../../src/protocols/sdp/agreement.ts";
import type { PortPair } from "../../../src/servers/rtp/port-pair.ts";
import type { PortPool } from "../../../src/servers/rtp/port-pool.ts";
import type { SoundSource } from "../../../src/telephone/rtp-port.ts";
import { makeVoice } from "../../codecs/pcm/signals.ts";
import { findSound } from "../../peers/correlation.ts";
import { startProcess } from "../../peers/process.ts";
import { requirePrograms } from "../../peers/programs.ts";
import { isBound } from "../../peers/udp-ports.ts";
import { waitFor } from "../../peers/wait.ts";
import { AUDIO } from "./fake-ports.ts";
import { findFreePorts, HOST, makeLoopbackPool, openLoopbackPair, startLoopbackSession } from "./loopback.ts";

const folder = await mkdtemp(join(tmpdir(), "nway-wx-rtp-"));
afterAll(() => rm(folder, { recursive: true, force: true }));

const CODERS = {
  PCMA: { encode: encodeALaw, decode: decodeALaw, byteCount: 1 },
  PCMU: { encode: encodeULaw, decode: decodeULaw, byteCount: 1 },
  L16: {
    encode: (samples: Float32Array, bytes: Uint8Array) => encodeL16(samples, bytes, false),
    decode: (bytes: Uint8Array, samples: Float32Array) => decodeL16(bytes, samples, false),
    byteCount: 2,
  },
};

/** Plays `sound` over and over. */
function playRound(codec: TelephoneCodec, sound: Float32Array, ptimeMs: number): SoundSource {
  const frame = new Float32Array((rateOf(codec) * ptimeMs) / 1000);
  const payload = new Uint8Array(frame.length * CODERS[codec].byteCount);
  let at = 0;
  return {
    pull() {
      for (let index = 0; index < frame.length; index++) frame[index] = sound[at++ % sound.length] ?? 0;
      CODERS[codec].encode(frame, payload);
      return payload;
    },
  };
}

/** What was received, one packet behind the other. */
class Recording {
  readonly #pieces: Float32Array[] = [];
  sampleCount = 0;

  constructor(readonly codec: TelephoneCodec) {}

  add(payload: Uint8Array): void {
    const samples = new Float32Array(payload.length / CODERS[this.codec].byteCount);
    CODERS[this.codec].decode(payload, samples);
    this.#pieces.push(samples);
    this.sampleCount += samples.length;
  }

  get samples(): Float32Array {
    return Float32Array.from(this.#pieces.flatMap((piece) => [...piece]));
  }
}

function agree(codec: TelephoneCodec, rtpPort: number): AgreedAudio {
  const payloadType = { PCMA: 8, PCMU: 0, L16: 97 }[codec];
  const remote = { address: HOST, rtpPort, rtcpPort: rtpPort + 1 };
  const receivable = new Map([[payloadType, codec]]);
  return { ...AUDIO, codec, clockRate: rateOf(codec), payloadType, receivable, remote };
}

async function writeSound(sound: Float32Array, name: string): Promise<string> {
  const bytes = new Uint8Array(sound.length * 2);
  encodeL16(sound, bytes, true);
  await Bun.write(join(folder, name), bytes);
  return join(folder, name);
}

requirePrograms("ffmpeg").each([
  ["PCMA", "pcm_alaw", 172],
  ["PCMU", "pcm_mulaw", 172],
  ["L16", "pcm_s16be", 652],
] as const)("ffmpeg's %s is heard, and none of it is lost", async (codec, coder, packetBytes) => {
  const rate = rateOf(codec);
  const voice = makeVoice(rate, 1, 5);
  const file = await writeSound(voice, `${codec}.s16`);
  const pool = await makeLoopbackPool(50);
  const ports = await openLoopbackPair(pool);
  const recording = new Recording(codec);
  // Announced is a port from which nothing comes: ffmpeg sends from another.
  using session = startLoopbackSession({
    ports,
    audio: agree(codec, await findFreePorts(pool)),
    onPacket: ({ payload }) => recording.add(payload),
  });
  const target = `rtp://${HOST}:${session.rtpPort}?pkt_size=${packetBytes}`;
  const input = ["-re", "-f", "s16le", "-ar", String(rate), "-ac", "1", "-i", file];
  await using ffmpeg = startProcess(
    ["ffmpeg", "-hide_banner", "-loglevel", "error", ...input, "-c:a", coder, "-payload_type"].concat(
      String(agree(codec, 0).payloadType),
      "-f",
      "rtp",
      target,
    ),
  );
  await ffmpeg.waitForExit();
  await waitFor("all of it", () => recording.sampleCount >= voice.length * 0.98);
  expect(findSound(voice.subarray(0, rate * 0.9), recording.samples).likeness).toBeGreaterThan(0.99);
  expect(session.counters).toMatchObject({ lostPackets: 0, foreignPackets: 0, badPackets: 0 });
  expect(session.counters.receivedPackets).toBeGreaterThanOrEqual(49);
});

requirePrograms("ffmpeg").each(["PCMA", "PCMU", "L16"] as const)("ffmpeg hears our %s", async (codec) => {
  const rate = rateOf(codec);
  const voice = makeVoice(rate, 1, 6);
  const pool = await makeLoopbackPool(50);
  const ports = await openLoopbackPair(pool);
  const farPort = await findFreePorts(pool);
  const audio = agree(codec, farPort);
  const description = `v=0\no=- 1 1 IN IP4 ${HOST}\ns=-\nc=IN IP4 ${HOST}\nt=0 0\nm=audio ${farPort} RTP/AVP ${audio.payloadType}\na=rtpmap:${audio.payloadType} ${codec}/${rate}\n`;
  await Bun.write(join(folder, `${codec}.sdp`), description);
  const input = ["-protocol_whitelist", "file,udp,rtp", "-analyzeduration", "0", "-probesize", "32"];
  await using ffmpeg = startProcess(
    [
      "ffmpeg",
      "-hide_banner",
      "-loglevel",
      "error",
      ...input,
      "-i",
      join(folder, `${codec}.sdp`),
      "-t",
      "1.6",
    ].concat("-f", "s16le", "-"),
  );
  await waitFor("ffmpeg to listen", () => isBound(farPort), 15_000);
  using session = startLoopbackSession({ ports, audio, source: playRound(codec, voice, audio.ptimeMs) });
  // It listens to more than that.
  await waitFor("a second of packets", () => session.counters.sentPackets >= 50);
  expect(session.counters.unsentPackets).toBe(0);
  await ffmpeg.waitForExit();
  const bytes = ffmpeg.stdoutBytes();
  const heard = new Float32Array(bytes.length / 2);
  decodeL16(bytes, heard, true);
  expect(findSound(voice.subarray(0, rate * 0.4), heard).likeness).toBeGreaterThan(0.98);
});

/** gst-launch cannot send from the ports that it listens on, as telephones do: this stands before it and can. */
async function openFront(pool: PortPool, nearPort: number, farPort: number): Promise<PortPair> {
  const front = await openLoopbackPair(pool);
  front.listen({
    onRtp: (bytes, _, from) => front.sendRtp(bytes, HOST, from === nearPort ? farPort : nearPort),
    onRtcp: (bytes, _, from) =>
      front.sendRtcp(bytes, HOST, from === nearPort + 1 ? farPort + 1 : nearPort + 1),
  });
  return front;
}

/** A tone sent to `target` and what comes to `farPort` written to `file`, with reports both ways. */
function talkWithGstreamer(target: number, farPort: number, file: string): string[] {
  const caps = "application/x-rtp,media=audio,clock-rate=8000,encoding-name=PCMA,payload=8";
  const pipeline = `rtpbin name=bin rtp-profile=avpf
    audiotestsrc is-live=true wave=triangle freq=440 volume=0.5 ! audio/x-raw,rate=8000,channels=1
    ! alawenc ! rtppcmapay min-ptime=20000000 max-ptime=20000000 ! bin.send_rtp_sink_0
    bin.send_rtp_src_0 ! udpsink host=${HOST} port=${target}
    bin.send_rtcp_src_0 ! udpsink host=${HOST} port=${target + 1} sync=false async=false
    udpsrc address=${HOST} port=${farPort} caps=${caps} ! bin.recv_rtp_sink_0
    bin. ! rtppcmadepay ! alawdec ! filesink location=${file}
    udpsrc address=${HOST} port=${farPort + 1} ! bin.recv_rtcp_sink_0`;
  return ["gst-launch-1.0", "-q", "-e", ...pipeline.split(/\s+/)];
}

requirePrograms("gstreamer")("GStreamer talks with us both ways, and hears of it in reports", async () => {
  const voice = makeVoice(8000, 1, 7);
  const triangle = Float32Array.from({ length: 4000 }, (_, index) => {
    const phase = (index * 440) / 8000;
    return 2 * Math.abs(2 * (phase - Math.floor(phase + 0.5))) - 1;
  });
  const pool = await makeLoopbackPool(50);
  const ports = await openLoopbackPair(pool);
  const farPort = await findFreePorts(pool);
  using front = await openFront(pool, ports.rtpPort, farPort);
  const recording = new Recording("PCMA");
  const file = join(folder, "heard.s16");
  await using gstreamer = startProcess(talkWithGstreamer(front.rtpPort, farPort, file));
  using session = startLoopbackSession({
    ports,
    audio: agree("PCMA", front.rtpPort),
    source: playRound("PCMA", voice, 20),
    onPacket: ({ payload }) => recording.add(payload),
  });
  await waitFor("an answer to our report", () => session.counters.far?.roundTripMs !== undefined, 15_000);
  await waitFor("enough sound", () => recording.sampleCount > 20_000);
  gstreamer.kill("SIGINT");
  await gstreamer.waitForExit();
  const { counters } = session;
  expect(counters).toMatchObject({ lostPackets: 0, badPackets: 0, foreignPackets: 0, unsentPackets: 0 });
  expect(counters.far?.fractionLost).toBe(0);
  expect(findSound(triangle, recording.samples).likeness).toBeGreaterThan(0.98);
  const bytes = await Bun.file(file).bytes();
  const heard = new Float32Array(bytes.length >> 1);
  decodeL16(bytes, heard, true);
  expect(findSound(voice.subarray(0, 3200), heard).likeness).toBeGreaterThan(0.98);
});
