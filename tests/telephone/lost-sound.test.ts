import { expect, test } from "bun:test";
import { Cause } from "../../src/calls/causes.ts";
import { waitFor } from "../peers/wait.ts";
import { startExchange } from "./exchange-lab.ts";
import { FakeSounds } from "./fake-sounds.ts";

test("a call whose sound is lost ends on both sides, with a cause", async () => {
  const sounds = new FakeSounds();
  await using lab = await startExchange({ sounds });
  const { events } = await lab.connect();
  sounds.started[0]?.options.onLost();
  await waitFor("the end", () => events.length > 0);
  expect(events).toEqual([{ kind: "ended", cause: Cause.networkOutOfOrder }]);
  expect(lab.lines.join("")).toMatch(/warn telephone\.failed .*reason="its sound is lost"/);
  await lab.expectNothingLeft();
});
