import { expect, test } from "bun:test";
import { systemClock } from "../../src/clock.ts";
import { createLogger } from "../../src/log.ts";
import type { AgreedAudio } from "../../src/protocols/sdp/agreement.ts";
import type { LegSound, SoundPorts } from "../../src/telephone/leg-sound.ts";
import { VoiceThreads } from "../../src/voice/voice-threads.ts";
import { FakeStream } from "../calls/fake-media.ts";
import { waitFor } from "../peers/wait.ts";
import { AUDIO } from "../servers/rtp/fake-ports.ts";
import { findFreePorts, HOST, makeLoopbackPool } from "../servers/rtp/loopback.ts";

const WORKER = new URL("../../src/voice/worker.ts", import.meta.url);
const PCMA: AgreedAudio = {
  ...AUDIO,
  comfortNoise: undefined,
  remote: { address: HOST, rtpPort: 9, rtcpPort: 9 },
};

type Talk = {
  readonly sound: LegSound;
  readonly heard: FakeStream;
  readonly spoken: FakeStream;
  readonly digits: string[];
  lostCount: number;
};

/** Threads with so many pairs of ports each. */
async function startThreads(threadCount: number, pairCount: number, script = WORKER) {
  const first = await findFreePorts(await makeLoopbackPool(2 * threadCount * pairCount));
  const ports = Array.from({ length: threadCount }, (_, index) => {
    const begin = first + 2 * index * pairCount;
    return { first: begin, last: begin + 2 * pairCount - 1 };
  });
  const lines: string[] = [];
  const workers: Worker[] = [];
  const threads = new VoiceThreads({
    setting: { host: HOST, allow: [] },
    ports,
    startWorker: () => {
      const worker = new Worker(script.href);
      workers.push(worker);
      return worker;
    },
    clock: systemClock,
    log: createLogger({ level: "debug", write: (line) => void lines.push(line) }),
  });
  return { threads, ports, workers, lines, [Symbol.asyncDispose]: () => threads[Symbol.asyncDispose]() };
}

async function open(threads: VoiceThreads): Promise<SoundPorts> {
  const ports = await threads.openPorts();
  if (ports === undefined) throw new Error("no ports");
  return ports;
}

/** A telephone at the other end of each pair: the next pair, and the first again. */
function talkInPairs(
  pairs: readonly SoundPorts[],
  log = createLogger({ level: "silent", write() {} }),
): Talk[] {
  return pairs.map((ports, index) => {
    const peer = pairs[index ^ 1]?.rtpPort ?? 9;
    const [heard, spoken] = [new FakeStream("heard", () => {}), new FakeStream("spoken", () => {})];
    const digits: string[] = [];
    const talk = { heard, spoken, digits, lostCount: 0 };
    const sound = ports.start(
      { ...PCMA, remote: { address: HOST, rtpPort: peer, rtcpPort: peer + 1 } },
      {
        streams: { heard, spoken },
        from: HOST,
        onDigit: (digit) => void digits.push(digit),
        onLost: () => void talk.lostCount++,
        log,
      },
    );
    sound.open();
    return Object.assign(talk, { sound });
  });
}

const framesOf = ({ spoken }: Talk) => spoken.speeches[0]?.sound.length ?? 0;

test("telephones on threads hear each other, press keys and are counted", async () => {
  await using laboratory = await startThreads(2, 2);
  const { threads, ports } = laboratory;
  const pairs = [await open(threads), await open(threads), await open(threads), await open(threads)];
  // Each thread has its part of the ports, and they get lines in turn.
  for (const [index, { first, last }] of ports.entries()) {
    const own = pairs.filter(({ rtpPort }) => rtpPort >= first && rtpPort <= last);
    expect(own, `thread ${index}`).toHaveLength(2);
  }
  expect(threads.takenCount).toBe(4);
  expect(await threads.openPorts()).toBeUndefined();

  const lines: string[] = [];
  const talks = talkInPairs(pairs, createLogger({ level: "info", write: (line) => void lines.push(line) }));
  talks[0]?.sound.sendDigits("7#");
  await waitFor("everybody to be heard", () => talks.every((talk) => framesOf(talk) > 20));
  await waitFor("the keys", () => talks[1]?.digits.length === 2);
  expect(talks[1]?.digits).toEqual(["7", "#"]);
  await waitFor("counters", () => talks.every(({ sound }) => sound.media.receivedPackets > 20));
  for (const { sound } of talks) {
    expect(sound.media).toMatchObject({ codec: "PCMA", badPackets: 0, foreignPackets: 0, lostPackets: 0 });
    expect(systemClock.nowMs() - (sound.lastReceivedAtMs ?? 0)).toBeLessThan(5000);
  }
  expect(lines.filter((line) => line.includes(" telephone.media "))).toHaveLength(4);

  for (const { sound } of talks) sound.end();
  await Promise.all(talks.map(({ sound }) => sound.finish()));
  expect(threads.takenCount).toBe(0);
  expect(talks.every(({ spoken }) => spoken.speeches.every(({ isEnded }) => isEnded))).toBe(true);
  expect(talks.map(({ lostCount }) => lostCount)).toEqual([0, 0, 0, 0]);
});

test("ports that no sound comes of are free again", async () => {
  await using laboratory = await startThreads(1, 1);
  for (let round = 0; round < 3; round++) {
    const ports = await open(laboratory.threads);
    ports[Symbol.dispose]();
    await waitFor("free ports", () => laboratory.threads.takenCount === 0);
  }
});

test("a thread that dies costs its own lines, and another takes its place on its ports", async () => {
  await using laboratory = await startThreads(2, 2);
  const { threads, workers, lines } = laboratory;
  const opened = [await open(threads), await open(threads), await open(threads), await open(threads)];
  // Those of one thread are each other's telephones.
  const pairs = opened.toSorted((one, other) => one.rtpPort - other.rtpPort);
  const talks = talkInPairs(pairs);
  await waitFor("everybody to be heard", () => talks.every((talk) => framesOf(talk) > 5));
  workers[0]?.terminate();
  await waitFor("the loss", () => talks[0]?.lostCount === 1 && talks[1]?.lostCount === 1);
  expect(lines.filter((line) => line.includes("error voice.thread-lost thread=1"))).toHaveLength(1);
  const before = talks.slice(2).map(framesOf);
  await waitFor("the others to talk on", () =>
    talks.slice(2).every((talk, index) => framesOf(talk) > 20 + (before[index] ?? 0)),
  );
  expect(talks.map(({ lostCount }) => lostCount)).toEqual([1, 1, 0, 0]);
  // What is lost has nothing left to wait for.
  await Promise.all(talks.slice(0, 2).map(({ sound }) => sound.finish()));

  await waitFor("another thread", () => workers.length === 3 && threads.threadCount === 2);
  const again = [await open(threads), await open(threads)];
  expect(new Set(again.map(({ rtpPort }) => rtpPort))).toEqual(
    new Set(pairs.slice(0, 2).map(({ rtpPort }) => rtpPort)),
  );
  const anew = talkInPairs(again);
  await waitFor("the new lines to be heard", () => anew.every((talk) => framesOf(talk) > 5));
});

test("a telephone that is answered after its thread died is lost at once, and nothing waits for it", async () => {
  await using laboratory = await startThreads(1, 2);
  const { threads, workers } = laboratory;
  const pairs = [await open(threads), await open(threads)];
  workers[0]?.terminate();
  await waitFor("another thread", () => workers.length === 2);
  const talks = talkInPairs(pairs);
  expect(talks.map(({ lostCount }) => lostCount)).toEqual([0, 0]);
  await waitFor("the loss", () => talks.every(({ lostCount }) => lostCount === 1));
  await Promise.all(talks.map(({ sound }) => sound.finish()));
});

test("when the threads stop, nobody waits any longer for what they had", async () => {
  const { threads } = await startThreads(1, 2);
  const [talk] = talkInPairs([await open(threads)]);
  talk?.sound.end();
  const opening = threads.openPorts();
  await threads[Symbol.asyncDispose]();
  (await opening)?.[Symbol.dispose]();
  await talk?.sound.finish();
  expect(talk?.lostCount).toBe(0);
  expect(await threads.openPorts()).toBeUndefined();
});

test("a thread that hangs is given up", async () => {
  await using laboratory = await startThreads(1, 1, new URL("./hanging-worker.ts", import.meta.url));
  const { threads, workers, lines } = laboratory;
  expect(await threads.openPorts()).toBeUndefined();
  expect(lines.join("")).toContain('voice.thread-lost thread=1 reason="it does not answer"');
  await waitFor("another thread", () => workers.length === 2);
});
