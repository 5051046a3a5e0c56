import { describe, expect, test } from "bun:test";
import { watchHost } from "../../src/freeswitch/host-watch.ts";
import { createLogger } from "../../src/log.ts";
import { FakeClock } from "../fakes/fake-clock.ts";

function watch(answers: (string[] | Error)[]) {
  const clock = new FakeClock();
  const allowed: string[] = [];
  const lines: string[] = [];
  const asked: string[] = [];
  const watching = watchHost({
    host: "fs.example",
    async lookUp(host) {
      asked.push(host);
      const answer = answers.shift() ?? [];
      if (answer instanceof Error) throw answer;
      return answer;
    },
    listOwn: () => ["127.0.0.1", "192.0.2.9"],
    onAddress: (address) => allowed.push(address),
    clock,
    log: createLogger({ level: "info", write: (line) => lines.push(line), clock }),
  });
  const settle = async () => {
    for (let turn = 0; turn < 5; turn++) await Promise.resolve();
  };
  const goOn = async () => {
    clock.advance(30_000);
    await settle();
  };
  return { allowed, lines, asked, settle, goOn, watching };
}

describe("FreeSWITCH's addresses", () => {
  test("are looked up at once and every 30 s, as they change", async () => {
    const { allowed, asked, settle, goOn, watching } = watch([["192.0.2.1"], ["192.0.2.2", "2001:db8::2"]]);
    await settle();
    expect(allowed).toEqual(["192.0.2.1"]);
    await goOn();
    expect(allowed).toEqual(["192.0.2.1", "192.0.2.2", "2001:db8::2"]);
    expect(watching.has("::ffff:192.0.2.1")).toBe(true);
    expect(watching.has("192.0.2.3")).toBe(false);
    watching[Symbol.dispose]();
    await goOn();
    expect(asked).toEqual(["fs.example", "fs.example"]);
  });

  test("on this machine are all of its own", async () => {
    const { allowed, settle } = watch([["192.0.2.9"]]);
    await settle();
    expect(allowed).toEqual(["127.0.0.1", "192.0.2.9"]);
  });

  test("of a name that nobody knows: one line until it is known again", async () => {
    const failed = new Error("ENOTFOUND");
    const { allowed, lines, settle, goOn } = watch([failed, failed, ["192.0.2.1"], failed]);
    await settle();
    await goOn();
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain("freeswitch.unknown-host");
    await goOn();
    expect(allowed).toEqual(["192.0.2.1"]);
    await goOn();
    expect(lines).toHaveLength(2);
  });
});
