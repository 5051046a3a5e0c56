import { describe, expect, test } from "bun:test";
import type { Directory, User } from "../../src/users/directory.ts";
import { unavailable } from "../../src/users/directory.ts";
import { chainDirectories } from "../../src/users/directory-chain.ts";
import { createIniDirectory } from "../../src/users/ini-directory.ts";
import { Login } from "../../src/users/login.ts";
import { PasswordChecks } from "../../src/users/passwords.ts";
import { ResumeTokens } from "../../src/users/resume-tokens.ts";
import { FakeClock } from "../fakes/fake-clock.ts";

const LIHAO: User = { name: "lihao", secret: "1234", enabled: true };
const HOUR_MS = 3_600_000;

function open(directory: Directory) {
  const clock = new FakeClock();
  const tokens = new ResumeTokens({ key: new Uint8Array(32), lifeMs: HOUR_MS, clock });
  const login = new Login({ directory, passwords: new PasswordChecks(), tokens, clock });
  const judge = (user: string, password: string, before?: User) =>
    login.judge({ user, password, network: "192.0.2.1", address: "192.0.2.1", before });
  const logIn = async (user: string, password: string, before?: User) => {
    const verdict = await judge(user, password, before);
    return verdict.kind === "admitted" ? verdict.token : verdict.kind;
  };
  return { clock, judge, logIn };
}

const known = (user: User): Directory => ({ find: (name) => (name === user.name ? user : undefined) });

describe("of [users]", () => {
  const { judge } = open(
    createIniDirectory(
      () =>
        new Map([
          ["lihao", "1234"],
          ["空", ""],
        ]),
    ),
  );

  test.each([
    ["lihao", "1234", "admitted"],
    ["lihao", "12345", "refused"],
    ["lihao", "", "refused"],
    ["空", "", "admitted"],
    ["nobody", "", "refused"],
    ["__proto__", "", "refused"],
  ] as const)("%s with %p: %s, at once", (user, password, kind) => {
    expect(judge(user, password)).toMatchObject({ kind });
  });
});

describe("who may not enter", () => {
  test.each([
    ["is disabled", { enabled: false }, "refused"],
    ["has no password", { secret: undefined }, "refused"],
    ["expired", { expiresAtMs: 1 }, "refused"],
  ] as const)("whoever %s", async (_, change, kind) => {
    const { judge } = open(known({ ...LIHAO, ...change }));
    expect(await judge("lihao", "1234")).toMatchObject({ kind });
  });
});

describe("a token", () => {
  test("stands for the password for its time", async () => {
    const { clock, logIn } = open(known(LIHAO));
    const token = await logIn("lihao", "1234");
    clock.advance(HOUR_MS - 2_000);
    expect(await logIn("lihao", token)).toStartWith("nwxt1.");
    clock.advance(4_000);
    expect(await logIn("lihao", token)).toBe("refused");
  });

  test("is no token of another user, nor after another key, password or end", async () => {
    const token = await open(known(LIHAO)).logIn("lihao", "1234");
    const others: User[] = [
      { ...LIHAO, name: "nway" },
      { ...LIHAO, secret: "12345" },
      { ...LIHAO, enabled: false },
    ];
    for (const user of others) expect(await open(known(user)).logIn(user.name, token)).toBe("refused");
    const later = token.replace(/^nwxt1\.(.)/, (_, digit: string) => `nwxt1.${digit === "z" ? "y" : "z"}`);
    expect(await open(known(LIHAO)).logIn("lihao", later)).toBe("refused");
    expect(await open(known(LIHAO)).logIn("lihao", token)).toStartWith("nwxt1.");
    const clock = new FakeClock();
    const foreign = new ResumeTokens({ key: new Uint8Array(32).fill(1), lifeMs: HOUR_MS, clock });
    expect(foreign.holds(token, LIHAO)).toBe(false);
  });

  test("costs no hash", () => {
    const secret = "$argon2id$v=19$m=19456,t=2,p=1$damaged$damaged";
    const clock = new FakeClock();
    const tokens = new ResumeTokens({ key: new Uint8Array(32), lifeMs: HOUR_MS, clock });
    const { judge } = open(known({ ...LIHAO, secret }));
    expect(judge("lihao", tokens.make({ ...LIHAO, secret }))).toMatchObject({ kind: "admitted" });
  });
});

describe("a directory that is unavailable", () => {
  const down: Directory = { find: () => Promise.reject(unavailable("down")) };

  test("lets nobody in, but whose registration lives, by the password of then", async () => {
    const { logIn } = open(down);
    expect(await logIn("lihao", "1234")).toBe("unavailable");
    expect(await logIn("lihao", "1234", LIHAO)).toStartWith("nwxt1.");
    expect(await logIn("lihao", "12345", LIHAO)).toBe("refused");
  });

  test("is not gone around: a removed user does not get in by an old line", async () => {
    const { logIn } = open(chainDirectories([down, known(LIHAO)]));
    expect(await logIn("lihao", "1234")).toBe("unavailable");
  });

  test("a bug is no refusal", () => {
    const broken: Directory = { find: () => Promise.reject(new Error("bug")) };
    expect(open(broken).judge("lihao", "1234")).rejects.toThrow("bug");
  });
});

test("the first directory that knows a user counts", async () => {
  const chain = chainDirectories([
    known({ ...LIHAO, secret: "first" }),
    known(LIHAO),
    known({ ...LIHAO, name: "nway" }),
  ]);
  expect(await chain.find("lihao")).toMatchObject({ secret: "first" });
  expect(await chain.find("nway")).toMatchObject({ name: "nway" });
  expect(await chain.find("nobody")).toBeUndefined();
});
