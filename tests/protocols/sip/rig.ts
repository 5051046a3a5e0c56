import type { SipCall } from "../../../src/protocols/sip/call.ts";
import type { SipCallEvent } from "../../../src/protocols/sip/call-event.ts";
import { readIdentity } from "../../../src/protocols/sip/identity.ts";
import type { IncomingInvite } from "../../../src/protocols/sip/incoming-invite.ts";
import {
  decodeMessage,
  isRequest,
  type SipRequest,
  type SipResponse,
} from "../../../src/protocols/sip/message.ts";
import type { SipPeer } from "../../../src/protocols/sip/peer.ts";
import { SipUserAgent, type SipUserAgentOptions } from "../../../src/protocols/sip/user-agent.ts";
import { fromWireBytes, toWireBytes } from "../../../src/protocols/sip/wire-text.ts";

export const PEER: SipPeer = { transport: "UDP", address: "192.0.2.9", port: 5080 };
export const OFFER =
  "v=0\r\no=- 1 1 IN IP4 192.0.2.9\r\ns=-\r\nc=IN IP4 192.0.2.9\r\nt=0 0\r\nm=audio 4000 RTP/AVP 8\r\n";
export const SDP = toWireBytes("v=0\r\n");

/** What a test peer sends; all has a default that makes a good INVITE. */
export type Draft = {
  readonly method?: string;
  readonly uri?: string;
  readonly branch?: string;
  readonly sequence?: number;
  readonly sequenceMethod?: string;
  readonly toTag?: string | undefined;
  readonly fromTag?: string;
  readonly callId?: string;
  readonly contact?: string;
  readonly via?: string;
  readonly headers?: readonly string[];
  readonly body?: string;
  /** Of the body. */
  readonly type?: string;
};

let branchCount = 0;

export function draft(request: Draft = {}): Uint8Array {
  const method = request.method ?? "INVITE";
  const body = request.body ?? "";
  const branch = request.branch ?? `z9hG4bK-test-${++branchCount}`;
  const lines = [
    `${method} ${request.uri ?? "sip:lihao@192.0.2.1:25560"} SIP/2.0`,
    request.via ?? `Via: SIP/2.0/UDP 192.0.2.9:5080;rport;branch=${branch}`,
    "Max-Forwards: 70",
    `From: "Zhang" <sip:zhang@192.0.2.9>;tag=${request.fromTag ?? "peer"}`,
    `To: <sip:lihao@192.0.2.1>${request.toTag === undefined ? "" : `;tag=${request.toTag}`}`,
    `Call-ID: ${request.callId ?? "call-1"}`,
    `CSeq: ${request.sequence ?? 1} ${request.sequenceMethod ?? method}`,
    `Contact: ${request.contact ?? "<sip:zhang@192.0.2.9:5080>"}`,
    ...(body === "" ? [] : [`Content-Type: ${request.type ?? "application/sdp"}`]),
    ...(request.headers ?? []),
    `Content-Length: ${body.length}`,
    "",
    body,
  ];
  return toWireBytes(lines.join("\r\n"));
}

/** The peer's answer to a request of ours. */
export function answerTo(
  request: SipRequest,
  status: number,
  extra: readonly string[] = [],
  body = "",
): Uint8Array {
  const { headers } = request;
  const copied = ["Via", "From", "To", "Call-ID", "CSeq"].map((name) => `${name}: ${headers.first(name)}`);
  const length = `Content-Length: ${body.length}`;
  return toWireBytes([`SIP/2.0 ${status} Any`, ...copied, ...extra, length, "", body].join("\r\n"));
}

export type Sent = { readonly bytes: Uint8Array; readonly destination: SipPeer; readonly atMs: number };

/** What the user agent tells, and its calls. */
export type RigEvent = SipCallEvent | { readonly kind: "invited"; readonly invite: IncomingInvite };

/** A user agent with everything that it sends and says written down. */
export class Rig {
  nowMs = 1000;
  readonly sent: Sent[] = [];
  readonly events: RigEvent[] = [];
  readonly agent: SipUserAgent;
  onEvent: (event: RigEvent) => void = () => undefined;
  /** Who takes calls; the rig itself notes what happens to them. */
  onInvite = (invite: IncomingInvite): void => invite.call.listen((event) => this.note(event));
  tokens: string[] = [];
  #tokenCount = 0;

  constructor(options: Partial<SipUserAgentOptions> = {}) {
    this.agent = new SipUserAgent({
      address: "192.0.2.1",
      port: 25560,
      software: "test/1",
      maxCalls: 10,
      maxTransactions: 100,
      token: () => this.tokens.shift() ?? `t${++this.#tokenCount}`,
      random: () => 0.5,
      send: (bytes, destination) => this.sent.push({ bytes, destination, atMs: this.nowMs }),
      onInvite: (invite) => {
        this.onInvite(invite);
        this.note({ kind: "invited", invite });
      },
      onBug: (thrown) => {
        throw thrown;
      },
      ...options,
    });
  }

  note(event: RigEvent): void {
    this.events.push(event);
    this.onEvent(event);
  }

  /** Gives a datagram to the agent; returns what it sent because of it. */
  receive(bytes: Uint8Array, source = PEER): Sent[] {
    const before = this.sent.length;
    this.agent.receiveDatagram(bytes, source, this.nowMs);
    return this.sent.slice(before);
  }

  /** The statuses and methods that come back for a datagram. */
  exchange(bytes: Uint8Array, source = PEER): (number | string)[] {
    return this.receive(bytes, source).map(nameOf);
  }

  /** Lets time pass, deadline by deadline; returns what was sent meanwhile as `name@ms after now`. */
  pass(durationMs: number): string[] {
    const startMs = this.nowMs;
    const before = this.sent.length;
    while (this.agent.nextDeadlineMs <= startMs + durationMs) {
      this.nowMs = Math.max(this.nowMs, this.agent.nextDeadlineMs);
      this.agent.tick(this.nowMs);
    }
    this.nowMs = startMs + durationMs;
    return this.sent.slice(before).map((sent) => `${nameOf(sent)}@${sent.atMs - startMs}`);
  }

  /** The last INVITE that began a call. */
  get invite(): IncomingInvite {
    const event = this.events.findLast((one) => one.kind === "invited");
    if (event === undefined) throw new Error("no call");
    return event.invite;
  }

  /** A call that was invited. */
  ring(request: Draft = {}): IncomingInvite {
    this.receive(draft({ branch: "z9hG4bK-invite", body: OFFER, ...request }));
    return this.invite;
  }

  /** A call that was answered, and acknowledged if asked for. */
  call(request: Draft = {}, state: "answered" | "talking" = "talking"): SipCall {
    const invite = this.ring(request);
    invite.answer(SDP, this.nowMs);
    if (state === "talking")
      this.receive(draft({ ...request, body: "", method: "ACK", toTag: this.localTag(), headers: [] }));
    return invite.call;
  }

  /** What the answers to the last INVITE carry. */
  localTag(): string {
    const tags = this.sent.flatMap(({ bytes }) => readIdentity(decodeMessage(bytes).headers).toTag ?? []);
    return tags.findLast((tag) => tag !== "peer") ?? "";
  }

  lastRequest(): SipRequest {
    const requests = this.sent.map(({ bytes }) => decodeMessage(bytes)).filter(isRequest);
    const last = requests.at(-1);
    if (last === undefined) throw new Error("no request was sent");
    return last;
  }

  lastResponse(): SipResponse {
    const messages = this.sent.map(({ bytes }) => decodeMessage(bytes));
    const last = messages.flatMap((message) => (isRequest(message) ? [] : [message])).at(-1);
    if (last === undefined) throw new Error("no response was sent");
    return last;
  }

  eventKinds(): string[] {
    return this.events.map(({ kind }) => kind);
  }
}

function nameOf({ bytes }: Sent): number | string {
  const message = decodeMessage(bytes);
  return isRequest(message) ? message.method : message.status;
}

export function textOf({ bytes }: Sent): string {
  return fromWireBytes(bytes);
}
