/**
 * Ids of our channels in FreeSWITCH look like any UUID, but begin with eight digits that stand for the gateway's SIP
 * address: after a restart of either side it still knows its own.
 */
export type LegIds = {
  readonly create: () => string;
  readonly isOurs: (uuid: string) => boolean;
};

/** @param randomBytes fills its argument with chance */
export function createLegIds(sipAddress: string, randomBytes: (bytes: Uint8Array) => void): LegIds {
  const tag = hash(sipAddress).toString(16).padStart(8, "0");
  return {
    create() {
      const bytes = new Uint8Array(12);
      randomBytes(bytes);
      // RFC 9562, section 5.4: version 4, variant 10.
      bytes[2] = ((bytes[2] ?? 0) & 0x0f) | 0x40;
      bytes[4] = ((bytes[4] ?? 0) & 0x3f) | 0x80;
      const hex = bytes.toHex();
      return `${tag}-${hex.slice(0, 4)}-${hex.slice(4, 8)}-${hex.slice(8, 12)}-${hex.slice(12)}`;
    },
    isOurs: (uuid) => uuid.startsWith(`${tag}-`),
  };
}

/** FNV-1a, 32 bits. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) value = Math.imul(value ^ byte, 0x01000193) >>> 0;
  return value;
}
