/** Whether two texts of bytes are the same; not for secrets, since the time that it takes tells where they differ. */
export function areEqualBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}
