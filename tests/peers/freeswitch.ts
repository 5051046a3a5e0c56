import { randomUUID } from "node:crypto";
import { createServer, type Server, type Socket } from "node:net";
import type { Channel } from "./freeswitch/channel.ts";
import { Dialer, type DialOptions } from "./freeswitch/dialer.ts";
import { type ClientSocket, EslConnection, type EslHost } from "./freeswitch/esl-connection.ts";
import type { EventHeaders } from "./freeswitch/event-text.ts";
import { InboundCall, type InboundOptions } from "./freeswitch/inbound-call.ts";
import { type ParsedOriginate, parseOriginate } from "./freeswitch/originate-command.ts";
import { OurLeg } from "./freeswitch/our-leg.ts";
import { type CallHost, PlacedPeerCall } from "./freeswitch/placed-call.ts";
import { beginEvent } from "./freeswitch/recorded-values.ts";
import { SipSide } from "./freeswitch/sip-side.ts";
import { waitFor } from "./wait.ts";

export type FreeswitchPeerOptions = DialOptions & {
  readonly password?: string;
  /** 0 by default: any. */
  readonly port?: number;
  /** Jobs have threads of their own, which may begin after later commands are done. */
  readonly beforeJob?: Promise<void>;
  /** Calls our user agent in truth, over UDP and RTP, at FreeSWITCH's pace; on this port, 0 for any. */
  readonly sipPort?: number;
  /** Takes commands without our mark, as the recordings have them. */
  readonly isLenient?: boolean;
};

/** The state machine's step, by the recordings. */
const TICK_MS = 20;

const HEARTBEAT_MS = 20_000;
const USAGE =
  "-USAGE: <call url> <exten>|&<application_name>(<app_args>) [<dialplan>] [<context>] [<cid_name>] [<cid_num>] [<timeout_sec>]\n";
const SHUTDOWN_NOTICE = "The system is being shut down.\n";

/** A FreeSWITCH as far as this project sees one: tests/fixtures/freeswitch is what it is held against. */
export class FreeswitchPeer implements EslHost, CallHost, AsyncDisposable {
  readonly password: string;
  /** Every line that clients sent, in order. */
  readonly commands: string[] = [];
  /** Every call placed, in order. */
  readonly calls: PlacedPeerCall[] = [];
  readonly channels = new Map<string, Channel>();
  connectionCount = 0;
  /** The list of channels is written now and then: for a while it knows nothing of the newest. */
  isListLate = false;
  /** Names of events that are dropped, as FreeSWITCH does with a client that reads too slowly. */
  readonly lostEvents = new Set<string>();
  /** Our legs, with `sipPort`, in order. */
  readonly legs: OurLeg[] = [];
  /** Calls of telephones that came in. */
  readonly inbound: InboundCall[] = [];
  /** What the gateway did that it must not. */
  readonly faults: string[] = [];
  readonly #timers = new Set<Timer>();
  #side: SipSide | undefined;
  #takenCount = 0;
  #isCutOff = false;
  readonly #options: FreeswitchPeerOptions;
  readonly #connections = new Set<EslConnection>();
  readonly #sockets = new Set<Socket>();
  readonly #server: Server;

  constructor(options: FreeswitchPeerOptions = {}) {
    this.#options = options;
    this.password = options.password ?? "ClueCon";
    this.#server = createServer({ noDelay: true }, (socket) => this.#listenTo(socket));
  }

  /** Resolves once it listens. */
  async listen(): Promise<void> {
    const { sipPort } = this.#options;
    if (sipPort !== undefined) {
      this.#side = await SipSide.open(sipPort, this.faults);
      this.#beatOn();
    }
    await new Promise<void>((listening) =>
      this.#server.listen(this.#options.port ?? 0, "127.0.0.1", listening),
    );
  }

  get port(): number {
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("the peer does not listen");
    return address.port;
  }

  get side(): SipSide {
    if (this.#side === undefined) throw new Error("the peer has no sipPort");
    return this.#side;
  }

  get openConnectionCount(): number {
    return this.#connections.size;
  }

  /** A client's connection: whoever calls this brings what the client sends. */
  accept(socket: ClientSocket): EslConnection {
    this.connectionCount++;
    const connection = new EslConnection(this, socket);
    this.#connections.add(connection);
    return connection;
  }

  /** Drops every connection without a word, as a broken network does. */
  dropConnections(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  /** The next call out whose telephone is dialled. */
  async nextLeg(): Promise<OurLeg> {
    const leg = await waitFor(`call ${this.#takenCount + 1}`, () => this.legs[this.#takenCount]);
    this.#takenCount++;
    await waitFor("the telephone to be dialled", () => leg.call.farLeg ?? leg.call.hasEnded);
    return leg;
  }

  /** A telephone calls a user of the gateway, through the dialplan. */
  async callIn(options: InboundOptions): Promise<InboundCall> {
    const call = await InboundCall.open(this.side, this, options);
    this.inbound.push(call);
    return call;
  }

  /** Ends all calls and connections in order, as `shutdown` does. */
  shutDown(): void {
    this.fire({
      ...beginEvent("SHUTDOWN", "switch_core.c", "switch_core_destroy", 3033),
      "Event-Info": "System Shutting Down",
    });
    for (const call of this.calls) call.hangUpOurLeg("send_bye", "SYSTEM_SHUTDOWN");
    for (const connection of this.#connections) connection.sayGoodbye(SHUTDOWN_NOTICE);
    this.#server.close();
  }

  /** Drops every connection and takes no other, as without mod_event_socket. Calls go on. */
  closeEventSocket(): void {
    this.#server.close();
    this.dropConnections();
  }

  /** Neither hears nor says anything any more, and nobody is told so: the network is cut. */
  cutOff(): void {
    this.#isCutOff = true;
    this.#side?.cutOff();
  }

  /** Loses all calls and says nothing, as a killed process does. */
  kill(): void {
    this.channels.clear();
    this.closeEventSocket();
    for (const timer of this.#timers) clearTimeout(timer);
    for (const leg of this.legs) leg.abandon();
    this.#side?.close();
    this.#side = undefined;
  }

  #beatOn(): void {
    this.after(HEARTBEAT_MS, () => {
      this.heartBeat();
      this.#beatOn();
    });
  }

  heartBeat(): void {
    this.fire({
      ...beginEvent("HEARTBEAT", "switch_core.c", "send_heartbeat", 95),
      "Event-Info": "System Ready",
    });
  }

  fire(headers: EventHeaders): void {
    if (this.#isCutOff || this.lostEvents.has(headers["Event-Name"] ?? "")) return;
    for (const connection of this.#connections) connection.fire(headers);
  }

  add(channel: Channel): void {
    this.channels.set(channel.uuid, channel);
  }

  remove(channel: Channel): void {
    this.channels.delete(channel.uuid);
  }

  /** At once where nobody calls over UDP. */
  later(run: () => void): void {
    if (this.#options.sipPort === undefined) run();
    else this.after(TICK_MS, run);
  }

  after(delayMs: number, run: () => void): Timer {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      run();
    }, delayMs);
    this.#timers.add(timer);
    return timer;
  }

  createUuid(): string {
    return randomUUID();
  }

  note(command: string): void {
    this.commands.push(command);
  }

  runApi(command: string, argument: string): string {
    switch (command) {
      case "show":
        return this.#show(argument);
      case "uuid_exists":
        return String(this.channels.has(argument));
      case "eval":
        return this.#evaluate(argument);
      case "uuid_kill":
        return this.#killChannel(argument);
      case "module_exists":
        return String(argument === "mod_sofia");
      case "create_uuid":
        return this.createUuid();
      default:
        return `-ERR ${command} Command not found!\n`;
    }
  }

  runJob(command: string, argument: string, answer: (result: string) => void): void {
    if (command !== "originate") {
      answer(this.runApi(command, argument));
      return;
    }
    try {
      void this.#place(parseOriginate(argument, this.#options.isLenient !== true), answer);
    } catch (thrown) {
      this.faults.push(String(thrown));
      answer(USAGE);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.kill();
  }

  #listenTo(socket: Socket): void {
    const connection = this.accept(socket);
    this.#sockets.add(socket);
    socket.on("data", (bytes: Uint8Array) => {
      if (!this.#isCutOff) connection.receive(bytes);
    });
    socket.on("error", () => {});
    socket.on("close", () => {
      this.#sockets.delete(socket);
      this.#connections.delete(connection);
    });
  }

  async #place(originate: ParsedOriginate, answer: (result: string) => void): Promise<void> {
    await this.#options.beforeJob;
    let leg: OurLeg | undefined;
    const call = new PlacedPeerCall(this, originate, () => leg?.update());
    call.begin();
    this.calls.push(call);
    if (this.#side !== undefined) {
      leg = await OurLeg.open(this.#side, call);
      this.legs.push(leg);
    }
    await new Dialer(this, this.#options).run(call, leg, answer);
  }

  #show(argument: string): string {
    const rows = this.isListLate ? [] : [...this.channels.values()].map((channel) => channel.toRow());
    if (argument !== "channels as json") return `\n${rows.length} total.\n`;
    return `${JSON.stringify(rows.length === 0 ? { row_count: 0 } : { row_count: rows.length, rows }).replace(":", ": ")}\n`;
  }

  /** Of a channel that is not there nothing comes, which the event socket words by itself. */
  #evaluate(argument: string): string {
    const [, uuid = "", name] = /^uuid:(\S+) \$\{([\w-]+)\}$/.exec(argument) ?? [];
    if (name !== "Channel-Call-State") throw new Error(`eval: not recorded: ${argument}`);
    return this.channels.get(uuid)?.callState ?? "-ERR no reply\n";
  }

  #killChannel(uuid: string): string {
    if (!this.channels.has(uuid)) return "-ERR No such channel!\n";
    const call = this.calls.find(({ ourLeg, farLeg }) => ourLeg.uuid === uuid || farLeg?.uuid === uuid);
    if (call === undefined) this.channels.delete(uuid);
    // The channel's own thread ends it, after the answer.
    else queueMicrotask(() => call.hangUpOurLeg("send_bye"));
    return "+OK\n";
  }
}

export async function startFreeswitchPeer(options: FreeswitchPeerOptions = {}): Promise<FreeswitchPeer> {
  const peer = new FreeswitchPeer(options);
  await peer.listen();
  return peer;
}
