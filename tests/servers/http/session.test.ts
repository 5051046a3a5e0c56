import { expect, test } from "bun:test";
import { createLogger } from "../../../src/log.ts";
import { type Answer, HttpSession } from "../../../src/servers/http/session.ts";
import { FakeClock } from "../../fakes/fake-clock.ts";
import { waitFor } from "../../peers/wait.ts";
import { FakeSocket } from "../tcp/fake-socket.ts";

function open(answer: Answer) {
  const lines: string[] = [];
  const log = createLogger({ level: "debug", write: (line) => void lines.push(line) });
  const socket = new FakeSocket();
  const settings = { setNoDelay() {}, setKeepAlive() {}, timeout() {} };
  const peer = { remoteAddress: "192.0.2.1", remotePort: 1, localAddress: "192.0.2.2" };
  const session = new HttpSession(Object.assign(socket, peer, settings), new FakeClock(), log, answer);
  return { lines, socket, session };
}

const REQUEST = Buffer.from("GET /x HTTP/1.1\r\nHost: a\r\n\r\n");

test("a bug in what answers is told the client, and logged", async () => {
  const { lines, socket, session } = open(() => Promise.reject(new RangeError("oops")));
  session.receive(REQUEST);
  const reply = await waitFor("the answer", () => textOf(socket) !== "" && textOf(socket));
  expect(reply).toStartWith("HTTP/1.1 500 ");
  expect(lines.join("")).toContain("error http.bug path=/x error=oops");
});

function textOf({ taken }: FakeSocket): string {
  return Buffer.from(taken).toString("latin1");
}
