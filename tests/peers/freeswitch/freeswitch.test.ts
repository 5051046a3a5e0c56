import { describe, expect, test } from "bun:test";
import type { ChannelEvent } from "../../../src/freeswitch/channel-event.ts";
import {
  parseMessage,
  readEvents,
  readMessages,
  readServerBytes,
  readWrites,
  toEvent,
} from "../../freeswitch/recordings.ts";
import { FreeswitchPeer, type FreeswitchPeerOptions } from "../freeswitch.ts";
import { waitFor } from "../wait.ts";
import type { PlacedPeerCall } from "./placed-call.ts";

/** What the peer sends to one client, without a socket. */
function connect(peer: FreeswitchPeer) {
  const sent: string[] = [];
  let isEnded = false;
  const connection = peer.accept({
    write: (text) => sent.push(text),
    end: () => {
      isEnded = true;
    },
  });
  return { sent, connection, isEnded: () => isEnded };
}

const UUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;
const withoutIds = (text: string) => text.replaceAll(UUID, "<uuid>");

describe("commands are answered as recorded", () => {
  test.each([
    "esl_auth_ok",
    "esl_auth_fail",
    "esl_not_authed_command",
    "esl_subscribe",
    "esl_pipelined",
    "esl_exit_command",
    "esl_sendmsg_errors",
  ])("%s", (name) => {
    const { sent, connection, isEnded } = connect(new FreeswitchPeer());
    for (const { dir, data } of readWrites(name)) {
      if (dir === ">") connection.receive(Buffer.from(data, "latin1"));
    }
    expect(sent.join("")).toBe(Buffer.from(readServerBytes(name)).toString("latin1"));
    expect(isEnded()).toBe(name !== "esl_not_authed_command");
  });

  /** Those that this peer knows, among many that it does not. */
  test("esl_api_misc and esl_show_channels_during_call", () => {
    const known = /^(?:show channels|uuid_exists|uuid_kill 0|module_exists|create_uuid|nway_wx_api)/;
    for (const name of ["esl_api_misc", "esl_show_channels_during_call"]) {
      const commands = readWrites(name).filter(({ dir, data }) => dir === ">" && data.startsWith("api "));
      const answers = readMessages(readServerBytes(name)).filter(
        ({ head }) => head.get("Content-Type") === "api/response",
      );
      expect(answers).toHaveLength(commands.length);
      const pairs = commands
        .map(({ data }, i) => [data.slice("api ".length).trim(), answers[i]?.body ?? ""] as const)
        .filter(([command, answer]) => known.test(command) && answer !== "true");
      expect(pairs.length).toBeGreaterThan(1);
      const peer = new FreeswitchPeer();
      for (const [command, answer] of pairs) {
        const [word = "", ...rest] = command.split(" ");
        expect([command, withoutIds(peer.runApi(word, rest.join(" ")))]).toEqual([
          command,
          withoutIds(answer),
        ]);
      }
    }
  });

  test("esl_eval_state: how far a telephone has got", async () => {
    const told = readMessages(readServerBytes("esl_eval_state"))
      .filter(({ head }) => head.get("Content-Type") === "api/response")
      .map(({ body }) => body);
    const peer = new FreeswitchPeer({ gateways: { pstn: "up" } });
    const [command = ""] = readWrites("esl_eval_state").flatMap(
      ({ data }) => /originate \{.*/.exec(data)?.[0] ?? [],
    );
    peer.runJob("originate", command.slice("originate ".length), () => {});
    const far = await waitFor("the telephone", () => peer.calls[0]?.farLeg && peer.calls[0]);
    const uuid = far.farLeg?.uuid ?? "";
    const ask = (id = uuid) => peer.runApi("eval", `uuid:${id} $`.concat("{Channel-Call-State}"));
    const states = [ask("nobody"), ask()];
    for (const step of [() => far.ring(), () => far.sendEarlyMedia(), () => far.answer()]) {
      step();
      states.push(ask());
    }
    // The peer holds no telephone.
    expect([...states, "HELD", ask("nobody")]).toEqual(told);
  });

  test("esl_bgapi_jobs: a job's reply, and its event with our id or FreeSWITCH's", () => {
    const { sent, connection } = connect(new FreeswitchPeer());
    const lines = ["auth ClueCon", "event plain BACKGROUND_JOB", "bgapi nway_wx_api status"];
    for (const line of lines) connection.receive(Buffer.from(`${line}\n\n`));
    connection.receive(Buffer.from("bgapi uuid_kill nosuch\nJob-UUID: my-own-job-1\n\n"));
    const ours = sent.map((text) => parseMessage(Buffer.from(text)));
    const recorded = readMessages(readServerBytes("esl_bgapi_jobs"));
    for (const command of ["nway_wx_api", "uuid_kill"]) {
      const pick = (messages: typeof ours) =>
        messages.map(toEvent).find((event) => event?.["Job-Command"] === command) ?? {};
      const job = pick(ours);
      const expected = pick(recorded);
      expect(Object.keys(job)).toEqual(Object.keys(expected));
      for (const key of Object.keys(job).filter((key) => !ALWAYS_OTHER.test(key))) {
        expect([key, withoutIds(String(job[key]))]).toEqual([key, withoutIds(String(expected[key]))]);
      }
    }
    const replies = (messages: typeof ours) =>
      messages.flatMap(({ head }) => (head.has("Job-UUID") ? [withoutIds([...head].join(";"))] : []));
    expect(replies(recorded)).toContain(replies(ours)[0] ?? "");
    expect(replies(recorded)).toContain(
      "Content-Type,command/reply;Reply-Text,+OK Job-UUID: my-own-job-1;Job-UUID,my-own-job-1",
    );
    expect(replies(ours)).toContain(
      "Content-Type,command/reply;Reply-Text,+OK Job-UUID: my-own-job-1;Job-UUID,my-own-job-1",
    );
  });
});

/** What differs from one recording of the same call to the next: times, ports, tags, counters and what FreeSWITCH measured. */
const ALWAYS_OTHER = /^(?:Core-UUID|Job-UUID|Event-(?:Date-.*|Sequence|Calling-.*))$/;
const MEASURED =
  /-Time$|(?:sec|epoch|stamp|duration)$|^variable_(?:rtp_|remote_|local_|sip_|session_id|switch_m_sdp|current_loop|read_|write_|dtmf_)/;

/** All headers of all events, values too where they say something of the call. */
function digest(events: readonly ChannelEvent[]): string[] {
  return events.map((event) =>
    Object.entries(event)
      .filter(([name]) => !ALWAYS_OTHER.test(name))
      .map(([name, value]) => (isMeasured(name, String(value)) ? name : `${name}=${value}`))
      .sort()
      .join("\n"),
  );
}

function isMeasured(name: string, value: string): boolean {
  return (MEASURED.test(name) && !TELLING.has(name)) || value.includes("m=audio ");
}

const TELLING = new Set(["variable_sip_hangup_disposition", "variable_sip_gateway_name"]);

describe("calls go as recorded", () => {
  const ring = (call: PlacedPeerCall) => call.ring();
  const early = (call: PlacedPeerCall) => call.sendEarlyMedia();
  const answer = (call: PlacedPeerCall) => call.answer();
  const byTelephone = (call: PlacedPeerCall) => call.hangUpByTelephone();
  const refuse = (cause: string, code?: number) => (call: PlacedPeerCall) => call.refuse(cause, code);
  const gateways = { gw1: "up", gwdown: "down" } as const;

  test.each<[name: string, steps: ((call: PlacedPeerCall) => void)[], options?: FreeswitchPeerOptions]>([
    ["esl_ourleg_phonebye", [ring, early, answer, byTelephone]],
    ["esl_ourleg_ourbye", [ring, early, answer, (call) => call.hangUpOurLeg("recv_bye")]],
    ["esl_ourleg_kill", [ring, early, answer, (call) => call.hangUpOurLeg("send_bye")]],
    ["esl_ourleg_dtmf", [ring, early, answer, (call) => call.noteDigit("5"), byTelephone]],
    ["esl_ourleg_cancel", [ring, (call) => call.hangUpOurLeg("recv_bye")]],
    ["esl_ourleg_busy", [ring, refuse("USER_BUSY", 486)]],
    ["esl_ourleg_earlybusy", [early, refuse("USER_BUSY", 486)]],
    ["esl_ourleg_480", [ring, refuse("NO_USER_RESPONSE", 480)]],
    ["esl_ourleg_404", [refuse("UNALLOCATED_NUMBER", 404)]],
    ["esl_ourleg_noanswer", [ring, refuse("ALLOTTED_TIMEOUT")]],
    ["esl_ourleg_gwdown", []],
    ["esl_ourleg_gwunknown", []],
  ])("%s", async (name, steps) => {
    const peer = new FreeswitchPeer({ gateways, isLenient: true });
    const { sent, connection } = connect(peer);
    for (const { dir, data } of readWrites(name)) {
      if (dir === ">" && !data.startsWith("api ")) connection.receive(Buffer.from(data, "latin1"));
    }
    const call = await waitFor("the call", () => peer.calls[0]);
    await waitFor("its leg", () => call.hasEnded || call.farLeg);
    for (const step of steps) step(call);
    const events = sent
      .map((text) => toEvent(parseMessage(Buffer.from(text))))
      .filter((event) => event !== undefined);
    expect(digest(events)).toEqual(digest(readEvents(name)));
    expect(peer.channels.size).toBe(0);
  });
});

test("filters let pass what fits any of them, as in esl_ourleg_dialplan_filter", () => {
  const peer = new FreeswitchPeer();
  const { sent, connection } = connect(peer);
  for (const line of [
    "auth ClueCon",
    "event json CHANNEL_ANSWER HEARTBEAT",
    "filter variable_nway_wx true",
  ]) {
    connection.receive(Buffer.from(`${line}\n\n`));
  }
  const count = sent.length;
  connection.fire({ "Event-Name": "CHANNEL_ANSWER", variable_nway_wx: "true" });
  connection.fire({ "Event-Name": "CHANNEL_ANSWER" });
  connection.fire({ "Event-Name": "CHANNEL_CREATE", variable_nway_wx: "true" });
  connection.fire({ "Event-Name": "HEARTBEAT" });
  expect(sent).toHaveLength(count + 1);
  connection.receive(Buffer.from("filter Event-Name HEARTBEAT\n\n"));
  connection.fire({ "Event-Name": "HEARTBEAT" });
  expect(sent).toHaveLength(count + 3);
});
