import { installCommand, missingPrograms } from "./peers/programs.ts";

/** Long enough for a busy machine: a test that waits for something has a deadline of its own. */
const TIMEOUT = ["--timeout", "180000"];
const CLOSING_LINE = /^ *(\d+) (pass|fail|skip|error)s?$/gm;

/** Beside src/, but they talk to other programs in real time. */
const REAL_TIME = [
  "tests/protocols/sip/sipp.test.ts",
  "tests/servers/rtp/peers.test.ts",
  "tests/users/sql/outage.test.ts",
];

/** What shares nothing runs beside each other; what measures real sound and real networks does not. */
const PARTS: readonly (readonly string[])[] = [
  ["--parallel", ...["tests/e2e/**", ...REAL_TIME].map((pattern) => `--path-ignore-patterns=${pattern}`)],
  ["--parallel", "tests/e2e/media"],
  ["--path-ignore-patterns=tests/e2e/media/**", "tests/e2e", ...REAL_TIME],
];

/** Runs every test in parts, each with its own closing lines, and sums them up; fails when any part does. */
const counts = { pass: 0, fail: 0, skip: 0, error: 0 };
let brokenPartCount = 0;
for (const part of PARTS) {
  const { code, output } = await runPart(part);
  if (code !== 0) brokenPartCount += 1;
  for (const [, count, what] of output.matchAll(CLOSING_LINE)) {
    if (isCounted(what)) counts[what] += Number(count);
  }
}
const missing = missingPrograms();
if (missing.length > 0) {
  console.log(`skipped the tests that need ${missing.join(", ")}; to run them: ${installCommand(missing)}`);
}
const { pass, fail, skip, error } = counts;
console.log(
  `all tests: ${pass} passed, ${fail} failed, ${skip} skipped, ${error} errors; ` +
    `${brokenPartCount} of ${PARTS.length} parts failed`,
);
process.exitCode = brokenPartCount === 0 && fail + error === 0 && pass > 0 ? 0 : 1;

/** What it writes is shown as it comes. */
async function runPart(args: readonly string[]): Promise<{ code: number; output: string }> {
  console.log(`── bun test ${args.join(" ")}`);
  const child = Bun.spawn([process.execPath, "test", ...TIMEOUT, ...args], {
    stdout: "pipe",
    stderr: "pipe",
  });
  const [stdout, stderr, code] = await Promise.all([show(child.stdout), show(child.stderr), child.exited]);
  return { code, output: `${stdout}\n${stderr}` };
}

async function show(stream: ReadableStream<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const bytes of stream) {
    process.stderr.write(bytes);
    text += decoder.decode(bytes, { stream: true });
  }
  return text;
}

function isCounted(what: string | undefined): what is keyof typeof counts {
  return what !== undefined && what in counts;
}
