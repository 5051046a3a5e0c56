import { expect, test } from "bun:test";
import { systemClock } from "../../../src/clock.ts";
import { silentLogger } from "../../../src/log.ts";
import { SqlDirectory } from "../../../src/users/sql/sql-directory.ts";
import { startSqlite } from "../../peers/databases.ts";

const USER_COUNT = 100_000;
const LOOK_UPS = 2_000;
const ROUNDS = 3;
const PROMISED_P99_MS = 2;

test("of 100,000 users in SQLite one is found within 2 ms, thanks to the index", async () => {
  await using database = await startSqlite();
  const { db_string: path } = database.settings;
  using directory = new SqlDirectory({
    target: { kind: "sqlite", path },
    query: undefined,
    onHashes: () => {},
    clock: systemClock,
    log: silentLogger,
  });
  await directory.find("nobody");
  await database.run(
    `with recursive numbers(n) as (select 0 union all select n + 1 from numbers where n < ${USER_COUNT - 1})
     insert into wx_user select 'user' || n, 'of user' || n from numbers`,
  );
  const times: number[][] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const ofRound: number[] = [];
    for (let count = 0; count < LOOK_UPS; count++) {
      // Another one each time: none is remembered.
      const name = `user${(round * LOOK_UPS + count) * 13}`;
      const startedMs = performance.now();
      expect((await directory.find(name))?.secret).toBe(`of ${name}`);
      ofRound.push(performance.now() - startedMs);
    }
    times.push(ofRound.sort((left, right) => left - right));
  }
  const p99s = times.map((ofRound) => ofRound[Math.floor(LOOK_UPS * 0.99)] ?? 0);
  // Of the rounds the one that other programs disturbed least.
  expect(Math.min(...p99s)).toBeLessThan(PROMISED_P99_MS);
}, 60_000);
