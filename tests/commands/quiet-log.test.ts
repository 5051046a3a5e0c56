import { expect, test } from "bun:test";
import { quieten } from "../../src/commands/quiet-log.ts";
import { createLogger } from "../../src/log.ts";
import { FakeClock } from "../fakes/fake-clock.ts";

function makeScene() {
  const clock = new FakeClock();
  const lines: string[] = [];
  const write = (line: string) => void lines.push(line.trim().split(" ").slice(1).join(" "));
  const quiet = quieten(createLogger({ level: "info", write, clock }), clock);
  return { clock, lines, quiet, log: quiet.log };
}

test("of what an address brings about, twenty lines a minute of each event stand, and how many more there were", () => {
  const { clock, lines, log } = makeScene();
  for (let n = 0; n < 100; n++) log.warn("flv.bad-request", { from: "192.0.2.1" });
  log.warn("stream.refused", { from: "192.0.2.1" });
  log.warn("flv.bad-request", { from: "192.0.2.2" });
  expect(lines).toHaveLength(22);
  clock.advance(60_000);
  expect(lines.slice(22)).toEqual(["warn flv.bad-request more=80"]);
  log.warn("flv.bad-request", { from: "192.0.2.1" });
  expect(lines).toHaveLength(24);
});

test.each([
  ["ports", (n: number) => `192.0.2.1:${1000 + n}`],
  ["addresses of an IPv6 network", (n: number) => `2001:db8::${n}`],
  ["ports of IPv6", (n: number) => `[2001:db8::1]:${1000 + n}`],
])("other %s are no other address", (_, name) => {
  const { lines, log } = makeScene();
  for (let n = 0; n < 100; n++) log.with({ from: name(n) }).error("rtmp.failed");
  expect(lines).toHaveLength(20);
});

test("many addresses together write two hundred", () => {
  const { lines, log } = makeScene();
  for (let n = 0; n < 20_000; n++) log.warn("flv.bad-request", { from: `10.0.${n >> 8}.${n & 255}` });
  expect(lines).toHaveLength(200);
});

test("what is no stranger's doing is written in full", () => {
  const { lines, log } = makeScene();
  for (let n = 0; n < 300; n++) {
    log.info("signaling.registered", { from: "192.0.2.1" });
    log.error("records.write-failed", { file: "calls.jsonl" });
  }
  expect(lines).toHaveLength(600);
});

test("at its end it tells what it left out, and leaves no timer", () => {
  const { clock, lines, quiet, log } = makeScene();
  for (let n = 0; n < 21; n++) log.warn("flv.bad-request", { from: "192.0.2.1" });
  quiet[Symbol.dispose]();
  expect([lines.at(-1), clock.timerCount]).toEqual(["warn flv.bad-request more=1", 0]);
});
