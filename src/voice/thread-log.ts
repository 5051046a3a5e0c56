import type { LogFields, Logger } from "../log.ts";
import type { FromThread } from "./messages.ts";

/** The log of a voice thread: the main thread writes it, and knows the call. */
export function createThreadLog(tell: (message: FromThread) => void, line?: number): Logger {
  const at =
    (level: "debug" | "info" | "warn" | "error", more: LogFields = {}) =>
    (event: string, fields: LogFields = {}) =>
      tell({ did: "log", line, level, event, fields: { ...more, ...fields } });
  const bind = (more?: LogFields): Logger => ({
    debug: at("debug", more),
    info: at("info", more),
    warn: at("warn", more),
    error: at("error", more),
    with: (fields) => bind({ ...more, ...fields }),
  });
  return bind();
}
