import { DeadlineHeap } from "./deadline-heap.ts";
import type { SipHeader } from "./headers.ts";
import type { Identity } from "./identity.ts";
import { InviteClientTransaction } from "./invite-client-transaction.ts";
import { InviteServerTransaction } from "./invite-server-transaction.ts";
import { encodeRequest, type SipRequest, type SipResponse } from "./message.ts";
import type { SipPeer } from "./peer.ts";
import { responseDestination } from "./peer.ts";
import { PlainClientTransaction } from "./plain-client-transaction.ts";
import { PlainServerTransaction } from "./plain-server-transaction.ts";
import { ServerExchange } from "./server-exchange.ts";
import type { ClientTransaction, ServerTransaction, TransactionOutput } from "./transaction.ts";

/** A request of ours, whole but for its Via, which gets the transaction's branch. */
export type ClientRequest = {
  readonly method: string;
  readonly uri: string;
  readonly headers: readonly SipHeader[];
  readonly body?: Uint8Array | undefined;
};

/** Gets each provisional answer and the final one; of an INVITE each 2xx that comes. */
export type ResponseHandler = (response: SipResponse | "timed-out", nowMs: number) => void;

/** Sends the CANCEL of an INVITE, with these headers for reasons. */
export type Cancel = (reasons: readonly SipHeader[], nowMs: number) => void;

export type TransactionLayerOptions = {
  readonly send: (bytes: Uint8Array, destination: SipPeer) => void;
  /** What the Via of our requests names. */
  readonly sentBy: string;
  /** Requests within a call, of either side, may take as many again. */
  readonly maxTransactions: number;
  /** Unguessable, of letters and digits. */
  readonly token: () => string;
};

const BRANCH_COOKIE = "z9hG4bK";

type Running<T> = { readonly key: string; readonly transaction: T; readonly destination: SipPeer };
/** What a CANCEL needs of its INVITE. */
export type OpenInvite = { readonly identity: Identity; readonly tag: string };
/** Of the request itself nothing is kept: once it is answered it is only remembered, for 32 s. */
type Server = Running<ServerTransaction> & {
  readonly side: "server";
  readonly mergeKey: string;
  readonly invite: OpenInvite | undefined;
};
type Client = Running<ClientTransaction> & { readonly side: "client"; readonly onResponse: ResponseHandler };

/** All transactions, found by RFC 3261, sections 17.1.3 and 17.2.3. */
export class TransactionLayer {
  readonly #servers = new Map<string, Server>();
  /** The requests without a To tag that are being answered, by what stays the same on every path to us. */
  readonly #unmerged = new Map<string, Server>();
  readonly #clients = new Map<string, Client>();
  readonly #deadlines = new DeadlineHeap<Server | Client>();

  constructor(readonly options: TransactionLayerOptions) {}

  get nextDeadlineMs(): number {
    return this.#deadlines.nextMs;
  }

  get count(): number {
    return this.#servers.size + this.#clients.size;
  }

  get isFull(): boolean {
    return this.count >= this.options.maxTransactions;
  }

  /** Whether there is no place even for a request within a call: each transaction that opens one leaves it a BYE. */
  get isReserveFull(): boolean {
    return this.count >= 2 * this.options.maxTransactions;
  }

  /** Whether the request belongs to a transaction that is known; if so it has been dealt with. */
  absorb(request: SipRequest, identity: Identity, nowMs: number): boolean {
    const server = this.#servers.get(serverKey(request, identity));
    if (server === undefined) return false;
    // RFC 6026, section 7.1: the ACK to a 2xx is for the call, even where a peer gives it the INVITE's branch.
    if (request.method === "ACK" && server.transaction.isAccepted) return false;
    this.#do(server, server.transaction.receive(request.method, nowMs));
    this.#watch(server);
    return true;
  }

  open(request: SipRequest, identity: Identity, source: SipPeer): ServerExchange {
    const isReliable = source.transport === "TCP";
    const transaction =
      request.method === "INVITE"
        ? new InviteServerTransaction(isReliable)
        : new PlainServerTransaction(isReliable);
    // The answer to a CANCEL has the tag of the INVITE's (RFC 3261, section 9.2).
    const cancelled = request.method === "CANCEL" ? this.findCancelled(request, identity) : undefined;
    const exchange = new ServerExchange(
      request,
      identity,
      source,
      cancelled?.tag ?? this.options.token(),
      (status, bytes, nowMs) => {
        this.#do(server, transaction.respond(status, bytes, nowMs));
        this.#watch(server);
      },
    );
    const destination = responseDestination(identity.via, source);
    const server: Server = {
      side: "server",
      key: serverKey(request, identity),
      transaction,
      destination,
      mergeKey: mergeKeyOf(identity),
      invite: request.method === "INVITE" ? { identity, tag: exchange.tag } : undefined,
    };
    this.#servers.set(server.key, server);
    if (identity.toTag === undefined && !this.#unmerged.has(server.mergeKey)) {
      this.#unmerged.set(server.mergeKey, server);
    }
    return exchange;
  }

  /** Whether the request came here before on another path (RFC 3261, section 8.2.2.2); asked before `open`. */
  isMerged(identity: Identity): boolean {
    return identity.toTag === undefined && this.#unmerged.has(mergeKeyOf(identity));
  }

  /** The INVITE that a CANCEL means. */
  findCancelled(cancel: SipRequest, identity: Identity): OpenInvite | undefined {
    return this.#servers.get(serverKey({ ...cancel, method: "INVITE" }, identity))?.invite;
  }

  /**
   * Sends a request. Where there are too many transactions it is not sent, and has timed out at once. Returns what takes
   * an INVITE back; it does nothing before the first provisional answer and after the final one.
   */
  request(request: ClientRequest, destination: SipPeer, onResponse: ResponseHandler, nowMs: number): Cancel {
    if (this.isReserveFull) {
      onResponse("timed-out", nowMs);
      return () => {};
    }
    const branch = `${BRANCH_COOKIE}${this.options.token()}`;
    const via = this.#viaHeader(branch, destination);
    const bytes = encodeWithVia(request, via);
    const isReliable = destination.transport === "TCP";
    if (request.method !== "INVITE") {
      this.#start(
        clientKey(branch, request.method),
        new PlainClientTransaction(bytes, isReliable),
        { destination, onResponse },
        nowMs,
      );
      return () => {};
    }
    const transaction = new InviteClientTransaction(bytes, isReliable, (response) =>
      encodeRefusalAck(request, via, response),
    );
    const client = this.#start(clientKey(branch, "INVITE"), transaction, { destination, onResponse }, nowMs);
    return (reasons, atMs) => {
      if (!transaction.cancel(atMs)) return;
      this.#watch(client);
      const cancel = new PlainClientTransaction(encodeCancel(request, via, reasons), isReliable);
      this.#start(clientKey(branch, "CANCEL"), cancel, { destination, onResponse: () => {} }, atMs);
    };
  }

  #start(
    key: string,
    transaction: ClientTransaction,
    user: Pick<Client, "destination" | "onResponse">,
    nowMs: number,
  ): Client {
    const client: Client = { side: "client", key, transaction, ...user };
    this.#clients.set(key, client);
    this.#do(client, transaction.start(nowMs));
    this.#watch(client);
    return client;
  }

  /** Sends a request that gets no answer and has no transaction: the ACK to a 2xx. */
  sendAck({ uri, headers, body }: Omit<ClientRequest, "method">, destination: SipPeer): void {
    const via = this.#viaHeader(`${BRANCH_COOKIE}${this.options.token()}`, destination);
    this.options.send(encodeRequest("ACK", uri, { headers: [via, ...headers], body }), destination);
  }

  /** Whether the response fits a request of ours. */
  receiveResponse(response: SipResponse, { via, cseq }: Identity, nowMs: number): boolean {
    const client = this.#clients.get(clientKey(via.parameters.get("branch") ?? "", cseq.method));
    if (client === undefined || response.headers.list("via").length > 1) return false;
    this.#run(client, client.transaction.receive(response, nowMs), nowMs);
    return true;
  }

  tick(nowMs: number): void {
    for (let due = this.#deadlines.takeDue(nowMs); due !== undefined; due = this.#deadlines.takeDue(nowMs)) {
      const outputs = due.transaction.timeout(nowMs);
      if (due.side === "client") this.#run(due, outputs, nowMs);
      else {
        this.#do(due, outputs);
        this.#watch(due);
      }
    }
  }

  #run(client: Client, outputs: readonly TransactionOutput[], nowMs: number): void {
    this.#do(client, outputs);
    this.#watch(client);
    for (const output of outputs) {
      if (output.kind === "response") client.onResponse(output.response, nowMs);
      else if (output.kind === "timed-out") client.onResponse("timed-out", nowMs);
    }
  }

  #do({ destination }: { readonly destination: SipPeer }, outputs: readonly TransactionOutput[]): void {
    for (const output of outputs) if (output.kind === "send") this.options.send(output.bytes, destination);
  }

  /** After whatever may have moved its deadline. A transaction that is over is forgotten. */
  #watch(running: Server | Client): void {
    if (!running.transaction.isOver) this.#deadlines.set(running, running.transaction.deadlineMs);
    else {
      this.#deadlines.delete(running);
      if (running.side === "client") this.#clients.delete(running.key);
      else this.#forget(running);
    }
  }

  #forget(server: Server): void {
    if (this.#servers.get(server.key) === server) this.#servers.delete(server.key);
    if (this.#unmerged.get(server.mergeKey) === server) this.#unmerged.delete(server.mergeKey);
  }

  #viaHeader(branch: string, { transport }: SipPeer): SipHeader {
    return { name: "Via", value: `SIP/2.0/${transport} ${this.options.sentBy};rport;branch=${branch}` };
  }
}

function encodeWithVia({ method, uri, headers, body }: ClientRequest, via: SipHeader): Uint8Array {
  return encodeRequest(method, uri, { headers: [via, ...headers], body });
}

/** RFC 3261, section 17.1.1.3: as the INVITE was, with the To of the answer. */
function encodeRefusalAck(invite: ClientRequest, via: SipHeader, response: SipResponse): Uint8Array {
  const to = { name: "To", value: response.headers.first("to") ?? "" };
  return encodeWithVia(followInvite("ACK", invite, ["max-forwards", "from", "call-id", "route"], [to]), via);
}

/** RFC 3261, section 9.1. */
function encodeCancel(invite: ClientRequest, via: SipHeader, reasons: readonly SipHeader[]): Uint8Array {
  const copied = ["max-forwards", "from", "to", "call-id", "route"];
  return encodeWithVia(followInvite("CANCEL", invite, copied, reasons), via);
}

/** A request that belongs to the INVITE's transaction: some of its headers, and its number. */
function followInvite(
  method: string,
  { uri, headers }: ClientRequest,
  copied: readonly string[],
  more: readonly SipHeader[],
): ClientRequest {
  const kept = headers.filter(({ name }) => copied.includes(name.toLowerCase()));
  const number = headers.find(({ name }) => name === "CSeq")?.value.split(" ")[0] ?? "";
  return { method, uri, headers: [...kept, { name: "CSeq", value: `${number} ${method}` }, ...more] };
}

/** A CANCEL has the branch of its INVITE (RFC 3261, section 17.1.3). */
function clientKey(branch: string, method: string): string {
  return `${branch}\n${method}`;
}

/** Without the cookie of RFC 3261 the branch means nothing, and the whole request counts (section 17.2.3). */
function serverKey(request: SipRequest, identity: Identity): string {
  const { via, fromTag, callId, cseq } = identity;
  const method = request.method === "ACK" ? "INVITE" : request.method;
  const branch = via.parameters.get("branch") ?? "";
  const sentBy = `${via.host.toLowerCase()}:${via.port ?? ""}`;
  if (branch.startsWith(BRANCH_COOKIE) && branch !== BRANCH_COOKIE)
    return [method, branch, sentBy].join("\n");
  return [method, branch, sentBy, request.uri, fromTag, callId, cseq.number].join("\n");
}

function mergeKeyOf({ fromTag, callId, cseq }: Identity): string {
  return [fromTag, callId, cseq.number, cseq.method].join("\n");
}
