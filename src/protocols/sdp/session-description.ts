import { AppError } from "../../errors.ts";

/** A description of RFC 8866, as far as a call needs it; the other lines are dropped. */
export type SessionDescription = {
  readonly origin: Origin;
  readonly name: string;
  /** The address in c=, where all media share it. */
  readonly address: string | undefined;
  /** The value of t=, `0 0` of a session without end. */
  readonly time: string;
  readonly attributes: readonly SdpAttribute[];
  readonly media: readonly MediaDescription[];
};

type Origin = {
  readonly user: string;
  readonly sessionId: string;
  /** Rises with each change of the description. */
  readonly version: string;
  readonly address: string;
};

export type MediaDescription = {
  /** audio, video, image, … */
  readonly kind: string;
  /** 0: refused, or not used any more. */
  readonly port: number;
  readonly protocol: string;
  /** Payload types, of RTP. */
  readonly formats: readonly string[];
  /** In c= below m=. */
  readonly address: string | undefined;
  readonly attributes: readonly SdpAttribute[];
};

/** `value` is "" of a flag such as a=sendrecv. */
export type SdpAttribute = { readonly name: string; readonly value: string };

const MAX_BYTES = 65_536;
const MAX_LINES = 2048;
const MAX_MEDIA = 32;
const LINE = /^([a-z])=(.*)$/;
const ORIGIN = /^(\S+)\s+([0-9]{1,20})\s+([0-9]{1,20})\s+IN\s+IP[46]\s+(\S+)$/i;
/** Nothing of it is needed, so that one that can't be read is as good as any. */
const NO_ORIGIN: Origin = { user: "-", sessionId: "0", version: "0", address: "0.0.0.0" };
const CONNECTION = /^IN\s+IP[46]\s+([^\s/]+)(?:\/\S*)?$/i;
const MEDIA = /^([A-Za-z0-9!#$%&'*+.^_`{|}~-]+)\s+([0-9]{1,5})(?:\/[0-9]{1,5})?\s+(\S+)((?:\s+\S+)*)$/;
const ATTRIBUTE = /^([A-Za-z0-9!#$%&'*+.^_`{|}~-]+)(?::(.*))?$/;

/**
 * Takes any line end for CRLF, blanks at the end of lines and any order of them, and drops what is no line. Throws
 * AppError `sdp.*`.
 */
export function decodeSdp(bytes: Uint8Array): SessionDescription {
  if (bytes.length > MAX_BYTES)
    throw new AppError("peer", "sdp.too-long", { have: bytes.length, limit: MAX_BYTES });
  const lines = readLines(bytes);
  if (lines[0]?.type !== "v" || lines[0].value !== "0") throw new AppError("peer", "sdp.bad-version");
  const mediaAt = lines.flatMap(({ type }, index) => (type === "m" ? [index] : []));
  if (mediaAt.length > MAX_MEDIA) throw new AppError("peer", "sdp.too-many-media", { have: mediaAt.length });
  const session = lines.slice(0, mediaAt[0]);
  return {
    origin: decodeOrigin(firstValue(session, "o") ?? ""),
    name: firstValue(session, "s") ?? "-",
    address: decodeAddress(session),
    time: firstValue(session, "t") ?? "0 0",
    attributes: decodeAttributes(session),
    media: mediaAt.map((at, index) => decodeMedia(lines.slice(at, mediaAt[index + 1]))),
  };
}

export function encodeSdp({
  origin,
  name,
  address,
  time,
  attributes,
  media,
}: SessionDescription): Uint8Array {
  const lines = [
    "v=0",
    `o=${origin.user} ${origin.sessionId} ${origin.version} ${encodeAddress(origin.address)}`,
    `s=${name}`,
    ...(address === undefined ? [] : [`c=${encodeAddress(address)}`]),
    `t=${time}`,
    ...attributes.map(encodeAttribute),
    ...media.flatMap(encodeMedia),
  ];
  if (lines.some((line) => /[\r\n]/.test(line))) throw new AppError("bug", "sdp.bad-line");
  return new TextEncoder().encode(`${lines.join("\r\n")}\r\n`);
}

/** The value of the first attribute of that name. */
export function attributeOf(attributes: readonly SdpAttribute[], name: string): string | undefined {
  return attributes.find((attribute) => attribute.name === name)?.value;
}

type Line = { readonly type: string; readonly value: string };

function readLines(bytes: Uint8Array): Line[] {
  const texts = new TextDecoder().decode(bytes).split(/\r*\n|\r+/, MAX_LINES + 1);
  if (texts.length > MAX_LINES) throw new AppError("peer", "sdp.too-many-lines", { limit: MAX_LINES });
  return texts.flatMap((text) => {
    const [, type, value] = LINE.exec(text.trim()) ?? [];
    return type === undefined || value === undefined ? [] : [{ type, value }];
  });
}

function firstValue(lines: readonly Line[], type: string): string | undefined {
  return lines.find((line) => line.type === type)?.value;
}

function decodeOrigin(value: string): Origin {
  const [, user, sessionId, version, address] = ORIGIN.exec(value) ?? [];
  if (user === undefined || sessionId === undefined || version === undefined || address === undefined) {
    return NO_ORIGIN;
  }
  return { user, sessionId, version, address };
}

/** "" for what can't be read: no medium can be had there. */
function decodeAddress(lines: readonly Line[]): string | undefined {
  const value = firstValue(lines, "c");
  return value === undefined ? undefined : (CONNECTION.exec(value)?.[1] ?? "");
}

function encodeAddress(address: string): string {
  return `IN ${address.includes(":") ? "IP6" : "IP4"} ${address}`;
}

function decodeMedia(lines: readonly Line[]): MediaDescription {
  const [, kind, port, protocol, formats] = MEDIA.exec(lines[0]?.value ?? "") ?? [];
  if (kind === undefined || protocol === undefined || formats === undefined || Number(port) > 65_535) {
    throw new AppError("peer", "sdp.bad-media");
  }
  return {
    kind: kind.toLowerCase(),
    port: Number(port),
    protocol,
    formats: formats.split(/\s+/).filter((format) => format !== ""),
    address: decodeAddress(lines),
    attributes: decodeAttributes(lines),
  };
}

function encodeMedia({ kind, port, protocol, formats, address, attributes }: MediaDescription): string[] {
  return [
    `m=${kind} ${port} ${protocol} ${formats.join(" ")}`,
    ...(address === undefined ? [] : [`c=${encodeAddress(address)}`]),
    ...attributes.map(encodeAttribute),
  ];
}

function decodeAttributes(lines: readonly Line[]): SdpAttribute[] {
  return lines.flatMap(({ type, value: text }) => {
    if (type !== "a") return [];
    const [, name, value = ""] = ATTRIBUTE.exec(text) ?? [];
    return name === undefined ? [] : [{ name, value }];
  });
}

function encodeAttribute({ name, value }: SdpAttribute): string {
  return value === "" ? `a=${name}` : `a=${name}:${value}`;
}
