import type { MediaDescription } from "./session-description.ts";

/** One payload type of an m= line, with what its a=rtpmap and a=fmtp say. */
export type RtpFormat = {
  readonly payloadType: number;
  /** In upper case: PCMA, L16, TELEPHONE-EVENT, H264, … */
  readonly name: string;
  readonly clockRate: number;
  readonly channelCount: number;
  readonly parameters: string | undefined;
};

/** RFC 3551, section 6: what needs no a=rtpmap, of the formats that anyone still sends. */
const STATIC_FORMATS: ReadonlyMap<number, readonly [name: string, clockRate: number]> = new Map([
  [0, ["PCMU", 8000]],
  [3, ["GSM", 8000]],
  [4, ["G723", 8000]],
  [8, ["PCMA", 8000]],
  [9, ["G722", 8000]],
  [13, ["CN", 8000]],
  [18, ["G729", 8000]],
  [34, ["H263", 90_000]],
]);

const PAYLOAD_TYPE = /^[0-9]{1,3}$/;
const RTPMAP = /^\s*([0-9]{1,3})\s+([^\s/]+)\/([0-9]{1,7})(?:\/([0-9]{1,3}))?\s*$/;
const FMTP = /^\s*([0-9]{1,3})\s+(.*)$/;

/** In the order of the m= line; payload types that nothing explains are left out. */
export function rtpFormatsOf({ formats, attributes }: MediaDescription): RtpFormat[] {
  const maps = new Map<number, Omit<RtpFormat, "parameters">>();
  const parameters = new Map<number, string>();
  for (const { name: attribute, value } of attributes) {
    if (attribute === "rtpmap") {
      const [, type, name = "", clockRate, channelCount] = RTPMAP.exec(value) ?? [];
      const payloadType = Number(type);
      if (type === undefined || maps.has(payloadType)) continue;
      maps.set(payloadType, {
        payloadType,
        name: name.toUpperCase(),
        clockRate: Number(clockRate),
        channelCount: Number(channelCount ?? 1),
      });
    } else if (attribute === "fmtp") {
      const [, type, text = ""] = FMTP.exec(value) ?? [];
      if (type !== undefined) parameters.set(Number(type), text.trim());
    }
  }
  return formats.flatMap((format) => {
    const payloadType = Number(format);
    if (!PAYLOAD_TYPE.test(format) || payloadType > 127) return [];
    const map = maps.get(payloadType) ?? staticFormat(payloadType);
    return map === undefined ? [] : [{ ...map, parameters: parameters.get(payloadType) }];
  });
}

function staticFormat(payloadType: number): Omit<RtpFormat, "parameters"> | undefined {
  const known = STATIC_FORMATS.get(payloadType);
  return known && { payloadType, name: known[0], clockRate: known[1], channelCount: 1 };
}

/** `a=1;b=2` of a=fmtp; names in lower case. */
export function formatParameters(text: string | undefined): ReadonlyMap<string, string> {
  const parameters = new Map<string, string>();
  for (const part of (text ?? "").split(";")) {
    const [name = "", ...value] = part.trim().split("=");
    if (name !== "") parameters.set(name.trim().toLowerCase(), value.join("=").trim());
  }
  return parameters;
}
