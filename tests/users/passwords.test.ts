import { describe, expect, test } from "bun:test";
import { isUnavailable } from "../../src/users/directory.ts";
import { hashPassword, isHash, PasswordChecks } from "../../src/users/passwords.ts";

describe("hashes", () => {
  test("of our own making are argon2id of 19 MiB, and hold", async () => {
    const hash = await hashPassword("pass 词");
    expect(hash).toStartWith("$argon2id$v=19$m=19456,t=2,p=1$");
    const checks = new PasswordChecks();
    expect(await checks.check("pass 词", hash, "a")).toBe(true);
    expect(await checks.check("pass 訶", hash, "a")).toBe(false);
  });

  test("of bcrypt hold too", async () => {
    const hash = await Bun.password.hash("1234", { algorithm: "bcrypt", cost: 4 });
    const checks = new PasswordChecks();
    for (const spelling of [hash, hash.replace(/^\$2b/, "$2y"), hash.replace(/^\$2b/, "$2a")]) {
      expect(isHash(spelling)).toBe(true);
      expect(await checks.check("1234", spelling, "a")).toBe(true);
    }
  });

  test.each([
    ["damaged", "$argon2id$v=19$m=19456,t=2,p=1$xx"],
    ["damaged", "$2b$10$short"],
  ])("%s: nobody gets in", async (_, hash) => {
    expect(await new PasswordChecks().check("1234", hash, "a")).toBe(false);
    expect(await new PasswordChecks().check(hash, hash, "a")).toBe(false);
  });

  test("an empty password and a very long one are wrong", async () => {
    const hash = await Bun.password.hash("-", { algorithm: "bcrypt", cost: 4 });
    const checks = new PasswordChecks();
    expect(await checks.check("-", hash, "a")).toBe(true);
    expect(await checks.check("", hash, "a")).toBe(false);
    expect(await checks.check("-".repeat(201), hash, "a")).toBe(false);
  });
});

describe("the time of an answer", () => {
  test("without hashes every answer comes at once", () => {
    const checks = new PasswordChecks();
    expect([checks.check("1234", "1234", "a"), checks.check("", undefined, "a")]).toEqual([true, false]);
  });

  test("with one hash in use nobody's costs a hash too, and so does a plain password's", async () => {
    const checks = new PasswordChecks();
    checks.expectHashes();
    const nobody = checks.check("1234", undefined, "a");
    const plain = checks.check("1234", "1234", "a");
    expect([nobody, plain].every((answer) => answer instanceof Promise)).toBe(true);
    expect([await nobody, await plain]).toEqual([false, true]);
  });
});

test("of one network so many wait, others still get their turn", async () => {
  const hash = await Bun.password.hash("1234", { algorithm: "bcrypt", cost: 4 });
  const checks = new PasswordChecks();
  const flood = Array.from({ length: 100 }, () => Promise.resolve(checks.check("x", hash, "flood")));
  const outcomes = Promise.allSettled(flood);
  expect(await checks.check("1234", hash, "other")).toBe(true);
  const refused = (await outcomes).filter(({ status }) => status === "rejected");
  expect(refused).toHaveLength(100 - 64 - 2);
  expect(refused.every((outcome) => outcome.status === "rejected" && isUnavailable(outcome.reason))).toBe(
    true,
  );
});
