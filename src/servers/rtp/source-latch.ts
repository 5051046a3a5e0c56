import { plainAddress, readAddress } from "../../addresses.ts";

/** How near a source is to what the peer's SDP announced. Nothing is taken from a stranger. */
const Rank = { stranger: 0, trusted: 1, sameHost: 2, announced: 3 } as const;

/** A stream that goes on elsewhere has left its place: so long, in packet times of 20 ms five, nothing came from there. */
const MOVED_SILENT_MS = 100;
/** After so long the place is free for another stream. */
const FREE_SILENT_MS = 2000;

/**
 * Symmetric RTP (RFC 4961): packets go back to where they come from, since behind a NAT that is not what the SDP says.
 * Only hosts that belong to the call may be that source. The first one is kept. Another takes its place when it is
 * nearer to the SDP, or when the place has fallen silent: soon for the same stream, whose NAT gave it another port, or
 * after a re-INVITE, later for another stream.
 */
export class SourceLatch {
  #announcedAddress = "";
  #announcedPort = 0;
  #address = "";
  #port = 0;
  #rank: number = Rank.stranger;
  #ssrc = 0;
  #heardAtMs = 0;
  /** The peer has negotiated anew, and may have moved. */
  #isReopened = false;

  /** @param isTrusted whether an address belongs to the call without standing in its SDP, such as the SIP peer's */
  constructor(
    address: string,
    port: number,
    readonly isTrusted: (address: string) => boolean,
  ) {
    this.announce(address, port);
  }

  /** Where to send. */
  get address(): string {
    return this.#address;
  }

  get port(): number {
    return this.#port;
  }

  /** What a new SDP says. After the same as before we send where we did, until the peer is heard from elsewhere. */
  announce(address: string, port: number): void {
    // An SDP may name a host.
    const canonical = readAddress(address) ?? address;
    if (canonical === this.#announcedAddress && port === this.#announcedPort) {
      this.#isReopened = true;
      return;
    }
    this.#announcedAddress = canonical;
    this.#announcedPort = port;
    this.#address = canonical;
    this.#port = port;
    this.#rank = Rank.stranger;
  }

  /** Whether the source is the one to hear; ask only for what is well-formed, for it may become that one. */
  accept(address: string, port: number, ssrc: number, nowMs: number): boolean {
    const plain = plainAddress(address);
    const isSame = this.#rank > Rank.stranger && port === this.#port && plain === this.#address;
    if (!isSame && !this.#take(plain, port, ssrc, nowMs)) return false;
    this.#ssrc = ssrc;
    this.#heardAtMs = nowMs;
    this.#isReopened = false;
    return true;
  }

  /** Whether it comes from the host that is heard, or, if nobody is heard yet, was announced. */
  isHost(address: string): boolean {
    return plainAddress(address) === this.#address;
  }

  #take(address: string, port: number, ssrc: number, nowMs: number): boolean {
    const rank = this.#rankOf(address, port);
    if (rank === Rank.stranger || (rank <= this.#rank && !this.#isFree(ssrc, nowMs))) return false;
    this.#rank = rank;
    this.#address = address;
    this.#port = port;
    return true;
  }

  #isFree(ssrc: number, nowMs: number): boolean {
    const isMoved = ssrc === this.#ssrc || this.#isReopened;
    return nowMs - this.#heardAtMs >= (isMoved ? MOVED_SILENT_MS : FREE_SILENT_MS);
  }

  #rankOf(address: string, port: number): number {
    if (address === this.#announcedAddress) {
      return port === this.#announcedPort ? Rank.announced : Rank.sameHost;
    }
    return this.isTrusted(address) ? Rank.trusted : Rank.stranger;
  }
}
