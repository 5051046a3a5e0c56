/** What a command may touch of the world; tests give their own. */
export type Terminal = {
  readonly print: (text: string) => void;
  readonly complain: (text: string) => void;
  /** All of standard input. */
  readonly readInput: () => Promise<string>;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** From now on no signal ends the process but a second SIGTERM or SIGINT; resolves to the first that asks for the end. */
  readonly catchSignals: (onIgnored: (signal: string) => void) => Promise<string>;
  /** From now on gets what nothing caught, which does not end the process. */
  readonly surviveBugs: (report: (thrown: unknown) => void) => void;
};

export type Option = {
  /** Without the dashes. */
  readonly name: string;
  /** What its value is called in the help; absent for a switch. */
  readonly value?: string;
  readonly summary: string;
};

/** What was typed after the command, checked against its declaration. */
export type Arguments = {
  readonly positionals: readonly string[];
  /** Switches are present with an empty text. */
  readonly options: ReadonlyMap<string, string>;
};

export type Command = {
  readonly name: string;
  readonly summary: string;
  /** Names of what stands after the command; those in square brackets may be left out. */
  readonly positionals: readonly string[];
  readonly options: readonly Option[];
  /** What each of `positionals` is, where their names don't say it. */
  readonly details?: readonly (readonly [name: string, text: string])[];
  /** A line each, for the help of this command only. */
  readonly notes?: readonly string[];
  /** Resolves to the exit code. */
  readonly run: (typed: Arguments, terminal: Terminal) => Promise<number>;
};

export const ExitCode = { ok: 0, failed: 1, usage: 2 } as const;
