import { fromWireBytes, toWireBytes } from "../../../src/protocols/sip/wire-text.ts";
import { readFixture } from "../fixtures.ts";

/** One datagram of a recording; `isOurs` if the user agent sent it. */
export type Recorded = {
  readonly isOurs: boolean;
  readonly timeMs: number;
  readonly port: number;
  readonly bytes: Uint8Array;
};

export const RECORDINGS = [
  "inbound_answer",
  "inbound_answer_video",
  "inbound_busy",
  "inbound_callercancel",
  "inbound_reject",
  "ourleg_busy",
  "ourleg_gwdown",
  "ourleg_noanswer",
  "ourleg_ourbye",
  "ourleg_phonebye",
  "ourleg_phonebye_video",
] as const;

const ENTRY = /^--- (\d+):(\d+):([\d.]+) (recv from|send to) \('127\.0\.0\.1', (\d+)\)\n/gm;

export function readRecording(name: (typeof RECORDINGS)[number]): Recorded[] {
  const text = fromWireBytes(readFixture(`freeswitch/sip/sip_${name}.txt`));
  const heads = [...text.matchAll(ENTRY)];
  return heads.map((head, index) => {
    const [line, hours, minutes, seconds, verb, port] = head;
    const end = heads[index + 1]?.index ?? text.length;
    return {
      isOurs: verb === "send to",
      timeMs: Number(hours) * 3_600_000 + Number(minutes) * 60_000 + Number(seconds) * 1000,
      port: Number(port),
      bytes: toWireBytes(text.slice(head.index + line.length, end - 1)),
    };
  });
}

/** Every datagram of every recording. */
export function readAllRecorded(): Recorded[] {
  return RECORDINGS.flatMap((name) => readRecording(name));
}
