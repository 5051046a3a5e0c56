import { describe, expect, test } from "bun:test";
import { keyTables } from "../../src/config/keys.ts";
import { mergeInis } from "./running-app.ts";
import { entryRows } from "./wiring/entries.ts";
import { limitRows } from "./wiring/limits.ts";
import { listeningRows } from "./wiring/listening.ts";
import { mediaRows } from "./wiring/media.ts";
import { offerRows } from "./wiring/offers.ts";
import { recordRows } from "./wiring/records.ts";
import { type Row, toIni } from "./wiring/row.ts";
import { serveRows } from "./wiring/serve.ts";
import { telephoneRows } from "./wiring/telephone.ts";
import { tlsRows } from "./wiring/tls.ts";
import { userRows } from "./wiring/users.ts";

/** A new setting needs a row in one of these: what somebody outside sees of it. */
const ROWS: readonly Row[] = [
  ...listeningRows,
  ...offerRows,
  ...limitRows,
  ...mediaRows,
  ...telephoneRows,
  ...recordRows,
  ...serveRows,
  ...userRows,
  ...entryRows,
  ...tlsRows,
];

const docs = new Map(
  [...keyTables].flatMap(([section, keys]) =>
    [...keys].map(([key, doc]) => [`${section}.${key}` as const, doc] as const),
  ),
);

test("each setting that has an effect has a row, and no other has", () => {
  const withEffect = [...docs].filter(([, { later }]) => later !== true).map(([name]) => name);
  expect(ROWS.map(({ setting }) => setting).sort()).toEqual(withEffect.sort());
});

test("each value is off its default", () => {
  const alike = ROWS.filter(({ setting, value }) => docs.get(setting)?.fallback === value);
  expect(alike.map(({ setting }) => setting)).toEqual([]);
});

describe("a setting takes effect", () => {
  test.each(ROWS.map((row) => [row.setting, row] as const))(
    "%s",
    async (_, row) => {
      const { beside = {}, observe, sees } = row;
      expect(await observe(mergeInis(beside, toIni(row)))).toEqual(sees);
      // Otherwise this row would not notice a gateway that does not read the setting.
      expect(await observe(beside)).not.toEqual(sees);
    },
    30_000,
  );
});
