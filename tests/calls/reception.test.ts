import { expect, test } from "bun:test";
import type { CallingTelephone } from "../../src/calls/ports.ts";
import { createReception } from "../../src/calls/reception.ts";
import { createLogger } from "../../src/log.ts";
import { type Directory, type User, unavailable } from "../../src/users/directory.ts";

const LIHAO: User = { name: "lihao", secret: "1234", enabled: true };

function open(find: Directory["find"], reached?: string) {
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
    calls: { receive: ({ calledNumber }, user) => received.push(`${calledNumber} ${user !== undefined}`) },
    reaches: (number) => number === reached,
    directory: { find },
    log: createLogger({ level: "info", write: (line) => lines.push(line) }),
  });
  return { receive: () => receive(phone), received, refused, lines };
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await Promise.resolve();
}

test("a telephone's call is received at once where the directory knows at once", () => {
  const { receive, received } = open((user) => (user === "lihao" ? LIHAO : undefined));
  receive();
  expect(received).toEqual(["lihao true"]);
});

test("and waits for a database", async () => {
  const asked = Promise.withResolvers<User | undefined>();
  const { receive, received, refused } = open(() => asked.promise);
  receive();
  await settle();
  expect(received).toEqual([]);
  asked.resolve(undefined);
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

test("while the directory is unavailable the call is refused, without a second line in the log", async () => {
  const { receive, refused, lines } = open(() => Promise.reject(unavailable("down")));
  receive();
  await settle();
  expect(refused).toEqual(["SWITCH_CONGESTION"]);
  expect(lines).toEqual([]);
});

test("nobody asks a directory for whom the number reaches anyway", () => {
  const { receive, received } = open(() => Promise.reject(unavailable("down")), "lihao");
  receive();
  expect(received).toEqual(["lihao false"]);
});
