import { systemClock } from "../../src/clock.ts";
import { silentLogger } from "../../src/log.ts";
import { CallRecorder } from "../../src/records/call-recorder.ts";
import { opening } from "./folder.ts";

// A process to be killed: some calls in each state of their lives, and new ones beginning and ending all the time.
const [folder = "", openCount = "0"] = process.argv.slice(2);
const limits = { maxFileBytes: 1_000_000, keptFileCount: 3, recentCount: 100, attemptsAMinute: 1e6 };
const recorder = new CallRecorder({ folder, ...limits, clock: systemClock, log: silentLogger });
await recorder.start();
for (let index = 0; index < Number(openCount); index++) {
  const call = recorder.begin(opening(`open-${index}`));
  if (index % 2 === 0) call.mark("ringing");
  if (index % 4 === 0) call.mark("answered");
  if (index % 8 === 0) call.countReconnect();
}
let index = 0;
systemClock.every(1, () => {
  recorder.begin(opening(`ended-${index++}`)).end({ by: "caller", cause: "ORIGINATOR_CANCEL" });
});
