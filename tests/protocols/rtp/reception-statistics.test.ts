import { describe, expect, test } from "bun:test";
import { ReceptionStatistics } from "../../../src/protocols/rtp/reception-statistics.ts";

/** Receives packets of 20 ms, each on time unless `lateMs` says otherwise. */
function receive(statistics: ReceptionStatistics, sequenceNumbers: readonly number[], lateMs = 0): boolean[] {
  return sequenceNumbers.map((sequenceNumber, i) =>
    statistics.receive(sequenceNumber & 0xffff, sequenceNumber * 160, sequenceNumber * 20 + (i % 2) * lateMs),
  );
}

const range = (from: number, count: number) => Array.from({ length: count }, (_, i) => from + i);
const start = () => new ReceptionStatistics(7, 8000);

describe("RFC 3550, appendix A", () => {
  test("a sender counts from its second packet in a row", () => {
    const statistics = start();
    expect(receive(statistics, [100, 103, 104, 105])).toEqual([false, false, true, true]);
    expect(statistics.receivedCount).toBe(2);
    expect(statistics.report(0)).toMatchObject({ ssrc: 7, cumulativeLost: 0, highestSequenceNumber: 105 });
  });

  test("a sender counts whose packets are all swapped in pairs", () => {
    const statistics = start();
    receive(
      statistics,
      range(100, 100).map((n) => n ^ 1),
    );
    expect(statistics.receivedCount).toBe(99);
    expect(statistics.report(0)).toMatchObject({ cumulativeLost: 0, highestSequenceNumber: 199 });
  });

  test("the fraction lost counts from report to report, the sum from the beginning", () => {
    const statistics = start();
    receive(statistics, range(0, 101));
    expect(statistics.report(0)).toMatchObject({ fractionLost: 0, cumulativeLost: 0 });
    receive(
      statistics,
      range(101, 100).filter((n) => n % 4 !== 1),
    );
    expect(statistics.report(0)).toMatchObject({ fractionLost: 64, cumulativeLost: 25 });
    receive(statistics, range(201, 100));
    expect(statistics.report(0)).toMatchObject({ fractionLost: 0, cumulativeLost: 25 });
    expect(statistics.lostCount).toBe(25);
  });

  test("duplicates make the loss negative", () => {
    const statistics = start();
    receive(statistics, [1, 2, 3, 4, 4, 4]);
    expect(statistics.report(0)).toMatchObject({ cumulativeLost: -2, fractionLost: 0 });
  });

  test("late packets are no loss, and wraps extend the sequence number", () => {
    const statistics = start();
    receive(statistics, [65_533, 65_534, 65_536, 65_535, 65_537]);
    expect(statistics.report(0)).toMatchObject({ cumulativeLost: 0, highestSequenceNumber: 0x10001 });
  });

  test("a wild jump is refused once, and a restart when it goes on from there", () => {
    const statistics = start();
    receive(statistics, range(1000, 10));
    expect(receive(statistics, [30_000])).toEqual([false]);
    expect(receive(statistics, [1010])).toEqual([true]);
    expect(receive(statistics, [40_000, 40_001])).toEqual([false, true]);
    expect(statistics.report(0)).toMatchObject({ cumulativeLost: 0, highestSequenceNumber: 40_001 });
  });

  test("a restart takes nothing back of what was counted before", () => {
    const statistics = start();
    receive(statistics, [1000, 1001, 1002, 1005]);
    const { receivedCount, lostCount } = statistics;
    receive(statistics, [40_000, 40_001, 40_002]);
    expect(statistics.receivedCount).toBe(receivedCount + 2);
    expect(statistics.lostCount).toBe(lostCount);
  });

  test("jitter is what A.8 computes", () => {
    const steady = start();
    receive(steady, range(0, 100));
    expect(steady.report(0).jitterTicks).toBe(0);
    const shaky = start();
    receive(shaky, range(0, 200), 10);
    // Every difference is 10 ms, 80 ticks: the mean comes to that.
    expect(shaky.report(0).jitterTicks).toBe(79);
    expect(shaky.jitterMs).toBeCloseTo(10, 1);
  });

  test("jitter goes on over the wrap of the timestamp", () => {
    const statistics = start();
    range(0, 100).forEach((n) => void statistics.receive(n, (0xffffff00 + n * 160) >>> 0, n * 20));
    expect(statistics.report(0).jitterTicks).toBe(0);
  });

  test("a report names the last sender report and its age", () => {
    const statistics = start();
    expect(statistics.report(5000)).toMatchObject({ lastSenderReport: 0, delaySinceLastSenderReport: 0 });
    statistics.noteSenderReport({ seconds: 0xb44db705, fraction: 0x20000000 }, 1000);
    expect(statistics.report(6250)).toMatchObject({
      lastSenderReport: 0xb7052000,
      delaySinceLastSenderReport: 5.25 * 65_536,
    });
  });
});
