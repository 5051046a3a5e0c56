import {
  headerOf,
  methodOf,
  needHeader,
  readSip,
  type SipText,
  statusOf,
  tagOf,
  writeSip,
} from "./sip-text.ts";

export type SipAddress = { readonly host: string; readonly port: number };

export interface SipDialog {
  /** Answers through `respond`, now or later. */
  handleRequest(request: SipText, respond: (response: SipText) => void): void;
}

/** RFC 3261, 17.1.1.1. */
const T1_MS = 500;
const T2_MS = 4000;
const GIVEN_UP_MS = 64 * T1_MS;
const SHOWN = 300;

type Client = {
  readonly onResponse: (response: SipText) => void;
  readonly stop: () => void;
};

/** FreeSWITCH's side of SIP over UDP: requests are sent again until they are answered, answers to a request seen again too. */
export class SipEndpoint {
  /** Each message in order, as `> ` sent or `< ` received. */
  readonly trace: string[] = [];
  readonly dialogs = new Map<string, SipDialog>();
  readonly #clients = new Map<string, Client>();
  readonly #answers = new Map<string, string>();
  readonly #timers = new Set<Timer>();
  #lostCount = 0;
  #lost: (message: string) => boolean = () => false;

  private constructor(
    readonly socket: Bun.udp.Socket<"buffer">,
    readonly fault: (what: string) => void,
  ) {}

  static async open(port: number, fault: (what: string) => void): Promise<SipEndpoint> {
    let endpoint: SipEndpoint | undefined;
    const socket = await Bun.udpSocket({
      hostname: "127.0.0.1",
      port,
      socket: {
        data: (_, bytes, fromPort, host) =>
          endpoint?.receive(bytes.toString("utf8"), { host, port: fromPort }),
        // ICMP tells that the gateway has gone.
        error: () => {},
      },
    });
    endpoint = new SipEndpoint(socket, fault);
    return endpoint;
  }

  get port(): number {
    return this.socket.port;
  }

  get lostCount(): number {
    return this.#lostCount;
  }

  /** Loses what `matches` says, in either direction, as a network does. */
  lose(matches: (message: string) => boolean): void {
    this.#lost = matches;
  }

  /** Every datagram of a call, without what came twice. */
  traceOf(callId: string): string[] {
    return this.trace.filter((text) => text.includes(`\r\nCall-ID: ${callId}\r\n`));
  }

  /** Sends it until a final answer comes; an INVITE only until any comes. `undefined` after 32 s without one. */
  request(message: SipText, to: SipAddress, onResponse: (response: SipText | undefined) => void): void {
    const text = writeSip(message);
    const key = keyOf(message);
    let waitMs = T1_MS;
    const startedMs = performance.now();
    let timer: Timer | undefined;
    const repeat = () => {
      if (timer !== undefined) this.#timers.delete(timer);
      if (performance.now() - startedMs >= GIVEN_UP_MS) {
        this.#clients.delete(key);
        onResponse(undefined);
        return;
      }
      this.#send(text, to);
      timer = this.#after(waitMs, repeat);
      waitMs = Math.min(2 * waitMs, methodOf(message) === "INVITE" ? GIVEN_UP_MS : T2_MS);
    };
    const stop = () => {
      if (timer === undefined) return;
      clearTimeout(timer);
      this.#timers.delete(timer);
    };
    this.#clients.set(key, {
      stop,
      onResponse: (response) => {
        const status = statusOf(response) ?? 0;
        if (status >= 200 || methodOf(message) === "INVITE") stop();
        if (status >= 200 && methodOf(message) !== "INVITE") this.#clients.delete(key);
        checkEcho(message, response, this.fault);
        onResponse(response);
      },
    });
    repeat();
  }

  /** For an ACK. */
  sendOnce(message: SipText, to: SipAddress): void {
    this.#send(writeSip(message), to);
  }

  /** Whoever answered an INVITE may answer it again, until its call is over. */
  forget(request: SipText): void {
    const key = keyOf(request);
    this.#clients.get(key)?.stop();
    this.#clients.delete(key);
  }

  close(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    this.#clients.clear();
    this.dialogs.clear();
    this.socket.close();
  }

  receive(text: string, from: SipAddress): void {
    if (this.#isLost(text)) return;
    this.trace.push(`< ${text}`);
    let message: SipText;
    try {
      message = readSip(text);
    } catch (thrown) {
      this.fault(`SIP: ${String(thrown)} in ${text.slice(0, SHOWN)}`);
      return;
    }
    if (statusOf(message) === undefined) this.#takeRequest(message, from);
    else this.#clients.get(keyOf(message))?.onResponse(message);
  }

  #takeRequest(request: SipText, from: SipAddress): void {
    const key = keyOf(request);
    const known = this.#answers.get(key);
    if (known !== undefined) {
      if (known !== "") this.#send(known, from);
      return;
    }
    const method = methodOf(request);
    const dialog = this.dialogs.get(needHeader(request, "Call-ID"));
    if (method === "ACK") return;
    this.#answers.set(key, "");
    const respond = (response: SipText) => {
      const text = writeSip(response);
      this.#answers.set(key, text);
      this.#send(text, from);
    };
    if (dialog !== undefined) {
      dialog.handleRequest(request, respond);
      return;
    }
    if (method !== "OPTIONS") this.fault(`SIP: ${request.start} for a call that is not there`);
    respond(answerTo(request, method === "OPTIONS" ? "200 OK" : "481 Call/Transaction Does Not Exist"));
  }

  #after(ms: number, run: () => void): Timer {
    const timer = setTimeout(run, ms);
    this.#timers.add(timer);
    return timer;
  }

  #send(text: string, to: SipAddress): void {
    if (this.#isLost(text)) return;
    this.trace.push(`> ${text}`);
    this.socket.send(text, to.port, to.host);
  }

  #isLost(text: string): boolean {
    const isLost = this.#lost(text);
    if (isLost) this.#lostCount++;
    return isLost;
  }
}

const SOFTWARE = [
  ["User-Agent", "FreeSWITCH-mod_sofia/1.11.3-dev~64bit"],
  ["Allow", "INVITE, ACK, BYE, CANCEL, OPTIONS, MESSAGE, INFO, UPDATE, REGISTER, REFER, NOTIFY"],
  ["Supported", "timer, path, replaces"],
] as const;

export { SOFTWARE as SOFTWARE_HEADERS };

/** As FreeSWITCH answers within a dialog. */
export function answerTo(request: SipText, status: string, body = ""): SipText {
  const echoed = ["Via", "From", "To", "Call-ID", "CSeq"].map(
    (name) => [name, needHeader(request, name)] as const,
  );
  const content = body === "" ? [] : [["Content-Type", "application/sdp"] as const];
  const length = ["Content-Length", String(Buffer.byteLength(body))] as const;
  return { start: `SIP/2.0 ${status}`, headers: [...echoed, ...SOFTWARE, ...content, length], body };
}

/** RFC 3261, 17.1.3: branch and method. */
function keyOf(message: SipText): string {
  const branch = /;branch=([^;\s]+)/.exec(needHeader(message, "Via"))?.[1];
  return `${branch} ${methodOf(message)}`;
}

/** RFC 3261, 8.2.6.2. */
function checkEcho(request: SipText, response: SipText, fault: (what: string) => void): void {
  for (const name of ["From", "Call-ID", "CSeq"]) {
    if (headerOf(request, name) !== headerOf(response, name))
      fault(`SIP: another ${name} in ${response.start}`);
  }
  const via = needHeader(request, "Via").replace(/;rport\b/, "");
  const echoed = needHeader(response, "Via").replace(/;(?:rport|received)(?:=[^;]*)?/g, "");
  if (via !== echoed) fault(`SIP: another Via in ${response.start}: ${echoed}`);
  const status = statusOf(response) ?? 0;
  if (status > 100 && tagOf(needHeader(response, "To")) === undefined)
    fault(`SIP: ${response.start} without a tag`);
}
