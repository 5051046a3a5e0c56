import { describe, expect, test } from "bun:test";
import { ReadingProbe } from "../../../src/servers/tcp/reading-probe.ts";

const STEP_MS = 10;
const FRAME_MS = 20;
/** A delayed acknowledgement of Linux. */
const DELAYED_MS = 40;

/** How a peer's kernel acknowledges: what its program reads at once, what it does not read late and together. */
type Peer = { readonly roundTripMs: number; reads: boolean };

/** A connection on which a frame, or a byte if those are held, goes out every 20 ms; each step is 10 ms. */
class Connection {
  nowMs = 0;
  heldMs = 0;
  byteCount = 0;
  readonly probe = new ReadingProbe();
  #sent = 0;
  #acknowledgements = 0;
  #busyMs = 0;
  #unacknowledgedSinceMs: number | undefined;

  constructor(readonly peer: Peer) {}

  run(durationMs: number): this {
    for (const endMs = this.nowMs + durationMs; this.nowMs < endMs; this.nowMs += STEP_MS) this.#step();
    return this;
  }

  /** Nothing is sent, and nobody looks. */
  pause(durationMs: number): void {
    this.nowMs += durationMs;
  }

  acknowledgeAtOnce(count: number): void {
    this.#acknowledgements += count;
    this.#sent += count;
  }

  #step(): void {
    const { probe, nowMs } = this;
    const isDue = probe.hasStopped ? probe.takeByteTurn(nowMs) : nowMs % FRAME_MS === 0;
    if (probe.hasStopped) this.heldMs += STEP_MS;
    if (probe.hasStopped && isDue) this.byteCount += 1;
    if (isDue) this.#send();
    this.#acknowledge();
    if (!probe.wantsSample(nowMs)) return;
    probe.sample(nowMs, {
      sent: this.#sent,
      acknowledgements: this.#acknowledgements,
      busyMs: this.#busyMs,
      shortestRoundTripMs: this.peer.roundTripMs,
    });
  }

  #send(): void {
    this.#sent += 1;
    if (this.peer.reads) this.#acknowledgements += 1;
    else this.#unacknowledgedSinceMs ??= this.nowMs;
  }

  #acknowledge(): void {
    const sinceMs = this.#unacknowledgedSinceMs;
    if (sinceMs === undefined) return;
    this.#busyMs += STEP_MS;
    if (this.nowMs - sinceMs < DELAYED_MS) return;
    this.#acknowledgements += 1;
    this.#unacknowledgedSinceMs = undefined;
  }
}

describe.each([
  { where: "near", roundTripMs: 0.1 },
  { where: "far", roundTripMs: 100 },
])("$where", ({ roundTripMs }) => {
  test("who reads is never held", () => {
    expect(new Connection({ roundTripMs, reads: true }).run(60_000).heldMs).toBe(0);
  });

  test("who has read and stops is noticed within 0.7 s, gets bytes, and is let go within 0.5 s of reading again", () => {
    const peer = { roundTripMs, reads: true };
    const connection = new Connection(peer).run(5000);
    peer.reads = false;
    connection.run(700);
    expect(connection.probe.hasStopped).toBe(true);
    connection.run(10_000);
    expect(connection.probe.hasStopped).toBe(true);
    expect(connection.byteCount).toBeGreaterThan(450);
    expect(connection.byteCount).toBeLessThanOrEqual(540);
    peer.reads = true;
    connection.run(500);
    expect(connection.probe.hasStopped).toBe(false);
  });

  test("who has always acknowledged late is not judged", () => {
    expect(new Connection({ roundTripMs, reads: false }).run(60_000).heldMs).toBe(0);
  });

  test("who acknowledges late for ever is let go after 20 s, and not judged again", () => {
    const peer = { roundTripMs, reads: true };
    const connection = new Connection(peer).run(5000);
    peer.reads = false;
    connection.run(21_000);
    expect(connection.heldMs).toBeGreaterThan(19_000);
    const before = connection.heldMs;
    connection.run(60_000);
    expect(connection.heldMs - before).toBeLessThanOrEqual(1000);
  });

  test("who was held wrongly is not held again for half a minute", () => {
    const peer = { roundTripMs, reads: true };
    const connection = new Connection(peer).run(5000);
    peer.reads = false;
    while (!connection.probe.hasStopped) connection.run(STEP_MS);
    peer.reads = true;
    connection.run(5000);
    const before = connection.heldMs;
    expect(before).toBeLessThanOrEqual(500);
    peer.reads = false;
    connection.run(1500);
    expect(connection.heldMs).toBe(before);
    peer.reads = true;
    connection.run(30_000);
    peer.reads = false;
    connection.run(1500);
    expect(connection.heldMs).toBeGreaterThan(before);
  });

  test("acknowledgements after a pause of the gateway's own do not let anybody go", () => {
    const peer = { roundTripMs, reads: true };
    const connection = new Connection(peer).run(5000);
    peer.reads = false;
    connection.run(3000);
    connection.pause(300);
    connection.run(STEP_MS);
    connection.acknowledgeAtOnce(16);
    connection.run(400);
    expect(connection.probe.hasStopped).toBe(true);
  });
});

test("near ones' segments wait for each other while they are judged, far ones' never do", () => {
  const near = { roundTripMs: 0.1, reads: true };
  const far = { roundTripMs: 100, reads: true };
  const gathers = [near, far].map((peer) => new Connection(peer).run(20_000).probe.gathers);
  expect(gathers).toEqual([true, false]);
  expect(new Connection({ roundTripMs: 0.1, reads: false }).run(20_000).probe.gathers).toBe(false);
});

test("frames that wait for another reason are no sign", () => {
  const connection = new Connection({ roundTripMs: 0.1, reads: true }).run(5000);
  for (let count = 0; count < 200; count++) {
    connection.pause(STEP_MS);
    connection.probe.forget();
  }
  connection.run(5000);
  expect(connection.heldMs).toBe(0);
});
