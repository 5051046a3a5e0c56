import { type Clock, systemClock } from "./clock.ts";

export const LOG_LEVELS = ["debug", "info", "warn", "error", "silent"] as const;
type LogLevel = (typeof LOG_LEVELS)[number];

export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

/** One line an event: `time level event name=value …`. `with` adds fields, such as the call id, to every line. */
export interface Logger {
  debug(event: string, fields?: LogFields): void;
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
  with(fields: LogFields): Logger;
}

export type LogOptions = {
  level: LogLevel;
  write: (line: string) => void;
  clock?: Pick<Clock, "wallMs">;
};

export function createLogger({ level, write, clock = systemClock }: LogOptions): Logger {
  const least = LOG_LEVELS.indexOf(level);

  function bind(context: LogFields): Logger {
    const at = (name: LogLevel) => (event: string, fields?: LogFields) => {
      if (LOG_LEVELS.indexOf(name) < least) return;
      write(formatLine(clock.wallMs(), name, event, { ...context, ...fields }));
    };
    return {
      debug: at("debug"),
      info: at("info"),
      warn: at("warn"),
      error: at("error"),
      with: (fields) => bind({ ...context, ...fields }),
    };
  }
  return bind({});
}

export const silentLogger: Logger = createLogger({ level: "silent", write: () => {} });

function formatLine(wallMs: number, level: string, event: string, fields: LogFields): string {
  let line = `${new Date(wallMs).toISOString()} ${level} ${event}`;
  for (const [name, value] of Object.entries(fields)) {
    if (value !== undefined) line += ` ${name}=${formatValue(value)}`;
  }
  return `${line}\n`;
}

const MAX_VALUE_LENGTH = 300;
const PLAIN_VALUE = /^[\w.:/@+*,[\]-]+$/;

/** Quotes anything but plain words, so that no peer can forge a line or a field. */
function formatValue(value: string | number | boolean): string {
  if (typeof value !== "string") return String(value);
  const short = value.length > MAX_VALUE_LENGTH ? `${value.slice(0, MAX_VALUE_LENGTH)}…` : value;
  if (PLAIN_VALUE.test(short)) return short;
  return JSON.stringify(short).replace(/[\u007f-\u009f\u2028\u2029]/g, (c) => `\\u${hex4(c)}`);
}

function hex4(character: string): string {
  return character.charCodeAt(0).toString(16).padStart(4, "0");
}
