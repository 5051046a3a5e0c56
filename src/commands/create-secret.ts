/** Random letters, digits, - and _. */
export function createSecret(byteCount: number): string {
  return Buffer.from(crypto.getRandomValues(new Uint8Array(byteCount))).toString("base64url");
}
