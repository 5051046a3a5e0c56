/** Who must act on an error: the peer that sent it, the person who configured it, the machine, or we. */
export type Fault = "peer" | "config" | "environment" | "bug";

export type ErrorDetails = Readonly<Record<string, string | number | boolean | undefined>>;

/**
 * The only error this program throws on purpose. `code` is stable and dotted, like `rtmp.chunk-too-long`;
 * `details` holds the numbers that explain it and never a password or token.
 */
export class AppError extends Error {
  override readonly name = "AppError";

  constructor(
    readonly fault: Fault,
    readonly code: string,
    readonly details: ErrorDetails = {},
    options?: ErrorOptions,
  ) {
    super(describe(code, details), options);
  }
}

function describe(code: string, details: ErrorDetails): string {
  const known = Object.entries(details).filter(([, value]) => value !== undefined);
  if (known.length === 0) return code;
  return `${code} (${known.map(([name, value]) => `${name} ${String(value)}`).join(", ")})`;
}

/** The message of anything that was thrown, in one line. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** Whether a peer made the mistake; false for anything else that may be thrown, a bug of ours among it. */
export function isPeerFault(thrown: unknown): thrown is AppError {
  return thrown instanceof AppError && thrown.fault === "peer";
}

/** The peer's mistake that was caught. Throws anything else again. */
export function expectPeerFault(thrown: unknown): AppError {
  if (isPeerFault(thrown)) return thrown;
  throw thrown;
}

/** `ENOENT`, `EADDRINUSE`, `SQLITE_BUSY` and the like; undefined for what was thrown without a code. */
export function errorCodeOf(thrown: unknown): string | undefined {
  return thrown instanceof Error && "code" in thrown ? String(thrown.code) : undefined;
}
