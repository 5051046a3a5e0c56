import { expect, test } from "bun:test";
import { createLogger } from "../../src/log.ts";
import { isUnavailable } from "../../src/users/directory.ts";
import { Login } from "../../src/users/login.ts";
import { PasswordChecks } from "../../src/users/passwords.ts";
import { ResumeTokens } from "../../src/users/resume-tokens.ts";
import { Webhook } from "../../src/users/webhook.ts";
import { FakeClock } from "../fakes/fake-clock.ts";
import { waitFor } from "../peers/wait.ts";
import { type Asked, startLoginService } from "./login-service.ts";

const SECRET = "0123456789abcdef0123456789abcdef";
const KNOWN = { allow: true, display_name: "朵拉", max_calls: 2, password: "not taken" };

function answerTruly({ action, user, password }: Asked): Response {
  const isRight = user === "dora" && (action === "lookup" || password === "pass 词");
  return isRight ? Response.json(KNOWN) : Response.json({ allow: false });
}

async function open(answer: (asked: Asked) => Response | Promise<Response>, secret = SECRET) {
  const service = startLoginService(SECRET, answer);
  const clock = new FakeClock();
  const lines: string[] = [];
  const log = createLogger({ level: "debug", write: (line) => void lines.push(line) });
  const webhook = new Webhook({ url: service.url, secret, clock, log });
  const tokens = new ResumeTokens({ key: new Uint8Array(32), lifeMs: 3_600_000, clock });
  const login = new Login({ directory: webhook, passwords: new PasswordChecks(), tokens, webhook, clock });
  const judge = (user: string, password: string) =>
    login.judge({ user, password, network: "192.0.2.7", address: "192.0.2.7", before: undefined });
  return { ...service, clock, lines, webhook, judge };
}

test("the service is asked, signed, and its answer counts with the user's attributes", async () => {
  await using home = await open(answerTruly);
  const verdict = await home.judge("dora", "pass 词");
  expect(verdict).toMatchObject({
    kind: "admitted",
    user: { name: "dora", displayName: "朵拉", maxCalls: 2 },
  });
  expect(verdict).not.toMatchObject({ user: { secret: expect.anything() } });
  expect(await home.judge("dora", "wrong")).toEqual({ kind: "refused" });
  expect(home.asked[0]).toEqual({ action: "login", user: "dora", password: "pass 词", address: "192.0.2.7" });
});

test("an answer stands for five seconds, for that password only", async () => {
  await using home = await open(answerTruly);
  for (let count = 0; count < 3; count++) await home.judge("dora", "pass 词");
  expect(home.asked).toHaveLength(1);
  await home.judge("dora", "pass");
  expect(home.asked).toHaveLength(2);
  home.clock.advance(5_000);
  await home.judge("dora", "pass 词");
  expect(home.asked).toHaveLength(3);
});

test("who shows a token is looked up, without a password", async () => {
  await using home = await open(answerTruly);
  const verdict = await home.judge("dora", "pass 词");
  const token = verdict.kind === "admitted" ? verdict.token : "";
  expect(await home.judge("dora", token)).toMatchObject({ kind: "admitted" });
  expect(home.asked.at(-1)).toEqual({ action: "lookup", user: "dora" });
  expect(await home.webhook.find("nobody")).toBeUndefined();
});

test.each([401, 403, 404])("%d is a refusal", async (status) => {
  await using home = await open(() => new Response("", { status }));
  expect(await home.judge("dora", "pass 词")).toEqual({ kind: "refused" });
});

test.each<[string, () => Response]>([
  ["500", () => new Response("", { status: 500 })],
  ["a redirection", () => Response.redirect("http://127.0.0.1:1/", 307)],
  ["no JSON", () => new Response("<html>")],
  ["no object", () => Response.json([])],
  ["no word of allow", () => Response.json({ allow: "yes" })],
  ["endless words", () => new Response(`{"allow":true,"x":"${"x".repeat(70_000)}"}`)],
])("%s lets nobody in, and is told once", async (_, answer) => {
  await using home = await open(answer);
  expect(await home.judge("dora", "pass 词")).toEqual({ kind: "unavailable" });
  expect(await home.judge("dora", "pass 词")).toEqual({ kind: "unavailable" });
  expect(home.lines.filter((line) => line.includes("error users.unavailable"))).toHaveLength(1);
  expect(home.lines.join("")).not.toContain("pass 词");
});

test("a service that does not know the signature refuses us, which is told", async () => {
  await using home = await open(answerTruly, "another secret, of 32 letters...");
  expect(await home.judge("dora", "pass 词")).toEqual({ kind: "unavailable" });
  expect(home.lines.join("")).toContain("status 400");
});

test("one that hangs is given up after two seconds, by all who wait; after a second it is asked again", async () => {
  let isHanging = true;
  await using home = await open(async (asked) => {
    if (isHanging) await new Promise<void>(() => {});
    return answerTruly(asked);
  });
  const waiting = Array.from({ length: 50 }, (_, index) => home.judge("dora", `${index}`));
  await waitFor("the questions", () => home.asked.length === 16);
  home.clock.advance(2_000);
  expect(new Set((await Promise.all(waiting)).map(({ kind }) => kind))).toEqual(new Set(["unavailable"]));
  isHanging = false;
  expect(await home.judge("dora", "pass 词")).toEqual({ kind: "unavailable" });
  home.clock.advance(1_000);
  expect(await home.judge("dora", "pass 词")).toMatchObject({ kind: "admitted" });
  expect(home.lines.join("")).toContain("users.available");
});

test("one that is not there is unavailable", async () => {
  const home = await open(answerTruly);
  await home.stop();
  expect(home.webhook.find("dora").then(() => false, isUnavailable)).resolves.toBe(true);
});
