import { expect, test } from "bun:test";
import { createLogger } from "../../../src/log.ts";
import { DescriptorWatch } from "../../../src/servers/tcp/descriptor-watch.ts";
import { FakeClock } from "../../fakes/fake-clock.ts";

test("stops listening and makes strangers go while there are few descriptors, and says so once", () => {
  const clock = new FakeClock();
  const lines: string[] = [];
  const done: string[] = [];
  let free: number | undefined = 900;
  const member = {
    stopListening: () => void done.push("stop"),
    listenAgain: () => void done.push("again"),
    expelStrangers: (count: number) => void done.push(`expel ${count}`),
  };
  const watch = new DescriptorWatch({
    members: [member],
    limit: 1024,
    findFree: () => free,
    clock,
    log: createLogger({ level: "info", write: (line) => void lines.push(line), clock }),
  });
  clock.advance(1_000);
  expect(done).toEqual([]);
  free = 961;
  clock.advance(250);
  free = undefined;
  clock.advance(250);
  expect(done).toEqual(["stop", "expel 64", "stop", "expel 64"]);
  free = 960;
  clock.advance(1_000);
  expect(done.slice(4)).toEqual(["again"]);
  expect(lines.map((line) => line.split(" ").slice(1, 3).join(" ").trim())).toEqual([
    "error descriptors.scarce",
    "info descriptors.enough",
  ]);
  watch[Symbol.dispose]();
  expect(clock.timerCount).toBe(0);
});
