import { z } from "zod";
import type { Kind, Words } from "./kinds.ts";

/** What a person is told about a key, in both languages. */
export type SettingDoc = Words & {
  /** The built-in value as the files write it, empty for none. */
  readonly fallback: string;
  readonly allowed: Words;
  /** Never shown, neither by check-config nor in a message. */
  readonly secret?: boolean;
  /** Read and checked, but without effect in this version. */
  readonly later?: boolean;
};

export const settingDocs = z.registry<SettingDoc>();
export const sectionDocs = z.registry<Words>();

type Told = Words & Pick<SettingDoc, "secret" | "later">;

/** A key with a built-in value, as the files write it. */
export function setting<T>({ schema, allowed }: Kind<T>, fallback: string, told: Told) {
  return schema.prefault(fallback).register(settingDocs, { fallback, allowed, ...told });
}

export function optional<T>({ schema, allowed }: Kind<T>, told: Told) {
  return schema.optional().register(settingDocs, { fallback: "", allowed, ...told });
}

export function section<S extends z.ZodRawShape>(doc: Words, shape: S) {
  return z.object(shape).register(sectionDocs, doc);
}
