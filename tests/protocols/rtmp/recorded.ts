import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ChunkDecoder } from "../../../src/protocols/rtmp/chunk-decoder.ts";
import type { HmacSha256 } from "../../../src/protocols/rtmp/digest.ts";
import type { Message } from "../../../src/protocols/rtmp/message.ts";

const FIXTURES = join(import.meta.dir, "../../fixtures");
/** C0, C1 and C2, or S0, S1 and S2. */
export const HANDSHAKE_BYTES = 1 + 2 * 1536;

/** The recordings of tests/fixtures, both directions. */
export const RECORDINGS: readonly string[] = [
  ...new Bun.Glob("*/rtmp*.{client,server}.bin").scanSync(FIXTURES),
].sort();

/** All bytes that one side sent. */
export function readRecording(name: string): Uint8Array {
  return new Uint8Array(readFileSync(join(FIXTURES, name)));
}

/** What came after the handshake. */
export function readChunks(name: string): Uint8Array {
  return readRecording(name).subarray(HANDSHAKE_BYTES);
}

/** The messages of these parts, pushed one after the other into one decoder. */
export function decodeParts(parts: Iterable<Uint8Array>, onMessage?: (message: Message) => void): Message[] {
  const decoder = new ChunkDecoder();
  const messages: Message[] = [];
  for (const part of parts) {
    decoder.push(part, (message) => {
      messages.push(message);
      onMessage?.(message);
    });
  }
  return messages;
}

export const hmacSha256: HmacSha256 = (key, data) =>
  new Uint8Array(createHmac("sha256", key).update(data).digest());
