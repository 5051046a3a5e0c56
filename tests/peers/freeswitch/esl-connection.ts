import { type EventHeaders, toJson, toPlain } from "./event-text.ts";
import { beginEvent } from "./recorded-values.ts";

/** What the event socket asks of the rest of FreeSWITCH. */
export interface EslHost {
  readonly password: string;
  /** The answer of `api`, exactly. */
  runApi(command: string, argument: string): string;
  /** Runs a background job, which answers when it likes. */
  runJob(command: string, argument: string, answer: (result: string) => void): void;
  createUuid(): string;
  note(command: string): void;
}

export interface ClientSocket {
  write(text: string): unknown;
  end(): unknown;
}

const KNOWN_EVENTS =
  /^(?:ALL|CUSTOM|BACKGROUND_JOB|HEARTBEAT|SHUTDOWN|DTMF|CHANNEL_(?:CREATE|DESTROY|PROGRESS|PROGRESS_MEDIA|ANSWER|BRIDGE|UNBRIDGE|PARK|UNPARK|EXECUTE|HANGUP|HANGUP_COMPLETE))$/;
const GOODBYE = "Disconnected, goodbye.\nSee you at ClueCon! http://www.cluecon.com/\n";

/** One client of the event socket, answered as tests/fixtures/freeswitch/esl shows that FreeSWITCH does. */
export class EslConnection {
  #text = "";
  #isSignedIn = false;
  #format: "plain" | "json" = "plain";
  readonly #events = new Set<string>();
  readonly #filters: (readonly [name: string, value: string])[] = [];

  constructor(
    readonly host: EslHost,
    readonly socket: ClientSocket,
  ) {
    this.#send("Content-Type: auth/request\n\n");
  }

  receive(bytes: Uint8Array): void {
    this.#text += Buffer.from(bytes).toString("utf8").replaceAll("\r", "");
    for (let end = this.#text.indexOf("\n\n"); end >= 0; end = this.#text.indexOf("\n\n")) {
      const [command = "", ...headers] = this.#text.slice(0, end).split("\n");
      this.#text = this.#text.slice(end + 2);
      this.host.note(command);
      this.#run(command, headers);
    }
  }

  /** Sends an event to whoever asked for it; with filters, to whom any of them fits (mod_event_socket's event_handler). */
  fire(headers: EventHeaders, body = ""): void {
    if (!this.#events.has(headers["Event-Name"] ?? "") && !this.#events.has("ALL")) return;
    const fits = ([name, value]: readonly [string, string]) =>
      headers[name]?.toLowerCase() === value.toLowerCase();
    if (this.#filters.length > 0 && !this.#filters.some(fits)) return;
    const event = this.#format === "json" ? toJson(headers, body) : toPlain(headers, body);
    const length = Buffer.byteLength(event);
    this.#send(`Content-Length: ${length}\nContent-Type: text/event-${this.#format}\n\n${event}`);
  }

  sayGoodbye(text = GOODBYE): void {
    this.#send(`Content-Type: text/disconnect-notice\nContent-Length: ${text.length}\n\n${text}`);
    this.socket.end();
  }

  #run(line: string, headers: readonly string[]): void {
    const [command = "", ...words] = line.split(" ");
    const rest = words.join(" ");
    if (!this.#isSignedIn) {
      this.#signIn(command, rest);
      return;
    }
    if (command === "api") this.#answerApi(rest);
    else if (command === "bgapi") this.#startJob(rest, headers);
    else this.#reply(this.#answer(command, words));
    if (command === "exit") this.sayGoodbye();
  }

  #signIn(command: string, password: string): void {
    if (command !== "auth") {
      this.#reply("-ERR command not found");
      return;
    }
    this.#isSignedIn = password === this.host.password;
    this.#reply(this.#isSignedIn ? "+OK accepted" : "-ERR invalid");
    if (!this.#isSignedIn) this.sayGoodbye();
  }

  #answer(command: string, words: readonly string[]): string {
    switch (command) {
      case "event":
        return this.#subscribe(words);
      case "nixevent":
        for (const name of words) this.#events.delete(name);
        return "+OK events nixed";
      case "noevents":
        return this.#unsubscribe();
      case "filter":
        return this.#filter(words);
      case "sendmsg":
        return `-ERR invalid session id [${words[0] ?? ""}]`;
      case "linger":
        return "-ERR not controlling a session";
      case "log":
        return `+OK log level ${words[0]} [${words[0]}]`;
      case "nolog":
        return "+OK no longer logging";
      case "exit":
        return "+OK bye";
      default:
        return "-ERR command not found";
    }
  }

  #subscribe([format, ...names]: readonly string[]): string {
    const known = names.filter((name) => KNOWN_EVENTS.test(name));
    if (known.length === 0) return "-ERR no keywords supplied";
    this.#format = format === "json" ? "json" : "plain";
    for (const name of known) this.#events.add(name);
    return `+OK event listener enabled ${this.#format}`;
  }

  #unsubscribe(): string {
    if (this.#events.size === 0) return "-ERR not listening for events";
    this.#events.clear();
    return "+OK no longer listening for events";
  }

  #filter(words: readonly string[]): string {
    const isDeleted = words[0] === "delete";
    const [name = "", value = ""] = isDeleted ? words.slice(1) : words;
    if (!isDeleted) {
      this.#filters.push([name, value]);
      return `+OK filter added. [${name}]=[${value}]`;
    }
    const at = this.#filters.findIndex((filter) => filter[0] === name && filter[1] === value);
    if (at >= 0) this.#filters.splice(at, 1);
    return `+OK filter deleted. [${name}][${value}]`;
  }

  #answerApi(line: string): void {
    const [command, argument] = splitFirst(line);
    const answer = this.host.runApi(command, argument);
    this.#send(`Content-Type: api/response\nContent-Length: ${Buffer.byteLength(answer)}\n\n${answer}`);
  }

  #startJob(line: string, headers: readonly string[]): void {
    const own = headers.find((header) => header.startsWith("Job-UUID: "))?.slice("Job-UUID: ".length);
    const jobId = own ?? this.host.createUuid();
    const [command, argument] = splitFirst(line);
    this.#reply(`+OK Job-UUID: ${jobId}`, `Job-UUID: ${jobId}\n`);
    this.host.runJob(command, argument, (result) => {
      const begun = beginEvent("BACKGROUND_JOB", "mod_event_socket.c", "api_exec", 1580);
      const job = { ...begun, "Job-UUID": jobId, "Job-Command": command };
      this.fire(argument === "" ? job : { ...job, "Job-Command-Arg": argument }, result);
    });
  }

  #reply(text: string, more = ""): void {
    this.#send(`Content-Type: command/reply\nReply-Text: ${text}\n${more}\n`);
  }

  #send(text: string): void {
    this.socket.write(text);
  }
}

function splitFirst(line: string): readonly [string, string] {
  const blank = line.indexOf(" ");
  return blank < 0 ? [line, ""] : [line.slice(0, blank), line.slice(blank + 1)];
}
