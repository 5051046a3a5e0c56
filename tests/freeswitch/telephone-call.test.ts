import { describe, expect, test } from "bun:test";
import type { LegProgress } from "../../src/calls/ports.ts";
import type { ChannelEvent } from "../../src/freeswitch/channel-event.ts";
import { TelephoneCall } from "../../src/freeswitch/telephone-call.ts";
import { readEvents } from "./recordings.ts";

const ended = (cause: string): LegProgress => ({ kind: "ended", cause });
const ringing: LegProgress = { kind: "ringing" };
const early: LegProgress = { kind: "early-media" };
const answered: LegProgress = { kind: "answered" };
const connected = (end: LegProgress) => [ringing, early, answered, end];
const cleared = ended("NORMAL_CLEARING");

type Events = readonly ChannelEvent[];

/** Of the channels of a recording in order of their creation, which is not that of the calls' ends. */
function legsOf(events: Events): string[] {
  const created = events.filter((event) => event["Event-Name"] === "CHANNEL_CREATE");
  return created.map((event) => String(event["Unique-ID"]));
}

function replay(
  events: Events,
  ourLegId: string,
  route: { kind: "gateway" | "dialplan"; farLegId?: string },
) {
  const reported: LegProgress[] = [];
  const call = new TelephoneCall(ourLegId, route, (event) => reported.push(event));
  const names = ["Unique-ID", "Other-Leg-Unique-ID"];
  for (const event of events) if (names.some((name) => event[name] === ourLegId)) call.handle(event);
  return reported;
}

describe("recorded calls through a gateway", () => {
  test.each([
    ["esl_ourleg_phonebye", connected(cleared)],
    ["esl_ourleg_phonebye_video", connected(cleared)],
    ["esl_json_phonebye", connected(cleared)],
    ["esl_ourleg_dtmf", connected(cleared)],
    ["esl_ourleg_ourbye", connected(cleared)],
    ["esl_ourleg_kill", connected(cleared)],
    ["esl_ourleg_busy", [ringing, ended("USER_BUSY")]],
    ["esl_json_busy", [ringing, ended("USER_BUSY")]],
    ["esl_ourleg_earlybusy", [early, ended("USER_BUSY")]],
    ["esl_ourleg_480", [ringing, ended("NO_USER_RESPONSE")]],
    ["esl_ourleg_404", [ended("UNALLOCATED_NUMBER")]],
    ["esl_ourleg_noanswer", [ringing, ended("NO_ANSWER")]],
    ["esl_ourleg_cancel", [ringing, ended("ORIGINATOR_CANCEL")]],
    ["esl_ourleg_gwdown", [ended("GATEWAY_DOWN")]],
    ["esl_ourleg_gwunknown", [ended("INVALID_GATEWAY")]],
  ])("%s", (name, expected) => {
    const events = readEvents(name);
    const [ourLegId = "", farLegId = ""] = legsOf(events);
    expect(replay(events, ourLegId, { kind: "gateway", farLegId })).toEqual(expected);
  });

  test("as a dialplan would make them, the same comes out once our leg ends", () => {
    for (const name of [
      "esl_ourleg_phonebye",
      "esl_ourleg_480",
      "esl_ourleg_noanswer",
      "esl_ourleg_gwdown",
    ]) {
      const events = readEvents(name);
      const [ourLegId = "", farLegId = ""] = legsOf(events);
      const direct = replay(events, ourLegId, { kind: "gateway", farLegId });
      expect(replay(events, ourLegId, { kind: "dialplan" })).toEqual(direct);
    }
  });

  test("our leg alone says what became of the dialling: 480 is NORMAL_CLEARING to it", () => {
    const events = readEvents("esl_ourleg_480");
    const [ourLegId = ""] = legsOf(events);
    const own = events.filter((event) => event["Unique-ID"] === ourLegId);
    expect(replay(own, ourLegId, { kind: "gateway" })).toEqual([ended("NO_USER_RESPONSE")]);
  });
});

describe("recorded calls into the dialplan", () => {
  test("its own applications answer, or there is no codec in common", () => {
    const events = readEvents("esl_ourleg_dialplan_filter");
    const outcomes = legsOf(events).map((leg) => replay(events, leg, { kind: "dialplan" }));
    const incompatible = [ended("INCOMPATIBLE_DESTINATION")];
    expect(outcomes).toEqual([[answered], incompatible, incompatible, [answered]]);
  });

  test("FreeSWITCH shuts down", () => {
    const events = readEvents("esl_server_shutdown");
    expect(replay(events, legsOf(events)[0] ?? "", { kind: "dialplan" })).toEqual([ended("SYSTEM_SHUTDOWN")]);
  });
});

describe("a transfer after the answer", () => {
  const ours = "ours";
  const event = (leg: string, name: string, more: ChannelEvent = {}): ChannelEvent => ({
    "Event-Name": name,
    "Unique-ID": leg,
    "Other-Leg-Unique-ID": ours,
    ...more,
  });
  const answer = event("first", "CHANNEL_ANSWER", { "Answer-State": "answered" });
  const hangUp = (leg: string, cause: string, partner = ours) =>
    event(leg, "CHANNEL_HANGUP_COMPLETE", { "Hangup-Cause": cause, "Other-Leg-Unique-ID": partner });
  const gateway = { kind: "gateway", farLegId: "first" } as const;

  test.each(["refer", "attended", "uuid_transfer", "uuid_bridge"])(
    "as recorded: esl_ourleg_%s ends the first telephone, and the call with our leg",
    (kind) => {
      const events = readEvents(`esl_ourleg_${kind}`);
      const [ourLegId = "", farLegId = ""] = legsOf(events);
      const isEnd = (leg: string) => (event: ChannelEvent) =>
        event["Event-Name"] === "CHANNEL_HANGUP_COMPLETE" && event["Unique-ID"] === leg;
      const firstEnd = events.findIndex(isEnd(farLegId));
      const lastEnd = events.findIndex(isEnd(ourLegId));
      expect(firstEnd).toBeGreaterThan(0);
      expect(firstEnd).toBeLessThan(lastEnd);
      for (const route of [{ kind: "gateway", farLegId }, { kind: "dialplan" }] as const) {
        expect(replay(events.slice(0, lastEnd), ourLegId, route)).toEqual([ringing, answered]);
        expect(replay(events, ourLegId, route)).toEqual([ringing, answered, cleared]);
      }
    },
  );

  test.each([gateway, { kind: "dialplan" }] as const)("ends nothing: %j", (route) => {
    expect(replay([answer, hangUp("first", "NORMAL_CLEARING")], ours, route)).toEqual([answered]);
  });

  test("the end is that of our own leg, as the last telephone tells it", () => {
    const transferred = [answer, hangUp("first", "BLIND_TRANSFER")];
    const told = [
      ...transferred,
      hangUp("second", "USER_NOT_REGISTERED"),
      hangUp(ours, "NORMAL_CLEARING", "second"),
    ];
    expect(replay(told, ours, gateway)).toEqual([answered, ended("USER_NOT_REGISTERED")]);
    const untold = [...transferred, hangUp(ours, "NORMAL_CLEARING", "second")];
    expect(replay(untold, ours, gateway)).toEqual([answered, ended("NORMAL_CLEARING")]);
  });

  test("without a transfer the telephone's own cause counts, though our leg says less", () => {
    const events = [answer, hangUp("first", "MEDIA_TIMEOUT"), hangUp(ours, "NORMAL_CLEARING", "first")];
    expect(replay(events, ours, gateway)).toEqual([answered, ended("MEDIA_TIMEOUT")]);
  });

  test("of the vendor's module, whose only channel is the telephone's, that channel's end is the end", () => {
    const reported: LegProgress[] = [];
    const call = new TelephoneCall(undefined, gateway, (told) => reported.push(told));
    for (const told of [answer, hangUp("second", "USER_BUSY", "first"), hangUp("first", "NORMAL_CLEARING")])
      call.handle(told);
    expect(reported).toEqual([answered, ended("NORMAL_CLEARING")]);
  });
});

describe("a dialplan that tries several telephones", () => {
  const far = (leg: string, name: string, more: ChannelEvent = {}): ChannelEvent => ({
    "Event-Name": name,
    "Unique-ID": leg,
    "Other-Leg-Unique-ID": "ours",
    ...more,
  });
  const hangUp = (leg: string, cause: string) =>
    far(leg, "CHANNEL_HANGUP_COMPLETE", { "Hangup-Cause": cause });
  const answer = (leg: string) => far(leg, "CHANNEL_ANSWER", { "Answer-State": "answered" });
  const run = (...events: ChannelEvent[]) => replay(events, "ours", { kind: "dialplan" });

  test("one is busy, the next answers", () => {
    const events = [
      hangUp("a", "USER_BUSY"),
      far("b", "CHANNEL_PROGRESS"),
      answer("b"),
      hangUp("b", "NORMAL_CLEARING"),
    ];
    expect(run(...events, hangUp("ours", "NORMAL_CLEARING"))).toEqual([
      ringing,
      answered,
      ended("NORMAL_CLEARING"),
    ]);
  });

  test("all are busy, and a voice mailbox answers", () => {
    const mailbox = { ...far("ours", "CHANNEL_EXECUTE"), Application: "voicemail" };
    expect(run(hangUp("a", "USER_BUSY"), mailbox, hangUp("ours", "NORMAL_CLEARING"))).toEqual([
      answered,
      ended("NORMAL_CLEARING"),
    ]);
  });

  test("who lost the race says nothing", () => {
    const events = [hangUp("a", "NO_ANSWER"), hangUp("b", "LOSE_RACE"), hangUp("ours", "NORMAL_CLEARING")];
    expect(run(...events)).toEqual([ended("NO_ANSWER")]);
  });

  test("nothing goes back, and nothing follows the end", () => {
    const events = [
      far("a", "CHANNEL_PROGRESS_MEDIA"),
      far("a", "CHANNEL_PROGRESS"),
      answer("a"),
      answer("b"),
    ];
    expect(
      run(...events, hangUp("ours", "NORMAL_CLEARING"), answer("a"), hangUp("ours", "USER_BUSY")),
    ).toEqual([early, answered, ended("NORMAL_CLEARING")]);
  });

  test.each(["ACTIVE", "HELD", "UNHELD"])(
    "a telephone that a list of channels calls %s has answered",
    (state) => {
      const events: LegProgress[] = [];
      const call = new TelephoneCall("ours", { kind: "dialplan" }, (event) => events.push(event));
      call.catchUp(state);
      call.catchUp("RINGING");
      expect(events).toEqual([answered]);
    },
  );

  test("a list of headers, a missing cause and a forged one do no harm", () => {
    const list = { ...answer("a"), "Answer-State": ["answered", "x"] };
    expect(run(list, hangUp("ours", 'X" } \n'))).toEqual([ended("NORMAL_UNSPECIFIED")]);
    expect(run(far("ours", "CHANNEL_HANGUP_COMPLETE"))).toEqual([ended("NORMAL_UNSPECIFIED")]);
  });
});
