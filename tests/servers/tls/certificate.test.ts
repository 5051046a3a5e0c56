import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createSelfSigned } from "../../../src/commands/self-signed.ts";
import { createLogger } from "../../../src/log.ts";
import { Certificate } from "../../../src/servers/tls/certificate.ts";
import { type KeyPairFiles, readKeyPair } from "../../../src/servers/tls/key-pair.ts";
import { listenRenewed } from "../../../src/servers/tls/renewed-listener.ts";
import { createFolder } from "../../config/folder.ts";
import { FakeClock } from "../../fakes/fake-clock.ts";

const DAY_MS = 24 * 3600 * 1000;

let folder: ReturnType<typeof createFolder>;
let files: KeyPairFiles;
let clock: FakeClock;
let lines: string[];
const log = createLogger({
  level: "info",
  write: (line) => void lines.push(line.replace(/^\S+ /, "").trim()),
});

beforeEach(async () => {
  folder = createFolder();
  files = { cert: join(folder.path, "tls.crt"), key: join(folder.path, "tls.key") };
  clock = new FakeClock();
  lines = [];
  await write();
});
afterEach(() => folder[Symbol.dispose]());

async function write(part: "both" | "cert" = "both"): Promise<void> {
  const { cert, key } = await createSelfSigned(["localhost"], clock.wallMs());
  writeFileSync(files.cert, cert);
  if (part === "both") writeFileSync(files.key, key);
}

/** Long enough for files that have changed to be read. */
async function lookTwice(certificate: Certificate): Promise<void> {
  await certificate.look();
  await certificate.look();
}

describe("files that are no pair are refused with a word of what to do", () => {
  const refused = () => {
    const pair = readKeyPair(files);
    return "problem" in pair ? `${pair.file}: ${pair.problem}` : "none";
  };

  test("a missing one", () => {
    rmSync(files.key);
    expect(refused()).toStartWith("key: no such file; write a pair");
  });

  test.each([
    ["cert", "cert: no certificate in PEM form"],
    ["key", "key: no private key in PEM form"],
  ] as const)("%s is anything else", (name, problem) => {
    writeFileSync(files[name], "hello");
    expect(refused()).toStartWith(problem);
  });

  test("the key of another certificate", async () => {
    await write("cert");
    expect(refused()).toStartWith("key: not the key of the certificate in cert");
  });

  test("one far too long", () => {
    writeFileSync(files.cert, new Uint8Array(2_000_000));
    expect(refused()).toStartWith("cert: 2000000 bytes long");
  });
});

describe("a certificate", () => {
  test("is renewed when both files have changed and come to rest", async () => {
    using certificate = new Certificate({ ...files, clock, log });
    const taken: string[] = [];
    certificate.onRenewed(({ cert }) => taken.push(cert));
    await lookTwice(certificate);
    expect(taken).toEqual([]);
    await write();
    await certificate.look();
    expect(taken).toEqual([]);
    await certificate.look();
    expect(taken).toEqual([certificate.pair.cert]);
    expect(lines.filter((line) => line.startsWith("info tls.renewed "))).toHaveLength(1);
  });

  test("stays when the new pair is no good, which is logged once", async () => {
    using certificate = new Certificate({ ...files, clock, log });
    const { pair } = certificate;
    certificate.onRenewed(() => expect.unreachable());
    await write("cert");
    for (let look = 0; look < 4; look += 1) await certificate.look();
    expect(certificate.pair).toBe(pair);
    expect(lines).toEqual([expect.stringContaining(`warn tls.not-renewed file=${files.key} `)]);
  });

  test("is offered again to who could not take it", async () => {
    using certificate = new Certificate({ ...files, clock, log });
    let failures = 0;
    certificate.onRenewed(() => {
      if (++failures === 1) throw new Error("taken");
    });
    await write();
    await lookTwice(certificate);
    expect(lines).toContain("error tls.cannot-listen reason=taken");
    await lookTwice(certificate);
    expect(failures).toBe(2);
  });

  test.each([
    [-2, "warn tls.not-yet-valid"],
    [790, "warn tls.expires-soon"],
    [801, "warn tls.expired"],
  ])("%d days after it was made: %s", (days, line) => {
    const wallMs = clock.wallMs() + days * DAY_MS;
    const later = { ...files, clock: Object.assign(new FakeClock(), { wallMs: () => wallMs }), log };
    using _ = new Certificate(later);
    expect(lines).toEqual([expect.stringContaining(line)]);
  });

  test("leaves no timer behind", () => {
    const certificate = new Certificate({ ...files, clock, log });
    expect(clock.timerCount).toBe(2);
    certificate[Symbol.dispose]();
    expect(clock.timerCount).toBe(0);
  });
});

test("a listener begins anew on its own port, unless it is stopped", async () => {
  using certificate = new Certificate({ ...files, clock, log });
  const events: string[] = [];
  let count = 0;
  const listener = listenRenewed(0, certificate, (port, pair) => {
    const name = `${++count}`;
    events.push(`${name} listens on ${port}${pair === certificate.pair ? "" : " with another pair"}`);
    return { port: 4711, stop: () => void events.push(`${name} stops`) };
  });
  await write();
  await lookTwice(certificate);
  expect(events.splice(0)).toEqual(["1 listens on 0", "1 stops", "2 listens on 4711"]);
  listener.stopListening();
  await write();
  await lookTwice(certificate);
  expect(events.splice(0)).toEqual(["2 stops"]);
  listener.listenAgain();
  listener.listenAgain();
  expect(events.splice(0)).toEqual(["3 listens on 4711"]);
  listener[Symbol.dispose]();
  await write();
  await lookTwice(certificate);
  expect(events).toEqual(["3 stops"]);
});
