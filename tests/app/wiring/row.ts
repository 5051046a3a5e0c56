import type { Ini } from "../running-app.ts";

/** `section.key` */
type SettingName = `${string}.${string}`;

/** A setting, and where its effect shows. */
export type Row = {
  readonly setting: SettingName;
  /** Off its default. */
  readonly value: string;
  /** What else must be set for it to matter. */
  readonly beside?: Ini;
  /** Runs a gateway with these settings and tells what somebody outside sees: the same each time. */
  readonly observe: (ini: Ini) => Promise<unknown>;
  /** What shows with the value; something else shows without it. */
  readonly sees: unknown;
};

const SECTION_KEY = /^(\w+)\.(\w+)$/;

export function toIni({ setting, value }: Pick<Row, "setting" | "value">): Ini {
  const [, section = "", key = ""] = SECTION_KEY.exec(setting) ?? [];
  return { [section]: { [key]: value } };
}
