import { describe, expect, test } from "bun:test";
import { AcknowledgementProbe, PingProbe } from "../../../src/servers/tcp/delivery-probe.ts";

describe("the age of the oldest unacknowledged byte", () => {
  test("is 0 while all is acknowledged", () => {
    const probe = new AcknowledgementProbe();
    expect([probe.sample(0, 0, 0), probe.sample(50, 500, 0), probe.sample(100, 900, 0)]).toEqual([0, 0, 0]);
  });

  test("grows from the sample that first saw it, whatever is sent behind it", () => {
    const probe = new AcknowledgementProbe();
    const samples = [0, 50, 100, 150].map((nowMs) => probe.sample(nowMs, 200 + nowMs, 200 + nowMs));
    expect(samples).toEqual([0, 50, 100, 150]);
  });

  test("falls to that of the next one when the oldest arrives", () => {
    const probe = new AcknowledgementProbe();
    probe.sample(0, 100, 100);
    probe.sample(50, 200, 200);
    expect(probe.sample(100, 300, 200)).toBe(50);
    expect(probe.sample(150, 300, 100)).toBe(50);
    expect(probe.sample(200, 300, 0)).toBe(0);
  });

  test("keeps the oldest mark when there are more samples than it can mark", () => {
    const probe = new AcknowledgementProbe();
    for (let count = 1; count <= 1000; count++) probe.sample(count, count, count);
    expect(probe.sample(1001, 1001, 1001)).toBe(1000);
    expect(probe.sample(1002, 1001, 0)).toBe(0);
  });
});

describe("pings", () => {
  test("go out when the last one was answered", () => {
    const probe = new PingProbe();
    expect(probe.mayAsk(0)).toBe(true);
    probe.asked(0);
    expect(probe.mayAsk(1000)).toBe(false);
    probe.answered();
    expect(probe.mayAsk(1000)).toBe(true);
  });

  test("judge no peer that has never answered one", () => {
    const probe = new PingProbe();
    probe.asked(0);
    expect(probe.ageMs(5000)).toBe(0);
  });

  test("tell for how long a peer that answers has not", () => {
    const probe = new PingProbe();
    probe.asked(0);
    probe.answered();
    expect(probe.ageMs(100)).toBe(0);
    probe.asked(200);
    expect(probe.ageMs(350)).toBe(150);
    probe.answered();
    expect(probe.ageMs(400)).toBe(0);
  });

  test("judge no peer by an answer that may have been lost with the network", () => {
    const probe = new PingProbe();
    probe.asked(0);
    probe.answered();
    probe.asked(200);
    expect(probe.ageMs(10_200)).toBe(10_000);
    probe.excuse(20_200);
    expect(probe.ageMs(10_300)).toBe(0);
    expect(probe.mayAsk(20_199)).toBe(false);
    expect(probe.mayAsk(20_200)).toBe(true);
    probe.asked(20_200);
    expect(probe.ageMs(20_300)).toBe(100);
  });

  test("give up on a peer that has stopped answering for half a minute", () => {
    const probe = new PingProbe();
    probe.asked(0);
    probe.answered();
    probe.asked(200);
    expect(probe.ageMs(30_200)).toBe(30_000);
    expect(probe.ageMs(30_201)).toBe(0);
    expect(probe.mayAsk(60_000)).toBe(false);
  });
});
