import { systemClock } from "../clock.ts";
import type { Config } from "../config/schema.ts";
import { AppError, messageOf } from "../errors.ts";
import { type ProbeOptions, runProbe } from "../probe/probe.ts";
import { formatJson, formatReport } from "../probe/report.ts";
import { isHash } from "../users/passwords.ts";
import { type Arguments, type Command, ExitCode, type Terminal } from "./command.ts";
import { CONFIG_OPTIONS, loadConfigOrComplain } from "./config-options.ts";
import { toReachable } from "./reachable.ts";
import { adviseOnTrust, readTrustOrComplain, TRUST_OPTIONS } from "./trust-options.ts";

const DEFAULT_SECONDS = "3";
const MAX_SECONDS = 600;
const WHO_AND_WHERE = ["url", "user1", "password1", "user2", "password2"];

export const probeCommand: Command = {
  name: "probe",
  summary: "call through a running gateway as two of its users: green or red",
  positionals: [],
  options: [
    ...CONFIG_OPTIONS,
    ...TRUST_OPTIONS,
    {
      name: "url",
      value: "URL",
      summary: "signaling address, ws://HOST:PORT/ or wss:// (default: from the settings)",
    },
    {
      name: "user1",
      value: "NAME",
      summary: "who calls; replaces that user's client (default: the settings' first user)",
    },
    { name: "password1", value: "WORD", summary: "that user's password" },
    {
      name: "user2",
      value: "NAME",
      summary: "who is called; likewise (default: the settings' second user)",
    },
    { name: "password2", value: "WORD", summary: "that user's password" },
    {
      name: "seconds",
      value: "N",
      summary: `length of the test sound, 1 to ${MAX_SECONDS} (default: ${DEFAULT_SECONDS})`,
    },
    { name: "json", summary: "print the measurements and a verdict as JSON, also when it is red" },
  ],
  async run(typed, terminal) {
    const options = readOptions(typed, terminal);
    if (typeof options === "number") return options;
    const asJson = typed.options.has("json");
    try {
      const report = await runProbe(options);
      terminal.print(asJson ? formatJson(report) : formatReport(report));
      return report.faults.length === 0 ? ExitCode.ok : ExitCode.failed;
    } catch (thrown) {
      if (!(thrown instanceof AppError)) throw thrown;
      const reason = messageOf(thrown);
      const fault = `${options.url}: ${reason}${adviseOnTrust(reason)}`;
      if (asJson) terminal.print(formatJson({ setUpMs: undefined, directions: [], faults: [fault] }));
      else terminal.complain(`RED: ${fault}\n`);
      return ExitCode.failed;
    }
  },
};

/** What the options leave out comes from the settings; an exit code after complaining. */
function readOptions(typed: Arguments, terminal: Terminal): ProbeOptions | number {
  const { options } = typed;
  const seconds = Number(options.get("seconds") ?? DEFAULT_SECONDS);
  if (!(seconds >= 1 && seconds <= MAX_SECONDS)) {
    terminal.complain(`nway-wx: --seconds takes a number from 1 to ${MAX_SECONDS}\n`);
    return ExitCode.usage;
  }
  const asked = options.get("url");
  if (asked !== undefined && !isSignalingUrl(asked)) {
    terminal.complain("nway-wx: --url takes ws://HOST:PORT/ or wss://HOST:PORT/\n");
    return ExitCode.usage;
  }
  const complete = WHO_AND_WHERE.every((name) => options.has(name));
  const loaded = complete ? undefined : loadConfigOrComplain(typed, terminal);
  if (!complete && loaded === undefined) return ExitCode.failed;
  const url = asked ?? (loaded && `ws://${toReachable(loaded.config.server.addr)}/`);
  const first = chooseUser(options.get("user1"), options.get("password1"), undefined, loaded?.config);
  const second = chooseUser(options.get("user2"), options.get("password2"), first?.name, loaded?.config);
  if (url === undefined || first === undefined || second === undefined || first.name === second.name) {
    terminal.complain(
      "nway-wx: the probe needs two users with passwords: two different ones in [users] that are not hashed, or --user1, --password1, --user2 and --password2\n",
    );
    return ExitCode.usage;
  }
  const users = {
    user1: first.name,
    password1: first.password,
    user2: second.name,
    password2: second.password,
  };
  const trust = readTrustOrComplain(typed, terminal);
  return trust === undefined ? ExitCode.usage : { url, ...users, seconds, trust, clock: systemClock };
}

/** Without a user name and password, which would be shown. */
function isSignalingUrl(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && /^wss?:$/.test(url.protocol) && url.username === "" && url.password === "";
}

type User = { readonly name: string; readonly password: string };

/** The user asked for, or the first of the settings that is not `taken`. */
function chooseUser(
  asked: string | undefined,
  password: string | undefined,
  taken: string | undefined,
  config: Config | undefined,
): User | undefined {
  // A hash is no password that could be shown.
  const users = new Map([...(config?.users ?? [])].filter(([, secret]) => !isHash(secret)));
  const name = asked ?? [...users.keys()].find((user) => user !== taken);
  const word = password ?? (name === undefined ? undefined : users.get(name));
  return name === undefined || word === undefined ? undefined : { name, password: word };
}
