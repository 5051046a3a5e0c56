import { waitFor, within } from "./wait.ts";

export type ProcessOptions = {
  readonly cwd?: string;
  /** Replaces the environment; without it the child gets ours. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Written to the child's standard input, which is then closed; or it stays open, for `type`. */
  readonly stdin?: Uint8Array | "open";
};

/** A child process with its output captured; disposing ends it, and only it. */
export interface RunningProcess extends AsyncDisposable {
  readonly pid: number;
  /** Everything written so far. */
  stdout(): string;
  stderr(): string;
  stdoutBytes(): Uint8Array;
  /** Both streams, for error messages. */
  output(): string;
  readonly exited: Promise<number>;
  /** Waits until `pattern` matches what was written on either stream; fails at once when the program exits without it. */
  waitForOutput(pattern: RegExp, deadlineMs?: number): Promise<RegExpMatchArray>;
  /** Resolves to the exit code (128 + n for signal n). */
  waitForExit(deadlineMs?: number): Promise<number>;
  kill(signal?: NodeJS.Signals): void;
  /** Writes to its standard input. */
  type(text: string): void;
}

/** Starts `command`; a program that is not there throws at once. */
export function startProcess(command: readonly string[], options: ProcessOptions = {}): RunningProcess {
  const child = Bun.spawn([...command], {
    stdin: options.stdin === "open" ? "pipe" : (options.stdin ?? "ignore"),
    stdout: "pipe",
    stderr: "pipe",
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.env === undefined ? {} : { env: { ...options.env } }),
  });
  const stdout = new Capture(child.stdout);
  const stderr = new Capture(child.stderr);
  const exited = Promise.all([child.exited, stdout.finished, stderr.finished]).then(([code]) => code);
  const output = () => `${stdout.text()}${stderr.text()}`;
  const named = command.join(" ");

  return {
    pid: child.pid,
    stdout: () => stdout.text(),
    stderr: () => stderr.text(),
    stdoutBytes: () => stdout.bytes(),
    output,
    exited,
    async waitForOutput(pattern, deadlineMs) {
      return await waitFor(
        `${pattern} from ${named}`,
        () => {
          const match = output().match(pattern);
          if (match === null && child.exitCode !== null && stdout.closed && stderr.closed) {
            throw new Error(`${named} exited with ${child.exitCode} before ${pattern}:\n${output()}`);
          }
          return match;
        },
        deadlineMs,
      );
    },
    async waitForExit(deadlineMs = 15_000) {
      try {
        return await within(`the end of ${named}`, exited, deadlineMs);
      } catch (thrown) {
        throw new Error(`${String(thrown)}; it said:\n${output()}`);
      }
    },
    kill: (signal = "SIGTERM") => child.kill(signal),
    type(text) {
      if (typeof child.stdin !== "object") throw new Error(`${named} has no open input`);
      child.stdin.write(text);
      child.stdin.flush();
    },
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await child.exited;
    },
  };
}

/** Runs `command` to its end; throws with its output when it fails or is late. */
export async function runProcess(
  command: readonly string[],
  options: ProcessOptions & { readonly deadlineMs?: number } = {},
): Promise<{ stdout: string; stderr: string; stdoutBytes: Uint8Array }> {
  await using child = startProcess(command, options);
  const code = await child.waitForExit(options.deadlineMs ?? 30_000);
  if (code !== 0) throw new Error(`${command.join(" ")} exited with ${code}:\n${child.output()}`);
  return { stdout: child.stdout(), stderr: child.stderr(), stdoutBytes: child.stdoutBytes() };
}

class Capture {
  readonly finished: Promise<void>;
  closed = false;
  readonly #chunks: Uint8Array[] = [];
  #text = "";
  readonly #decoder = new TextDecoder();

  constructor(stream: ReadableStream<Uint8Array>) {
    this.finished = this.#read(stream);
  }

  text(): string {
    return this.#text;
  }

  bytes(): Uint8Array {
    return new Uint8Array(Buffer.concat(this.#chunks));
  }

  async #read(stream: ReadableStream<Uint8Array>): Promise<void> {
    for await (const chunk of stream) {
      this.#chunks.push(chunk);
      this.#text += this.#decoder.decode(chunk, { stream: true });
    }
    this.closed = true;
  }
}
