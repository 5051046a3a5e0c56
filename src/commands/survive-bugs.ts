/** The part of `process` that is needed. */
export type BugSource = {
  on(event: "uncaughtException" | "unhandledRejection", listener: (thrown: unknown) => void): unknown;
};

/**
 * From now on what nothing caught, as in a timer, is reported and costs only what it was about; it would end the
 * process, and everybody's calls, otherwise.
 */
export function surviveBugs(source: BugSource, report: (thrown: unknown) => void): void {
  source.on("uncaughtException", report);
  source.on("unhandledRejection", report);
}
