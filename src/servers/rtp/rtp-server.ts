import { plainAddress } from "../../addresses.ts";
import type { Clock } from "../../clock.ts";
import { messageOf } from "../../errors.ts";
import type { Logger } from "../../log.ts";
import { Beat } from "../../media/beat.ts";
import type { AgreedAudio } from "../../protocols/sdp/agreement.ts";
import type { Rtp, RtpListener, RtpPorts } from "../../telephone/rtp-port.ts";
import { openPortPair, type PortPair } from "./port-pair.ts";
import { PortPool } from "./port-pool.ts";
import { RtpSession, type RtpSessionOptions } from "./rtp-session.ts";

export type RtpServerOptions = {
  /** The address to listen on, which is also the one that packets are sent from. */
  readonly host: string;
  /** Both ends included. */
  readonly ports: { readonly first: number; readonly last: number };
  /** Whether sound may come from this address, whichever telephone's. */
  readonly isAllowed: (address: string) => boolean;
  readonly clock: Clock;
  readonly log: Logger;
};

interface OpenPorts extends RtpPorts {
  start(audio: AgreedAudio, peerHost: string, listener: RtpListener, log: Logger): RtpSession;
}

/** All telephone sound: its ports and the one timer that paces it. */
export class RtpServer implements Rtp, AsyncDisposable {
  readonly #options: RtpServerOptions;
  readonly #pool: PortPool;
  readonly #beat: Beat;
  readonly #open = new Map<PortPair, RtpSession | undefined>();
  #isDisposed = false;

  constructor(options: RtpServerOptions) {
    const { ports, clock, log } = options;
    this.#options = options;
    this.#pool = new PortPool({ ...ports, chance: (limit) => drawBits() % limit });
    this.#beat = new Beat(clock, log);
  }

  /** How many pairs of ports are taken now, and how many there are. */
  get portCounts(): { readonly taken: number; readonly all: number } {
    return { taken: this.#pool.takenCount, all: this.#pool.size };
  }

  /** How late packets are sent of late, on average. */
  get lateMs(): number {
    return this.#beat.lateMs;
  }

  /** Undefined when none can be had. */
  async openPorts(): Promise<OpenPorts | undefined> {
    const opened = await this.#openOrComplain();
    if (opened === undefined) return undefined;
    const pair: PortPair = {
      ...opened,
      [Symbol.dispose]: () => {
        this.#open.delete(pair);
        opened[Symbol.dispose]();
      },
    };
    if (this.#isDisposed) pair[Symbol.dispose]();
    else this.#open.set(pair, undefined);
    if (this.#isDisposed) return undefined;
    return {
      rtpPort: pair.rtpPort,
      start: (audio, peerHost, listener, log) => {
        const host = plainAddress(peerHost);
        const isTrusted = (address: string) => address === host || this.#options.isAllowed(address);
        return this.#start(pair, { audio, isTrusted, log, ...listener });
      },
      [Symbol.dispose]: () => pair[Symbol.dispose](),
    };
  }

  /** The system may be out of file descriptors, or have lost the address: that costs the call, not the process. */
  async #openOrComplain(): Promise<PortPair | undefined> {
    const { host, log } = this.#options;
    try {
      return await openPortPair(this.#pool, host);
    } catch (thrown) {
      log.error("rtp.cannot-open", { host, reason: messageOf(thrown) });
      return undefined;
    }
  }

  #start(ports: PortPair, leg: Omit<RtpSessionOptions, "ports" | "beat" | "clock" | "random">): RtpSession {
    const { clock } = this.#options;
    const session = new RtpSession({ ...leg, ports, beat: this.#beat, clock, random: drawBits });
    this.#open.set(ports, session);
    return session;
  }

  /** Lets every session have its last 200 ms. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isDisposed = true;
    await Promise.all([...this.#open].map(([pair, session]) => session?.finish() ?? pair[Symbol.dispose]()));
  }
}

/** 32 random bits that nobody can foretell: who could might send into a call. */
function drawBits(): number {
  return crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;
}
