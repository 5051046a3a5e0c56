import { AppError } from "../../errors.ts";
import { findClientDigest, type HmacSha256, signServerAnswer, signServerPacket } from "./digest.ts";

const VERSION = 3;
/** C1, S1, C2 and S2: time 4, zero or version 4, random 1528 (specification section 5.2.3). */
const PACKET_BYTES = 1536;
export const HANDSHAKE_RANDOM_BYTES = PACKET_BYTES - 8;
/** As Flash Media Server's; zero would announce the simple handshake. */
const SERVER_VERSION = [4, 5, 0, 1] as const;

/** `rest`: undefined until the handshake is done, then the bytes that follow it. */
export type HandshakeStep = { readonly reply: Uint8Array | undefined; readonly rest: Uint8Array | undefined };

/**
 * The server's side, simple or, when C1 carries a valid digest, complex. Answers C0 and C1 at once with S0, S1 and S2.
 * C2 is not looked at: real clients do not echo S1 exactly.
 */
export class ServerHandshake {
  readonly #exchange: Exchange;

  /** `random`: 1528 bytes. Without `hmac` the handshake is always simple. */
  constructor(random: Uint8Array, hmac?: HmacSha256) {
    checkRandom(random);
    this.#exchange = new Exchange((c1) => answerClient(c1, random, hmac));
  }

  /** Throws `rtmp.unsupported-version`. */
  push(bytes: Uint8Array): HandshakeStep {
    return this.#exchange.push(bytes);
  }
}

/** The client's side of the simple handshake; answers S1 with C2. */
export class ClientHandshake {
  readonly #random: Uint8Array;
  readonly #exchange = new Exchange((s1) => s1.slice());

  /** `random`: 1528 bytes. */
  constructor(random: Uint8Array) {
    checkRandom(random);
    this.#random = random;
  }

  /** C0 and C1. */
  start(): Uint8Array {
    const out = new Uint8Array(1 + PACKET_BYTES);
    out[0] = VERSION;
    out.set(this.#random, 1 + 8);
    return out;
  }

  /** Throws `rtmp.unsupported-version`. */
  push(bytes: Uint8Array): HandshakeStep {
    return this.#exchange.push(bytes);
  }
}

/** What both sides receive: a version, a packet that they answer, and a packet that they ignore. */
class Exchange {
  readonly #opening = new Uint8Array(1 + PACKET_BYTES);
  #openingCount = 0;
  #closingRemaining = PACKET_BYTES;

  constructor(readonly answer: (packet: Uint8Array) => Uint8Array) {}

  push(bytes: Uint8Array): HandshakeStep {
    const opening = this.#opening;
    let at = 0;
    let reply: Uint8Array | undefined;
    if (this.#openingCount < opening.length) {
      at = Math.min(opening.length - this.#openingCount, bytes.length);
      opening.set(bytes.subarray(0, at), this.#openingCount);
      this.#openingCount += at;
      if (this.#openingCount > 0) checkVersion(opening);
      if (this.#openingCount < opening.length) return { reply: undefined, rest: undefined };
      reply = this.answer(opening.subarray(1));
    }
    const skipped = Math.min(this.#closingRemaining, bytes.length - at);
    this.#closingRemaining -= skipped;
    return { reply, rest: this.#closingRemaining === 0 ? bytes.subarray(at + skipped) : undefined };
  }
}

/** S0, S1 and S2. */
function answerClient(c1: Uint8Array, random: Uint8Array, hmac: HmacSha256 | undefined): Uint8Array {
  const out = new Uint8Array(1 + 2 * PACKET_BYTES);
  const s1 = out.subarray(1, 1 + PACKET_BYTES);
  const s2 = out.subarray(1 + PACKET_BYTES);
  out[0] = VERSION;
  s1.set(random, 8);
  // A version of zero in C1 says that the client knows the simple handshake only.
  const hasVersion = c1.subarray(4, 8).some((byte) => byte !== 0);
  const found = hmac !== undefined && hasVersion ? findClientDigest(c1, hmac) : undefined;
  if (hmac === undefined || found === undefined) {
    s2.set(c1);
    return out;
  }
  s1.set(SERVER_VERSION, 4);
  signServerPacket(s1, found.scheme, hmac);
  s2.set(random, 8);
  signServerAnswer(s2, found.digest, hmac);
  return out;
}

function checkVersion(opening: Uint8Array): void {
  if (opening[0] !== VERSION) {
    throw new AppError("peer", "rtmp.unsupported-version", { have: opening[0], need: VERSION });
  }
}

function checkRandom(random: Uint8Array): void {
  if (random.length !== HANDSHAKE_RANDOM_BYTES) {
    throw new AppError("bug", "rtmp.handshake-random-length", {
      have: random.length,
      need: HANDSHAKE_RANDOM_BYTES,
    });
  }
}
