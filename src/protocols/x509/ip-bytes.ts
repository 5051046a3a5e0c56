/** The 4 or 16 bytes of an address; undefined for what is none. An IPv6 address stands without brackets and zone. */
export function ipBytes(address: string): Uint8Array | undefined {
  if (!address.includes(":")) return ipv4Bytes(address);
  const [head = "", tail, ...more] = address.split("::");
  const front = groupsOf(head, tail === undefined);
  const back = groupsOf(tail ?? "", true);
  if (more.length > 0 || front === undefined || back === undefined) return undefined;
  const missing = 16 - front.length - back.length;
  if (tail === undefined ? missing !== 0 : missing < 2) return undefined;
  return Uint8Array.from([...front, ...new Array<number>(missing).fill(0), ...back]);
}

function ipv4Bytes(address: string): Uint8Array | undefined {
  const numbers = address.split(".");
  const isAddress =
    numbers.length === 4 && numbers.every((word) => /^(?:0|[1-9]\d{0,2})$/.test(word) && Number(word) < 256);
  return isAddress ? Uint8Array.from(numbers, Number) : undefined;
}

/** The bytes of groups of four hexadecimal digits; the last group of an address may be one of IPv4. */
function groupsOf(part: string, isLast: boolean): number[] | undefined {
  const bytes: number[] = [];
  const words = part === "" ? [] : part.split(":");
  for (const [index, word] of words.entries()) {
    const four = isLast && index === words.length - 1 ? ipv4Bytes(word) : undefined;
    if (four !== undefined) bytes.push(...four);
    else if (/^[\da-f]{1,4}$/i.test(word))
      bytes.push(Number.parseInt(word, 16) >> 8, Number.parseInt(word, 16) & 0xff);
    else return undefined;
  }
  return bytes;
}
