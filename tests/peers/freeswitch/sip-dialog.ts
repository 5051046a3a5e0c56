import {
  answerTo,
  type SipAddress,
  type SipDialog,
  type SipEndpoint,
  SOFTWARE_HEADERS,
} from "./sip-endpoint.ts";
import { methodOf, needHeader, type SipText, statusOf, tagOf, uriOf } from "./sip-text.ts";

export type DialogOptions = {
  /** Whom our user agent is called as. */
  readonly user: string;
  readonly gateway: SipAddress;
  readonly callerNumber: string;
  readonly callerName: string;
  /** A call that came in from a telephone has one hop behind it. */
  readonly maxForwards: 69 | 70;
  /** In seconds, with this side as the refresher. */
  readonly sessionExpires?: number;
};

export type InviteResult =
  | { readonly status: number; readonly body: string; readonly reason: string | undefined }
  | undefined;

let sequence = 123_141_331;

/** One call from FreeSWITCH to our user agent, written as tests/fixtures/freeswitch/sip shows it. */
export class OurDialog implements SipDialog {
  readonly callId = crypto.randomUUID();
  /** Statuses of provisional answers, in order. */
  readonly provisional: number[] = [];
  /** Of the INFO requests that came. */
  readonly infos: string[] = [];
  onProvisional: (status: number) => void = () => {};
  onBye: (answer: () => void, request: SipText) => void = (answer) => answer();
  onOffer: (body: string) => string | undefined = () => undefined;
  readonly #endpoint: SipEndpoint;
  readonly #options: DialogOptions;
  readonly #fromTag = token(13);
  #remote: { readonly tag: string; readonly target: string } | undefined;
  #invite: SipText | undefined;
  #lastRemoteSequence = 0;
  #isOver = false;

  constructor(endpoint: SipEndpoint, options: DialogOptions) {
    this.#endpoint = endpoint;
    this.#options = options;
    endpoint.dialogs.set(this.callId, this);
  }

  get isUp(): boolean {
    return this.#remote !== undefined && !this.#isOver;
  }

  /** Resolves with the final answer, undefined when none came; 2xx is acknowledged. */
  invite(offer: string): Promise<InviteResult> {
    const request = this.#writeInvite(offer);
    this.#invite = request;
    return this.#ask(request);
  }

  /** A re-INVITE: hold, resume, or a session's refresh. */
  reinvite(offer: string): Promise<InviteResult> {
    return this.#ask(this.#writeInvite(offer));
  }

  /** Before it is answered. */
  cancel(reason: string): void {
    if (this.#invite === undefined || this.#isOver) return;
    const { start, headers } = this.#invite;
    const kept = headers.filter(([name]) => ["Via", "Max-Forwards", "From", "To", "Call-ID"].includes(name));
    const [number = ""] = needHeader(this.#invite, "CSeq").split(" ");
    const rest = [
      ["CSeq", `${number} CANCEL`],
      ["Reason", reason],
      ["Content-Length", "0"],
    ] as const;
    const cancel = { start: start.replace("INVITE", "CANCEL"), headers: [...kept, ...rest], body: "" };
    this.#endpoint.request(cancel, this.#options.gateway, () => {});
  }

  bye(reason: string): Promise<number | undefined> {
    if (this.#isOver) return Promise.resolve(undefined);
    return this.#request("BYE", [["Reason", reason]]).finally(() => this.close());
  }

  /** A digit, as some telephones send it. */
  info(digit: string): Promise<number | undefined> {
    const body = `Signal=${digit}\r\nDuration=160\r\n`;
    return this.#request("INFO", [["Content-Type", "application/dtmf-relay"]], body);
  }

  handleRequest(request: SipText, respond: (response: SipText) => void): void {
    this.#check(request);
    switch (methodOf(request)) {
      case "BYE":
        this.onBye(() => {
          respond(answerTo(request, "200 OK"));
          this.close();
        }, request);
        return;
      case "INFO":
        this.infos.push(request.body);
        respond(answerTo(request, "200 OK"));
        return;
      case "INVITE":
      case "UPDATE":
        respond(answerTo(request, "200 OK", this.onOffer(request.body)));
        return;
      default:
        respond(answerTo(request, "200 OK"));
    }
  }

  close(): void {
    this.#isOver = true;
    if (this.#invite !== undefined) this.#endpoint.forget(this.#invite);
  }

  #ask(request: SipText): Promise<InviteResult> {
    const { promise, resolve } = Promise.withResolvers<InviteResult>();
    this.#endpoint.request(request, this.#options.gateway, (response) => {
      if (response === undefined) {
        resolve(undefined);
        return;
      }
      const status = statusOf(response) ?? 0;
      if (status < 200) {
        this.provisional.push(status);
        this.onProvisional(status);
        return;
      }
      if (status < 300) this.#accept(response);
      this.#acknowledge(request, response);
      const reason = response.headers.find(([name]) => name === "Reason")?.[1];
      resolve({ status, body: response.body, reason });
    });
    return promise;
  }

  #accept(response: SipText): void {
    const tag = tagOf(needHeader(response, "To")) ?? "";
    this.#remote = { tag, target: uriOf(needHeader(response, "Contact")) };
  }

  /** RFC 3261, 13.2.2.4 and 17.1.1.3: a refusal's ACK belongs to the INVITE's transaction. */
  #acknowledge(invite: SipText, response: SipText): void {
    const isUp = (statusOf(response) ?? 0) < 300;
    const [number = ""] = needHeader(invite, "CSeq").split(" ");
    const headers = [
      ["Via", isUp ? this.#via() : needHeader(invite, "Via")],
      ["Max-Forwards", String(this.#maxForwards(isUp))],
      ["From", needHeader(invite, "From")],
      ["To", needHeader(response, "To")],
      ["Call-ID", this.callId],
      ["CSeq", `${number} ACK`],
      ...(isUp ? [["Contact", this.#contact()] as const] : []),
      ["Content-Length", "0"],
    ] as const;
    const target = isUp ? (this.#remote?.target ?? "") : (invite.start.split(" ")[1] ?? "");
    this.#endpoint.sendOnce({ start: `ACK ${target} SIP/2.0`, headers, body: "" }, this.#options.gateway);
  }

  #request(
    method: string,
    more: readonly (readonly [string, string])[],
    body = "",
  ): Promise<number | undefined> {
    const { promise, resolve } = Promise.withResolvers<number | undefined>();
    const headers = [
      ...this.#dialogHeaders(method),
      ...SOFTWARE_HEADERS,
      ...more,
      ["Content-Length", String(Buffer.byteLength(body))] as const,
    ];
    const request = { start: `${method} ${this.#remote?.target} SIP/2.0`, headers, body };
    this.#endpoint.request(request, this.#options.gateway, (response) => {
      const status = response === undefined ? undefined : statusOf(response);
      if (status === undefined || status >= 200) resolve(status);
    });
    return promise;
  }

  #dialogHeaders(method: string): (readonly [string, string])[] {
    const { callerName, callerNumber, user, gateway } = this.#options;
    const to = `<sip:${user}@${gateway.host}:${gateway.port}>`;
    return [
      ["Via", this.#via()],
      ["Max-Forwards", String(this.#maxForwards(this.#remote !== undefined))],
      ["From", `"${callerName}" <sip:${callerNumber}@127.0.0.1>;tag=${this.#fromTag}`],
      ["To", this.#remote === undefined ? to : `${to};tag=${this.#remote.tag}`],
      ["Call-ID", this.callId],
      ["CSeq", `${sequence++} ${method}`],
    ];
  }

  #writeInvite(offer: string): SipText {
    const { user, gateway, callerName, callerNumber, sessionExpires } = this.#options;
    const target = this.#remote?.target ?? `sip:${user}@${gateway.host}:${gateway.port}`;
    const timer =
      sessionExpires === undefined
        ? []
        : [["Session-Expires", `${sessionExpires};refresher=uac`] as const, ["Min-SE", "90"] as const];
    const party = `"${callerName}" <sip:${callerNumber}@127.0.0.1>;party=calling;screen=yes;privacy=off`;
    const headers = [
      ...this.#dialogHeaders("INVITE"),
      ["Contact", this.#contact()] as const,
      ...SOFTWARE_HEADERS,
      ["Allow-Events", "talk, hold, conference, refer"] as const,
      ...timer,
      ["Content-Type", "application/sdp"] as const,
      ["Content-Disposition", "session"] as const,
      ["Content-Length", String(Buffer.byteLength(offer))] as const,
      ["X-FS-Support", "update_display,send_info"] as const,
      ["Remote-Party-ID", party] as const,
    ];
    return { start: `INVITE ${target} SIP/2.0`, headers, body: offer };
  }

  /** RFC 3261, 12.2.2: tags and order. */
  #check(request: SipText): void {
    const sequenceNumber = Number(needHeader(request, "CSeq").split(" ")[0]);
    const isInDialog =
      tagOf(needHeader(request, "To")) === this.#fromTag &&
      tagOf(needHeader(request, "From")) === this.#remote?.tag;
    if (!isInDialog) this.#endpoint.fault(`SIP: ${request.start} with tags of another dialog`);
    if (sequenceNumber <= this.#lastRemoteSequence)
      this.#endpoint.fault(`SIP: ${request.start} out of order`);
    this.#lastRemoteSequence = sequenceNumber;
    if (this.#isOver) this.#endpoint.fault(`SIP: ${request.start} after the end`);
  }

  #maxForwards(isInDialog: boolean): number {
    return isInDialog ? 70 : this.#options.maxForwards;
  }

  #via(): string {
    return `SIP/2.0/UDP 127.0.0.1:${this.#endpoint.port};rport;branch=z9hG4bK${token(13)}`;
  }

  #contact(): string {
    return `<sip:mod_sofia@127.0.0.1:${this.#endpoint.port}>`;
  }
}

const LETTERS = "0123456789ABCDEFGHKNQSUXacdegjmprtvy";

function token(length: number): string {
  const bytes = crypto.getRandomValues(new Uint8Array(length));
  return Array.from(bytes, (byte) => LETTERS[byte % LETTERS.length]).join("");
}
