import { randomUUID } from "node:crypto";
import { createServer, type Server, type Socket } from "node:net";
import { type Channel, type ParsedOriginate, parseOriginate } from "./freeswitch/channel.ts";
import {
  type ClientSocket,
  EslConnection,
  type EslHost,
  type EventHeaders,
} from "./freeswitch/esl-connection.ts";
import { type CallHost, PlacedPeerCall } from "./freeswitch/placed-call.ts";

/** How our leg takes the INVITE of a call out: with an answer, or with a cause. */
export type CallOurLeg = (originate: ParsedOriginate) => Promise<"answered" | { readonly cause: string }>;

export type FreeswitchPeerOptions = {
  readonly password?: string;
  /** 0 by default: any. */
  readonly port?: number;
  /** Without it our leg answers at once. */
  readonly callOurLeg?: CallOurLeg;
  /** Gateways there are, and whether they are up. */
  readonly gateways?: Readonly<Record<string, "up" | "down">>;
  /** Jobs have threads of their own, which may begin after later commands are done. */
  readonly beforeJob?: Promise<void>;
};

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
    await new Promise<void>((listening) =>
      this.#server.listen(this.#options.port ?? 0, "127.0.0.1", listening),
    );
  }

  get port(): number {
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("the peer does not listen");
    return address.port;
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

  /** Ends all calls and connections in order, as `shutdown` does. */
  shutDown(): void {
    this.fire({ "Event-Name": "SHUTDOWN", "Event-Info": "System Shutting Down" });
    for (const call of this.calls) call.hangUpOurLeg("send_bye", "SYSTEM_SHUTDOWN");
    for (const connection of this.#connections) connection.sayGoodbye(SHUTDOWN_NOTICE);
    this.#server.close();
  }

  /** Loses all calls and says nothing, as a killed process does. */
  kill(): void {
    this.channels.clear();
    this.#server.close();
    this.dropConnections();
  }

  heartBeat(): void {
    this.fire({ "Event-Name": "HEARTBEAT", "Event-Info": "System Ready" });
  }

  fire(headers: EventHeaders): void {
    for (const connection of this.#connections) connection.fire(headers);
  }

  add(channel: Channel): void {
    this.channels.set(channel.uuid, channel);
  }

  remove(channel: Channel): void {
    this.channels.delete(channel.uuid);
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
    const originate = command === "originate" ? parseOriginate(argument) : undefined;
    if (originate === undefined) answer(this.runApi(command, argument));
    else void this.#place(originate, answer);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.kill();
  }

  #listenTo(socket: Socket): void {
    const connection = this.accept(socket);
    this.#sockets.add(socket);
    socket.on("data", (bytes: Uint8Array) => connection.receive(bytes));
    socket.on("error", () => {});
    socket.on("close", () => {
      this.#sockets.delete(socket);
      this.#connections.delete(connection);
    });
  }

  async #place(originate: ParsedOriginate, answer: (result: string) => void): Promise<void> {
    await this.#options.beforeJob;
    const call = new PlacedPeerCall(this, originate);
    call.begin();
    this.calls.push(call);
    const outcome = await (this.#options.callOurLeg?.(originate) ?? "answered");
    if (call.hasEnded) return;
    if (outcome !== "answered") {
      call.hangUpOurLeg("send_bye", outcome.cause);
      answer(`-ERR ${outcome.cause}\n`);
      return;
    }
    call.answerOurLeg();
    answer(`+OK ${call.ourLeg.uuid}\n`);
    if (originate.bridge === undefined) return;
    const gateway = (this.#options.gateways ?? { gw1: "up" })[originate.bridge.gateway];
    if (gateway === "up") call.dial();
    else call.refuseGateway(gateway === undefined ? "INVALID_GATEWAY" : "GATEWAY_DOWN");
  }

  #show(argument: string): string {
    const rows = this.isListLate ? [] : [...this.channels.values()].map((channel) => channel.toRow());
    if (argument !== "channels as json") return `\n${rows.length} total.\n`;
    return `${JSON.stringify(rows.length === 0 ? { row_count: 0 } : { row_count: rows.length, rows }).replace(":", ": ")}\n`;
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
