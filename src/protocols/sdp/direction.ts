import { attributeOf, type MediaDescription, type SessionDescription } from "./session-description.ts";

/** Which way media flow, seen from whoever says it. */
export type Direction = "sendrecv" | "sendonly" | "recvonly" | "inactive";

const DIRECTIONS: readonly Direction[] = ["sendrecv", "sendonly", "recvonly", "inactive"];

/** What a description says of one medium; the address 0.0.0.0 means hold as RFC 2543 had it (RFC 3264, 8.4). */
export function directionOf(session: SessionDescription, media: MediaDescription): Direction {
  const said = [media.attributes, session.attributes].flatMap(
    (attributes) => DIRECTIONS.find((name) => attributeOf(attributes, name) !== undefined) ?? [],
  );
  const direction = said[0] ?? "sendrecv";
  const isHeld = isNowhere(media.address ?? session.address);
  return isHeld ? directionFor(canSend(direction), false) : direction;
}

/** Our side of the peer's direction (RFC 3264, section 6.1), as far as we want it. */
export function answerDirection(offered: Direction, wanted: Direction): Direction {
  return directionFor(canReceive(offered) && canSend(wanted), canSend(offered) && canReceive(wanted));
}

export function canSend(direction: Direction): boolean {
  return direction === "sendrecv" || direction === "sendonly";
}

function canReceive(direction: Direction): boolean {
  return direction === "sendrecv" || direction === "recvonly";
}

export function isNowhere(address: string | undefined): boolean {
  return address === "0.0.0.0" || address === "::";
}

function directionFor(sends: boolean, receives: boolean): Direction {
  if (sends) return receives ? "sendrecv" : "sendonly";
  return receives ? "recvonly" : "inactive";
}
