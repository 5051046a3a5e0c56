import {
  ClientHandshake,
  HANDSHAKE_RANDOM_BYTES,
  type HandshakeStep,
  ServerHandshake,
} from "../../src/protocols/rtmp/handshake.ts";
import { HANDSHAKE_BYTES, RECORDINGS, readRecording } from "../protocols/rtmp/recorded.ts";
import type { FuzzTarget } from "./fuzz.ts";
import { compareSplit } from "./split.ts";

const random = new Uint8Array(HANDSHAKE_RANDOM_BYTES);

/** A real digest would be most of the time; with this one a C1 of zeros verifies. */
const zeroDigest = () => new Uint8Array(32);
const complex = new Uint8Array(HANDSHAKE_BYTES + 8);
complex.set([3, 0, 0, 0, 0, 1]);

export const target: FuzzTarget = {
  name: "rtmp-handshake",
  seeds: [complex, ...RECORDINGS.map((name) => readRecording(name).slice(0, HANDSHAKE_BYTES + 8))],
  run(input) {
    compareSplit(input, (note) => {
      const sides = [new ServerHandshake(random, zeroDigest), new ClientHandshake(random)];
      let restLength = 0;
      return (bytes) => {
        for (const side of sides) restLength += noteStep(side.push(bytes), note);
        if (restLength > 2 * input.length) throw new RangeError("more left than came");
      };
    });
  },
};

function noteStep({ reply, rest }: HandshakeStep, note: (...values: unknown[]) => void): number {
  if (reply !== undefined) note(reply.length, reply[1], reply[2000]);
  return rest?.length ?? 0;
}
