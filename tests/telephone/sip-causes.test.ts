import { expect, test } from "bun:test";
import { causeOf, partingOf } from "../../src/telephone/sip-causes.ts";

const reason = (protocol: string, cause: number, text: string) => ({ protocol, cause, text });

test("each cause of ours is understood when it comes back", () => {
  for (const cause of ["USER_BUSY", "CALL_REJECTED", "NO_ANSWER", "NORMAL_CLEARING", "MADE_UP"]) {
    const { status, reasons = [] } = partingOf(cause);
    expect(causeOf(reasons)).toBe(cause);
    expect(status).toBeGreaterThanOrEqual(400);
  }
});

test("a reason without a name has its number's, others say nothing", () => {
  expect(causeOf([reason("Q.850", 17, "")])).toBe("USER_BUSY");
  expect(causeOf([reason("q.850", 21, "Call rejected")])).toBe("CALL_REJECTED");
  expect(causeOf([reason("SIP", 200, "Call completed elsewhere")])).toBeUndefined();
  expect(causeOf([reason("SIP", 486, "USER_BUSY"), reason("Q.850", 16, "NORMAL_CLEARING")])).toBe(
    "NORMAL_CLEARING",
  );
  expect(causeOf([reason("Q.850", 999, "x\nforged")])).toBeUndefined();
  expect(causeOf([])).toBeUndefined();
});
