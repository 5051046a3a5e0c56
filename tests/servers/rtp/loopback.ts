import { type Clock, systemClock } from "../../../src/clock.ts";
import { silentLogger } from "../../../src/log.ts";
import { Beat } from "../../../src/media/beat.ts";
import type { AgreedAudio } from "../../../src/protocols/sdp/agreement.ts";
import { openPortPair, type PortPair } from "../../../src/servers/rtp/port-pair.ts";
import { PortPool } from "../../../src/servers/rtp/port-pool.ts";
import { RtpSession } from "../../../src/servers/rtp/rtp-session.ts";
import type { RtpListener, SoundSource } from "../../../src/telephone/rtp-port.ts";

export const HOST = "127.0.0.1";
/** Reports come ten times as often, so that a test sees them soon. */
const hurriedClock: Clock = {
  ...systemClock,
  every: (periodMs, run) => systemClock.every(periodMs / 10, run),
};

/** A pool of so many pairs of ports above one that the system calls free. */
export async function makeLoopbackPool(pairCount: number): Promise<PortPool> {
  const probe = await Bun.udpSocket({ hostname: HOST, port: 0 });
  const first = Math.min(probe.port, 65_000);
  probe.close();
  return new PortPool({ first, last: first + 2 * pairCount, chance: () => 0 });
}

export async function openLoopbackPair(pool: PortPool): Promise<PortPair> {
  const pair = await openPortPair(pool, HOST);
  if (pair === undefined) throw new Error("no free ports");
  return pair;
}

/** A pair of ports for another program: free a moment ago. */
export async function findFreePorts(pool: PortPool): Promise<number> {
  using pair = await openLoopbackPair(pool);
  return pair.rtpPort;
}

export type LoopbackOptions = Partial<RtpListener> & {
  readonly ports: PortPair;
  readonly audio: AgreedAudio;
  readonly source?: SoundSource;
};

/** A session on real sockets and the real time, but for its hurried reports. */
export function startLoopbackSession({
  ports,
  audio,
  source,
  onPacket,
  onDigit,
}: LoopbackOptions): RtpSession {
  let drawn = 0;
  const session = new RtpSession({
    ports,
    audio,
    isTrusted: () => false,
    beat: new Beat(systemClock, silentLogger),
    clock: hurriedClock,
    log: silentLogger,
    random: () => 1000 + drawn++,
    onPacket: onPacket ?? (() => {}),
    onDigit: onDigit ?? (() => {}),
    onBeat: () => {},
  });
  session.setSource(source);
  return session;
}
