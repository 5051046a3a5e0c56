import { AppError, messageOf } from "../errors.ts";
import type { Trust } from "../probe/trust.ts";
import { API_COMMAND } from "../protocols/nway-api/command.ts";
import { type Arguments, type Command, ExitCode, type Terminal } from "./command.ts";
import { CONFIG_OPTIONS, loadConfigOrComplain } from "./config-options.ts";
import { toReachable } from "./reachable.ts";
import { adviseOnTrust, readTrustOrComplain, TRUST_OPTIONS } from "./trust-options.ts";

const ANSWER_MS = 15_000;
const MAX_ANSWER_LENGTH = 2000;

export const apiCommand: Command = {
  name: "api",
  summary: "call a telephone through the running gateway",
  positionals: ["UUID", "CALLER", "GATEWAY", "NUMBER", "WAV", "H264", "PUSH_URL", "PULL_URL", "[REALM]"],
  details: [
    ["UUID", "the call's id, not used before; - makes one up"],
    ["CALLER", "whom the telephone sees calling"],
    ["GATEWAY", "FreeSWITCH's gateway to dial through; - leaves it to FreeSWITCH's dialplan"],
    ["NUMBER", "what to dial"],
    ["WAV", "clip for the app from the folder of welcome_wav, a name only; - plays the configured one"],
    ["H264", "picture along with it; without effect in this version, so -"],
    ["PUSH_URL", "where the app pushes its stream, under base_push_url"],
    ["PULL_URL", "where the app plays the telephone's stream, under base_pull_url"],
    ["REALM", "the address of the app's server; for information only"],
  ],
  notes: [
    "Prints +OK <uuid> once the call has begun, or says -ERR <cause> on standard error and exits with 1.",
    "The token is taken from [api] token of the settings, or from NWAY_WX_API_TOKEN.",
  ],
  options: [
    ...CONFIG_OPTIONS,
    ...TRUST_OPTIONS,
    {
      name: "api-url",
      value: "URL",
      summary: "where the API is, http://HOST:PORT or https:// (default: from the settings)",
    },
  ],
  async run(typed, terminal) {
    const bad = typed.positionals.find((word) => /\s/.test(word));
    if (bad !== undefined) {
      terminal.complain(`nway-wx: api takes no blanks in ${JSON.stringify(bad)}\n`);
      return ExitCode.usage;
    }
    const target = readTarget(typed, terminal);
    if (typeof target === "number") return target;
    const words = typed.positionals.map((word) => (word === "" ? "-" : word));
    const answer = await ask(target, [API_COMMAND, ...words].join(" "));
    if (answer.startsWith("+OK")) {
      terminal.print(answer);
      return ExitCode.ok;
    }
    terminal.complain(answer);
    return ExitCode.failed;
  },
};

type Target = { readonly url: string; readonly token: string; readonly trust: Trust };

/** An exit code after complaining. */
function readTarget(typed: Arguments, terminal: Terminal): Target | number {
  const asked = typed.options.get("api-url");
  if (asked !== undefined && !isApiUrl(asked)) {
    terminal.complain("nway-wx: --api-url takes http://HOST:PORT or https://HOST:PORT\n");
    return ExitCode.usage;
  }
  const trust = readTrustOrComplain(typed, terminal);
  if (trust === undefined) return ExitCode.usage;
  const config = loadConfigOrComplain(typed, terminal)?.config;
  if (config === undefined) return ExitCode.failed;
  const { addr, token } = config.api;
  if (token === undefined) {
    terminal.complain(
      "nway-wx: there is no token: set token of [api] for the gateway and for this command, or NWAY_WX_API_TOKEN\n",
    );
    return ExitCode.failed;
  }
  return { url: asked ?? `http://${toReachable(addr)}`, token, trust };
}

/** The first line of the answer, or why there is none. */
async function ask({ url, token, trust }: Target, body: string): Promise<string> {
  try {
    const response = await fetch(new URL(`/api/${API_COMMAND}`, url), {
      method: "POST",
      headers: { authorization: `Bearer ${token}` },
      body,
      redirect: "error",
      tls: { ...trust },
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    const [line = ""] = (await response.text()).slice(0, MAX_ANSWER_LENGTH).split("\n");
    if (/^(?:\+OK|-ERR) /.test(line)) return `${line}\n`;
    throw new AppError("peer", "api.no-gateway", { status: response.status });
  } catch (thrown) {
    const reason = messageOf(thrown);
    return `nway-wx: ${url}: ${reason}${adviseOnTrust(reason)}\n`;
  }
}

/** Without a user name and password, which would be shown. */
function isApiUrl(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && /^https?:$/.test(url.protocol) && url.username === "" && url.password === "";
}
