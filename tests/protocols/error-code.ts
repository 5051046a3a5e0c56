import { AppError } from "../../src/errors.ts";

/** The code of the AppError that `run` throws; anything else that it throws passes on. */
export function errorCodeOf(run: () => unknown): string {
  try {
    run();
  } catch (thrown) {
    if (thrown instanceof AppError) return thrown.code;
    throw thrown;
  }
  return "nothing thrown";
}
