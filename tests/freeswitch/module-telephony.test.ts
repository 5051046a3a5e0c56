import { describe, expect, test } from "bun:test";
import type { DialRequest, LegEvent, LegProgress } from "../../src/calls/ports.ts";
import { AppError } from "../../src/errors.ts";
import { ModuleTelephony, type ModuleTelephonyOptions } from "../../src/freeswitch/module-telephony.ts";
import { createLogger } from "../../src/log.ts";
import { FakeMedia } from "../calls/fake-media.ts";

const [heard, spoken] = ["up", "down"].map((key) => new FakeMedia().open(key));
const REQUEST: DialRequest = {
  callId: "c-1",
  number: "13800000000",
  callerNumber: "lihao",
  streams: { heard, spoken },
  urls: { caller_url: "rtmp://192.0.2.7/live/up?token=a", callee_url: "rtmp://192.0.2.7/live/down?token=b" },
};
const COMMAND =
  "nway_wx_api c-1 lihao - 13800000000 - - rtmp://192.0.2.7/live/up?token=a rtmp://192.0.2.7/live/down?token=b -";

function open(options: Partial<ModuleTelephonyOptions> = {}, loaded: boolean | "no link" = true) {
  const placed: {
    readonly legId: string;
    readonly command: string;
    report: (event: LegProgress) => void;
  }[] = [];
  const lines: string[] = [];
  let hangUps = 0;
  const telephony = new ModuleTelephony({
    client: {
      problem: loaded === "no link" ? "esl.closed" : undefined,
      hasModule: async () => (loaded === "no link" ? undefined : loaded),
      placeModuleCall(legId, command, report) {
        if (legId === "taken") throw new AppError("peer", "originate.id-in-use");
        placed.push({ legId, command, report });
        return { ourLegId: legId, hangUp: () => void hangUps++ };
      },
    },
    usualWay: "dialplan",
    callerNumber: undefined,
    log: createLogger({ level: "debug", write: (line) => void lines.push(line) }),
    ...options,
  });
  const dial = async (request: Partial<DialRequest> = {}) => {
    const events: LegEvent[] = [];
    const leg = telephony.dial({ ...REQUEST, ...request }, (event) => events.push(event));
    await Promise.resolve();
    await Promise.resolve();
    return { leg, events };
  };
  return { telephony, placed, lines, dial, hangUpCount: () => hangUps };
}

describe("the vendor's module", () => {
  test("is sent the manual's command, and its channel's life is told", async () => {
    const { placed, dial, telephony } = open();
    expect(telephony.problem).toBeUndefined();
    const { leg, events } = await dial();
    expect(leg.ids).toEqual(["c-1"]);
    expect(placed).toMatchObject([{ legId: "c-1", command: COMMAND }]);
    const report = placed[0]?.report ?? (() => {});
    for (const kind of ["ringing", "early-media", "answered"] as const) report({ kind });
    const end = { kind: "ended", cause: "USER_BUSY" } as const;
    report(end);
    report(end);
    expect(events).toEqual([
      { kind: "ringing" },
      { kind: "early-media" },
      { kind: "answered" },
      { kind: "ended", cause: "USER_BUSY" },
    ]);
  });

  test.each<
    [what: string, options: Partial<ModuleTelephonyOptions>, request: Partial<DialRequest>, words: string]
  >([
    ["the configured gateway", { usualWay: { gateway: "gw1" } }, {}, "c-1 lihao gw1 13800000000 - - "],
    [
      "the gateway of an order",
      { usualWay: { gateway: "gw1" } },
      { via: { gateway: "gw2" } },
      "c-1 lihao gw2 ",
    ],
    ["the dialplan for an order", { usualWay: { gateway: "gw1" } }, { via: "dialplan" }, "c-1 lihao - "],
    ["the configured number", { callerNumber: "+86755" }, {}, "c-1 +86755 - "],
    ["what is fit of a name", {}, { callerNumber: "li hao,{x=1}" }, "c-1 lihaox1 - "],
    ["nothing for a name that has nothing fit", {}, { callerNumber: "#*" }, "c-1 - - "],
    [
      "an order's own words",
      {},
      { vendor: { welcome_wav: "a.wav", welcome_h264: "a.h264", realm: "nway.com.cn" } },
      "c-1 lihao - 13800000000 a.wav a.h264 ",
    ],
  ])("gets %s", async (_, options, request, words) => {
    const { placed, dial } = open(options);
    await dial(request);
    expect(placed[0]?.command).toStartWith(`nway_wx_api ${words}`);
  });

  test.each<[field: string, request: Partial<DialRequest>]>([
    ["uuid", { callId: "c 1" }],
    ["gateway", { via: { gateway: "gw1 x" } }],
    ["destination_number", { number: "1\n\napi shutdown" }],
    ["push_url", { urls: { caller_url: "rtmp://h/a b", callee_url: "rtmp://h/a" } }],
    ["realm", { vendor: { realm: "a b" } }],
  ])("never gets another word by %s", async (field, request) => {
    const { placed, dial, lines } = open();
    const { events } = await dial(request);
    expect(placed).toEqual([]);
    expect(events).toEqual([{ kind: "ended", cause: "CALL_REJECTED" }]);
    expect(lines.join("")).toContain(`nway-api.bad-field (field ${field})`);
  });

  test("that is not loaded, or not reached, ends the call", async () => {
    const missing = open({}, false);
    expect((await missing.dial()).events).toEqual([{ kind: "ended", cause: "SERVICE_NOT_IMPLEMENTED" }]);
    expect(missing.lines.join("")).toContain(" warn freeswitch.no-module call=c-1 module=mod_nway_wx ");
    const away = open({}, "no link");
    expect(away.telephony.problem).toBe("NETWORK_OUT_OF_ORDER");
    expect((await away.dial()).events).toEqual([{ kind: "ended", cause: "NETWORK_OUT_OF_ORDER" }]);
    expect((await open().dial({ callId: "taken" })).events).toEqual([
      { kind: "ended", cause: "CALL_REJECTED" },
    ]);
  });

  test("is hung up, also before it was told to dial, and tells no more", async () => {
    const { placed, dial, hangUpCount, telephony } = open();
    const { leg, events } = await dial();
    leg.hangUp("NORMAL_CLEARING");
    placed[0]?.report({ kind: "ended", cause: "NORMAL_CLEARING" });
    expect([hangUpCount(), events]).toEqual([1, []]);
    const early: LegEvent[] = [];
    telephony.dial(REQUEST, (event) => early.push(event)).hangUp("ORIGINATOR_CANCEL");
    await Promise.resolve();
    await Promise.resolve();
    expect([placed.length, early]).toEqual([1, []]);
  });
});
