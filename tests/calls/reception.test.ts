import { expect, test } from "bun:test";
import type { CallingTelephone } from "../../src/calls/ports.ts";
import { createReception } from "../../src/calls/reception.ts";
import { createLogger } from "../../src/log.ts";

function open(has: (user: string) => boolean | Promise<boolean>) {
  const received: string[] = [];
  const refused: string[] = [];
  const lines: string[] = [];
  const phone: CallingTelephone = {
    callerNumber: "139",
    callerName: "",
    calledNumber: "lihao",
    accept: () => {
      throw new Error("not to be accepted here");
    },
    refuse: (cause) => refused.push(cause),
  };
  const receive = createReception({
    calls: { receive: ({ calledNumber }, isUser) => received.push(`${calledNumber} ${isUser}`) },
    directory: { has },
    log: createLogger({ level: "info", write: (line) => lines.push(line) }),
  });
  return { receive: () => receive(phone), received, refused, lines };
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await Promise.resolve();
}

test("a telephone's call is received at once where the directory knows at once", () => {
  const { receive, received } = open((user) => user === "lihao");
  receive();
  expect(received).toEqual(["lihao true"]);
});

test("and waits for a database", async () => {
  const asked = Promise.withResolvers<boolean>();
  const { receive, received, refused } = open(() => asked.promise);
  receive();
  await settle();
  expect(received).toEqual([]);
  asked.resolve(false);
  await settle();
  expect([received, refused]).toEqual([["lihao false"], []]);
});

test("a database that fails refuses the call, with a line in the log", async () => {
  const { receive, received, refused, lines } = open(() => Promise.reject(new Error("gone")));
  receive();
  await settle();
  expect([received, refused]).toEqual([[], ["SWITCH_CONGESTION"]]);
  expect(lines.join()).toContain("telephone.directory-failed");
});
