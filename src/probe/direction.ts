import type { Clock, Timer } from "../clock.ts";
import { AppError } from "../errors.ts";
import { TagType } from "../media/body/tag-frame.ts";
import type { Tag } from "../protocols/flv/tag.ts";
import { playFlv } from "./flv-client.ts";
import { parseRtmpUrl, playRtmp, publishRtmp } from "./rtmp-client.ts";
import { FRAME_MS, makeToneBody, readToneIndex } from "./test-sound.ts";
import type { Trust } from "./trust.ts";

/** Frames still under way when sending stops are waited for so long. */
const LAST_FRAMES_MS = 500;

/** What one listener got of what one speaker sent. */
export type DirectionReport = {
  readonly name: string;
  readonly sent: number;
  readonly received: number;
  /** From the speaker's first frame until the listener had one; undefined if none came. */
  readonly firstMediaMs: number | undefined;
  /** One-way, of each frame received, ascending. */
  readonly delaysMs: readonly number[];
};

export type DirectionOptions = {
  /** How long the tone lasts. */
  readonly seconds: number;
  readonly trust: Trust;
  readonly clock: Clock;
};

type Speaker = { say(index: number): void; close(): void };
type Listener = { close(): void };

/**
 * Pushes a tone to `pushUrl` for `seconds` and listens for it at `pullUrl`. Each frame says which one it is: its timestamp
 * does not, since a gateway that has played something before puts it on that time line.
 */
export async function measureDirection(
  name: string,
  pushUrl: string,
  pullUrl: string,
  { seconds, clock, trust }: DirectionOptions,
): Promise<DirectionReport> {
  const sentAtMs = new Map<number, number>();
  const delaysMs: number[] = [];
  let firstSentMs: number | undefined;
  let firstMediaMs: number | undefined;
  let sent = 0;

  function heard(body: Uint8Array): void {
    const index = readToneIndex(body);
    const atMs = index === undefined ? undefined : sentAtMs.get(index);
    if (index === undefined || atMs === undefined || firstSentMs === undefined) return;
    sentAtMs.delete(index);
    const nowMs = clock.nowMs();
    firstMediaMs ??= nowMs - firstSentMs;
    delaysMs.push(nowMs - atMs);
  }

  const listener = await openListener(pullUrl, trust, heard);
  try {
    const speaker = await openSpeaker(pushUrl, trust);
    try {
      await repeat(clock, seconds * 1000, () => {
        const index = sent++;
        const nowMs = clock.nowMs();
        firstSentMs ??= nowMs;
        sentAtMs.set(index, nowMs);
        speaker.say(index);
      });
      await pause(clock, LAST_FRAMES_MS, () => sentAtMs.size === 0);
    } finally {
      speaker.close();
    }
  } finally {
    listener.close();
  }
  return {
    name,
    sent,
    received: delaysMs.length,
    firstMediaMs,
    delaysMs: delaysMs.toSorted((a, b) => a - b),
  };
}

async function openSpeaker(url: string, trust: Trust): Promise<Speaker> {
  const publisher = await publishRtmp(parseRtmpUrl(url, trust));
  return {
    say: (index) => publisher.sendAudio(index * FRAME_MS, makeToneBody(index)),
    close: () => publisher.close(),
  };
}

function openListener(url: string, trust: Trust, heard: (body: Uint8Array) => void): Promise<Listener> {
  if (/^rtmps?:/.test(url)) {
    return playRtmp(parseRtmpUrl(url, trust), {
      onMedia: ({ typeId, payload }) => typeId === TagType.audio && heard(payload),
    });
  }
  if (!/^(?:http|ws)s?:/.test(url)) {
    throw new AppError("environment", "probe.cannot-play", { scheme: new URL(url).protocol });
  }
  const onTag = ({ type, body }: Tag) => type === TagType.audio && heard(body);
  return playFlv(url, { onTag }, trust);
}

function repeat(clock: Clock, durationMs: number, run: () => void): Promise<void> {
  const done = Promise.withResolvers<void>();
  const endMs = clock.nowMs() + durationMs;
  const timer = clock.every(FRAME_MS, () => {
    if (clock.nowMs() < endMs) run();
    else {
      timer.cancel();
      done.resolve();
    }
  });
  return done.promise;
}

/** Until `isDone`, or for `limitMs` at most. */
function pause(clock: Clock, limitMs: number, isDone: () => boolean): Promise<void> {
  const done = Promise.withResolvers<void>();
  const endMs = clock.nowMs() + limitMs;
  const timer: Timer = clock.every(FRAME_MS, () => {
    if (!isDone() && clock.nowMs() < endMs) return;
    timer.cancel();
    done.resolve();
  });
  return done.promise;
}
