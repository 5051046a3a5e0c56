import { availableParallelism } from "node:os";
import type { Clock } from "../clock.ts";
import { countPairs, splitPorts } from "../config/port-range.ts";
import type { Config } from "../config/schema.ts";
import type { Logger } from "../log.ts";
import { AllowList } from "../servers/access/allow-list.ts";
import { RtpServer } from "../servers/rtp/rtp-server.ts";
import type { LegSounds } from "../telephone/leg-sound.ts";
import { RtpSounds } from "../telephone/rtp-sound.ts";
import { VoiceThreads } from "../voice/voice-threads.ts";

/** Where telephones' sound is made. */
export type VoiceSide = AsyncDisposable & {
  readonly sounds: LegSounds;
  /** Threads that run; 0: it is made on the main thread. */
  readonly threadCount: number;
  /** How late packets are sent of late, on average. */
  readonly lateMs: number;
  /** How many pairs of ports are taken now, and how many there are. */
  readonly portCounts: { readonly taken: number; readonly all: number };
};

/** @param startWorker starts src/voice/worker.ts */
export function startVoice(
  { sip, rtp, media }: Config,
  startWorker: () => Worker,
  clock: Clock,
  log: Logger,
): VoiceSide {
  const { host } = sip.addr;
  const { ports, allow } = rtp;
  const count = media.voice_threads ?? Math.max(1, availableParallelism() - 1);
  const makeHere = () => new RtpServer({ host, ports, isAllowed: allowedIn(allow), clock, log });
  return count === 0 ? asVoiceSide(makeHere(), clock) : startThreads(count);

  function startThreads(wanted: number): VoiceSide {
    const threads = new VoiceThreads({
      setting: { host, allow },
      ports: splitPorts(ports, wanted),
      ...{ startWorker, clock, log },
    });
    return {
      sounds: threads,
      get threadCount() {
        return threads.threadCount;
      },
      get lateMs() {
        return threads.lateMs;
      },
      get portCounts() {
        return { taken: threads.takenCount, all: countPairs(ports) };
      },
      [Symbol.asyncDispose]: () => threads[Symbol.asyncDispose](),
    };
  }
}

function allowedIn(networks: readonly string[]): (address: string) => boolean {
  const list = new AllowList(networks);
  return (address) => list.has(address);
}

function asVoiceSide(server: RtpServer, clock: Clock): VoiceSide {
  return {
    sounds: new RtpSounds(server, clock),
    threadCount: 0,
    get lateMs() {
      return server.lateMs;
    },
    get portCounts() {
      return server.portCounts;
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}
