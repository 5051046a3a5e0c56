import { describe, expect, test } from "bun:test";
import {
  type DigestScheme,
  findClientDigest,
  signServerAnswer,
  signServerPacket,
} from "../../../src/protocols/rtmp/digest.ts";
import {
  ClientHandshake,
  HANDSHAKE_RANDOM_BYTES,
  type HandshakeStep,
  ServerHandshake,
} from "../../../src/protocols/rtmp/handshake.ts";
import { HANDSHAKE_BYTES, hmacSha256, RECORDINGS, readRecording } from "./recorded.ts";

const random = new Uint8Array(HANDSHAKE_RANDOM_BYTES).map((_, i) => i * 7);
const C1 = [1, 1537] as const;
const C2 = [1537, 3073] as const;

/** ffmpeg and nginx-rtmp use the complex handshake; librtmp and GStreamer the simple one. */
const isComplex = (name: string) => /^(ffmpeg|nginx-rtmp)\//.test(name);
const CLIENTS = RECORDINGS.filter((name) => name.endsWith(".client.bin"));
const COMPLEX = CLIENTS.filter(isComplex);
const serverOf = (name: string) => readRecording(name.replace(".client.bin", ".server.bin"));

test("there are recordings of both kinds", () => {
  expect(COMPLEX.length).toBeGreaterThanOrEqual(5);
  expect(CLIENTS.length - COMPLEX.length).toBeGreaterThanOrEqual(5);
});

describe.each(CLIENTS)("the server with %s", (name) => {
  const recorded = readRecording(name);

  test("answers, ends after C2 and leaves the rest", () => {
    const { reply, rest } = new ServerHandshake(random, hmacSha256).push(recorded);
    expect(reply?.length).toBe(HANDSHAKE_BYTES);
    expect(reply?.[0]).toBe(3);
    expect(rest).toEqual(recorded.subarray(HANDSHAKE_BYTES));
  });

  test("answers in the kind that the client speaks", () => {
    const { reply } = new ServerHandshake(random, hmacSha256).push(recorded);
    const isEcho = Buffer.compare(reply?.subarray(...C2) ?? random, recorded.subarray(...C1)) === 0;
    expect(isEcho).toBe(!isComplex(name));
  });

  test("gives the same for every split, as soon as C1 is there", () => {
    const want = new ServerHandshake(random, hmacSha256).push(recorded);
    const end = Math.min(recorded.length, HANDSHAKE_BYTES + 3);
    for (let at = 0; at <= end; at++) {
      const handshake = new ServerHandshake(random, hmacSha256);
      const first = handshake.push(recorded.subarray(0, at));
      if (at < HANDSHAKE_BYTES) expect(first.rest).toBeUndefined();
      expect(first.reply !== undefined).toBe(at >= 1537);
      const second = handshake.push(recorded.subarray(at));
      expect(Buffer.compare(first.reply ?? second.reply ?? random, want.reply ?? random)).toBe(0);
      expect(lengthAfter(first) + (second.rest?.length ?? 0)).toBe(recorded.length - HANDSHAKE_BYTES);
    }
  });
});

describe.each(COMPLEX)("the digests of %s and its server", (name) => {
  const client = readRecording(name);
  const server = serverOf(name);
  const found = findClientDigest(client.slice(...C1), hmacSha256);

  test("C1's digest is found", () => {
    expect(found).toBeDefined();
  });

  test("S1 is signed as nginx-rtmp signs it", () => {
    const s1 = server.slice(...C1);
    const signed = ([8, 772] as const).map((scheme) => resign(s1, scheme));
    expect(signed.some((packet) => Buffer.compare(packet, s1) === 0)).toBe(true);
  });

  test("S2 is signed as nginx-rtmp signs it", () => {
    const s2 = server.slice(...C2);
    const signed = s2.slice();
    signed.fill(0, 1504);
    signServerAnswer(signed, found?.digest ?? new Uint8Array(32), hmacSha256);
    expect(signed).toEqual(s2);
  });
});

describe.each(CLIENTS)("the client with the server of %s", (name) => {
  const recorded = serverOf(name);

  test("echoes S1 and leaves what follows S2, for every split", () => {
    for (let at = 0; at <= HANDSHAKE_BYTES + 3; at++) {
      const handshake = new ClientHandshake(random);
      const steps = [handshake.push(recorded.subarray(0, at)), handshake.push(recorded.subarray(at))];
      const replies = steps.flatMap(({ reply }) => reply ?? []);
      expect(replies).toHaveLength(1);
      expect(Buffer.compare(replies[0] ?? random, recorded.subarray(...C1))).toBe(0);
      const restLength = steps.reduce((sum, step) => sum + lengthAfter(step), 0);
      expect(restLength).toBe(recorded.length - HANDSHAKE_BYTES);
    }
  });
});

test("our own client and server meet", () => {
  const client = new ClientHandshake(random);
  const server = new ServerHandshake(random.toReversed(), hmacSha256);
  const s = server.push(client.start());
  const c = client.push(s.reply ?? new Uint8Array(0));
  expect(c.rest).toEqual(new Uint8Array(0));
  expect(server.push(c.reply ?? new Uint8Array(0)).rest).toEqual(new Uint8Array(0));
});

test("without a digest function a complex client gets the simple answer", () => {
  const recorded = readRecording("ffmpeg/rtmp-publish-aac.client.bin");
  const { reply } = new ServerHandshake(random).push(recorded);
  expect(reply?.subarray(...C2)).toEqual(recorded.subarray(...C1));
});

test("a version without a valid digest gets the simple answer", () => {
  const recorded = readRecording("ffmpeg/rtmp-publish-aac.client.bin");
  recorded[1000] = (recorded[1000] ?? 0) ^ 1;
  const { reply } = new ServerHandshake(random, hmacSha256).push(recorded);
  expect(reply?.subarray(...C2)).toEqual(recorded.subarray(...C1));
});

test("bytes after the handshake pass through", () => {
  const handshake = new ServerHandshake(random, hmacSha256);
  handshake.push(readRecording("librtmp/rtmp-play-aac.client.bin").subarray(0, HANDSHAKE_BYTES));
  const more = Uint8Array.of(1, 2, 3);
  expect(handshake.push(more)).toEqual({ reply: undefined, rest: more });
});

// 6 and 8 are RTMPE; 0x47 is the G of an HTTP client's GET.
test.each([0, 2, 4, 6, 8, 0x47])("version %d is refused at its first byte", (version) => {
  const message = `rtmp.unsupported-version (have ${version}, need 3)`;
  expect(() => new ServerHandshake(random).push(Uint8Array.of(version))).toThrow(message);
  expect(() => new ClientHandshake(random).push(Uint8Array.of(version))).toThrow(message);
});

test("random bytes of another length are our own mistake", () => {
  expect(() => new ServerHandshake(random.subarray(1))).toThrow("rtmp.handshake-random-length");
});

function resign(s1: Uint8Array, scheme: DigestScheme): Uint8Array {
  const signed = s1.slice();
  signServerPacket(signed, scheme, hmacSha256);
  return signed;
}

function lengthAfter({ rest }: HandshakeStep): number {
  return rest?.length ?? 0;
}
