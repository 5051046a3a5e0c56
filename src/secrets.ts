import { createHash, timingSafeEqual } from "node:crypto";

/** Takes the same time wherever the two differ, and whatever their lengths. */
export function areEqualSecrets(given: string, expected: string): boolean {
  return timingSafeEqual(digest(given), digest(expected));
}

/** Digests have one length, which the comparison needs. */
function digest(text: string): Uint8Array {
  return createHash("sha256").update(text).digest();
}
