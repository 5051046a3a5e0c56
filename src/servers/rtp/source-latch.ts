import { plainAddress } from "../../addresses.ts";

/** How near a source is to what the peer's SDP announced. */
const Rank = { none: 0, elsewhere: 1, sameHost: 2, announced: 3 } as const;

/**
 * Symmetric RTP (RFC 4961): packets go back to where they come from, since behind a NAT that is not what the SDP says.
 * The first source is kept, and no other is heard from then on: only one that is nearer to the SDP takes its place.
 */
export class SourceLatch {
  #announcedAddress = "";
  #announcedPort = 0;
  #address = "";
  #port = 0;
  #rank: number = Rank.none;

  constructor(address: string, port: number) {
    this.announce(address, port);
  }

  /** Where to send. */
  get address(): string {
    return this.#address;
  }

  get port(): number {
    return this.#port;
  }

  /** What a new SDP says; the same as before changes nothing. */
  announce(address: string, port: number): void {
    const canonical = canonicalAddress(address);
    if (canonical === this.#announcedAddress && port === this.#announcedPort) return;
    this.#announcedAddress = canonical;
    this.#announcedPort = port;
    this.#address = canonical;
    this.#port = port;
    this.#rank = Rank.none;
  }

  /** Whether the source is the one to hear; ask only for what is well-formed, for it may become that one. */
  accept(address: string, port: number): boolean {
    const plain = plainAddress(address);
    if (this.#rank > Rank.none && port === this.#port && plain === this.#address) return true;
    const rank = this.#rankOf(plain, port);
    if (rank <= this.#rank) return false;
    this.#rank = rank;
    this.#address = plain;
    this.#port = port;
    return true;
  }

  /** Whether it comes from the host that is heard, or, if nobody is heard yet, was announced. */
  isHost(address: string): boolean {
    return plainAddress(address) === this.#address;
  }

  #rankOf(address: string, port: number): number {
    if (address !== this.#announcedAddress) return Rank.elsewhere;
    return port === this.#announcedPort ? Rank.announced : Rank.sameHost;
  }
}

/** IPv6 as the system writes it, whatever zeros and capitals the SDP has. */
function canonicalAddress(address: string): string {
  if (!address.includes(":")) return address;
  return URL.parse(`http://[${address}]`)?.hostname.slice(1, -1) ?? address;
}
