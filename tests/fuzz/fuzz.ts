/** What the fuzz runner needs of a decoder: `run` may throw nothing but an AppError. */
export type FuzzTarget = {
  readonly name: string;
  /** Well-formed inputs, which the runner mutates. */
  readonly seeds: readonly Uint8Array[];
  run(input: Uint8Array): void;
};
