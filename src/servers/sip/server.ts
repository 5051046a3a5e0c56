import { plainAddress } from "../../addresses.ts";
import type { Clock } from "../../clock.ts";
import { AppError, messageOf } from "../../errors.ts";
import type { Logger } from "../../log.ts";
import type { IncomingInvite } from "../../protocols/sip/incoming-invite.ts";
import { type SipPeer, sourceKey } from "../../protocols/sip/peer.ts";
import { SipUserAgent } from "../../protocols/sip/user-agent.ts";
import { AllowList } from "../access/allow-list.ts";
import { Deadline } from "./deadline.ts";
import { costOf, costOfMessage, MessageBudget, type MessageCost } from "./message-budget.ts";
import { TcpConnections } from "./tcp-connections.ts";

export type SipServerOptions = {
  /** An IP address of this machine that peers reach: it stands in what they are sent. */
  readonly host: string;
  /** 0 lets the system choose; TCP gets the same. */
  readonly port: number;
  readonly allow: readonly string[];
  readonly maxCalls: number;
  /** A product token, as `nway-wx/1.0`. */
  readonly software: string;
  readonly clock: Clock;
  readonly log: Logger;
};

/** What each call may have under way: its own INVITE, changes, keys and BYE, remembered for 32 s. */
const TRANSACTIONS_PER_CALL = 20;
/** Short calls soon after one another, and refused ones, are remembered for as long. */
const MIN_TRANSACTIONS = 20_000;
const MAX_NOTED_STRANGERS = 1000;
const BIND_ATTEMPTS = 10;

type UdpSocket = Bun.udp.Socket<"uint8array">;

/** The SIP user agent on its sockets, UDP and TCP on one port. */
export class SipServer implements Disposable {
  #takeInvite: TakeInvite;
  readonly #options: SipServerOptions;
  readonly #allowed: AllowList;
  readonly #strangers = new Set<string>();
  readonly #flooding = new Set<string>();
  readonly #budget = new MessageBudget();
  readonly #userAgent: SipUserAgent;
  readonly #deadline: Deadline;
  readonly #udp: UdpSocket;
  readonly #tcp: TcpConnections;
  #isRearming = false;
  #isDisposed = false;

  private constructor(
    options: SipServerOptions,
    udp: UdpSocket,
    takeDatagrams: (take: TakeDatagram) => void,
  ) {
    const { host, clock, log, maxCalls, software } = options;
    this.#options = options;
    this.#udp = udp;
    this.#takeInvite = this.#refuse;
    this.#allowed = new AllowList(options.allow);
    this.#deadline = new Deadline(clock, () => this.#guard(() => this.#userAgent.tick(clock.nowMs())));
    this.#tcp = new TcpConnections({
      host,
      port: udp.port,
      clock,
      log,
      isAllowed: (address) => this.#isAllowed(address),
      inCalls: () => this.#userAgent.listPeers(),
      mayRead: (message, source) => this.#mayRead(costOfMessage(message), source),
      onMessage: (message, source) =>
        this.#guard(() => this.#userAgent.receiveMessage(message, source, clock.nowMs())),
    });
    this.#userAgent = new SipUserAgent({
      address: host,
      port: udp.port,
      software,
      maxCalls,
      maxTransactions: Math.max(MIN_TRANSACTIONS, maxCalls * TRANSACTIONS_PER_CALL),
      token: makeToken,
      random: Math.random,
      send: (bytes, destination) => this.#send(bytes, destination),
      onInvite: (invite) => this.#takeInvite(invite),
      onBug: (thrown, event) => log.error("sip.bug", { event, reason: messageOf(thrown) }),
    });
    takeDatagrams((bytes, address, port) => {
      if (!this.#isAllowed(address)) return;
      const source: SipPeer = { transport: "UDP", address, port };
      if (!this.#mayRead(costOf(bytes), source)) return;
      this.#guard(() => this.#userAgent.receiveDatagram(bytes, source, clock.nowMs()));
    });
  }

  /** Listens once it resolves. Throws AppError `sip.cannot-listen` (environment). */
  static async start(options: SipServerOptions): Promise<SipServer> {
    for (let attempt = 1; ; attempt++) {
      let take: TakeDatagram = () => {};
      const udp = await openUdp(options, (bytes, address, port) => take(bytes, address, port));
      try {
        return new SipServer(options, udp, (given) => {
          take = given;
        });
      } catch (thrown) {
        udp.close();
        // Another program may have over TCP the port that was free over UDP.
        if (options.port === 0 && attempt < BIND_ATTEMPTS) continue;
        throw cannotListen(options, thrown);
      }
    }
  }

  get host(): string {
    return this.#options.host;
  }

  get port(): number {
    return this.#udp.port;
  }

  get callCount(): number {
    return this.#userAgent.callCount;
  }

  get transactionCount(): number {
    return this.#userAgent.transactionCount;
  }

  /**
   * From now on `take` gets each call, until the subscription is disposed of. Calls are refused while nobody takes
   * them.
   */
  takeInvites(take: TakeInvite): Disposable {
    this.#takeInvite = take;
    return {
      [Symbol.dispose]: () => {
        if (this.#takeInvite === take) this.#takeInvite = this.#refuse;
      },
    };
  }

  /** Over TCP. */
  get connectionCount(): number {
    return this.#tcp.count;
  }

  /** From now on this address may call too. */
  allow(address: string): void {
    this.#allowed.add(address);
  }

  [Symbol.dispose](): void {
    this.#isDisposed = true;
    this.#deadline[Symbol.dispose]();
    this.#udp.close();
    this.#tcp[Symbol.dispose]();
  }

  readonly #refuse: TakeInvite = ({ call }) => call.hangUp(this.#options.clock.nowMs(), { status: 503 });

  /** One line for each address that may not call; more than a flood of them is worth is left out. */
  #isAllowed(address: string): boolean {
    const plain = plainAddress(address);
    if (this.#allowed.has(plain)) return true;
    if (!this.#strangers.has(plain) && this.#strangers.size < MAX_NOTED_STRANGERS) {
      this.#strangers.add(plain);
      this.#options.log.warn("sip.not-allowed", { from: plain });
    }
    return false;
  }

  /** One line for each source that sends too much. */
  #mayRead(cost: MessageCost, source: SipPeer): boolean {
    const key = sourceKey(source);
    const isKnown = this.#userAgent.isKnown(source);
    if (this.#budget.take(key, isKnown, cost, this.#options.clock.nowMs())) return true;
    if (!this.#flooding.has(key) && this.#flooding.size < MAX_NOTED_STRANGERS) {
      this.#flooding.add(key);
      this.#options.log.warn("sip.too-many-messages", { from: source.address, port: source.port });
    }
    return false;
  }

  #send(bytes: Uint8Array, destination: SipPeer): void {
    this.#rearmSoon();
    if (destination.transport === "UDP") this.#sendDatagram(bytes, destination);
    else if (!this.#tcp.send(bytes, destination)) this.#sendAnew(bytes, destination.fallback ?? destination);
  }

  /** The connection is lost. Nobody may have us connect to a third party. */
  #sendAnew(bytes: Uint8Array, destination: SipPeer): void {
    if (destination.transport === "UDP") this.#sendDatagram(bytes, destination);
    else if (this.#allowed.has(plainAddress(destination.address))) this.#tcp.connect(bytes, destination);
    else this.#options.log.debug("sip.unsent", { to: destination.address, reason: "not allowed" });
  }

  #sendDatagram(bytes: Uint8Array, { address, port }: SipPeer): void {
    if (this.#udp.closed) return;
    try {
      this.#udp.send(bytes, port, address);
    } catch (thrown) {
      this.#options.log.debug("sip.unsent", { to: address, reason: messageOf(thrown) });
    }
  }

  /** A bug costs the one message that met it. */
  #guard(run: () => void): void {
    try {
      run();
    } catch (thrown) {
      this.#options.log.error("sip.bug", { reason: messageOf(thrown) });
    }
    this.#rearmSoon();
  }

  /** Once for all that happens in one go: calls are steered from outside too, which always sends something. */
  #rearmSoon(): void {
    if (this.#isRearming) return;
    this.#isRearming = true;
    queueMicrotask(() => {
      this.#isRearming = false;
      if (!this.#isDisposed) this.#deadline.set(this.#userAgent.nextDeadlineMs);
    });
  }
}

type TakeInvite = (invite: IncomingInvite) => void;
type TakeDatagram = (bytes: Uint8Array, address: string, port: number) => void;

async function openUdp(options: SipServerOptions, take: TakeDatagram): Promise<UdpSocket> {
  try {
    return await Bun.udpSocket({
      hostname: options.host,
      port: options.port,
      binaryType: "uint8array",
      socket: {
        data(_, bytes, port, address, { truncated }) {
          if (!truncated) take(bytes, address, port);
        },
        // The peer's machine has nobody on that port, yet or any more; without a handler Bun prints it.
        error() {},
      },
    });
  } catch (thrown) {
    throw cannotListen(options, thrown);
  }
}

function cannotListen({ host, port }: SipServerOptions, thrown: unknown): AppError {
  return new AppError("environment", "sip.cannot-listen", { host, port, reason: messageOf(thrown) });
}

/** 64 bits. */
function makeToken(): string {
  return crypto.getRandomValues(new Uint8Array(8)).toHex();
}
