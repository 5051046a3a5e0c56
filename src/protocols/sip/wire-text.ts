/**
 * Head lines are kept as they were on the wire, one character for each byte: what is echoed goes back unchanged even
 * where a gateway put a name in GBK into it. These four convert at the borders.
 */
const PIECE_BYTES = 8192;

export function fromWireBytes(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
    text += String.fromCharCode(...bytes.subarray(at, at + PIECE_BYTES));
  }
  return text;
}

export function toWireBytes(wireText: string): Uint8Array {
  const bytes = new Uint8Array(wireText.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = wireText.charCodeAt(i);
  return bytes;
}

/** For people: read as UTF-8, control characters taken out. */
export function readableText(wireText: string): string {
  return new TextDecoder().decode(toWireBytes(wireText)).replace(/\p{Cc}/gu, "");
}

/** For a header value: UTF-8, with every run of control characters as one blank. */
export function toWireText(text: string): string {
  return fromWireBytes(new TextEncoder().encode(text.replace(/\p{Cc}+/gu, " ")));
}
