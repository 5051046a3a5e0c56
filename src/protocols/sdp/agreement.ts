import type { RtpCodecName } from "../../codecs/codec-names.ts";
import { isIpAddress } from "../sip/uri.ts";
import { answerDirection, type Direction, directionOf } from "./direction.ts";
import { formatParameters, type RtpFormat, rtpFormatsOf } from "./rtp-format.ts";
import { attributeOf, type MediaDescription, type SessionDescription } from "./session-description.ts";

export type AudioCodecName = RtpCodecName;

/** Our side of a session. */
export type LocalSession = {
  readonly address: string;
  /** Digits; one for each call. */
  readonly sessionId: string;
  /** Rises with each description of the call. */
  readonly version: number;
  readonly audio: {
    readonly port: number;
    /** What is allowed, best first; an offer's own order goes before it. */
    readonly codecs: readonly AudioCodecName[];
    readonly ptimeMs: number;
    readonly comfortNoise: boolean;
    readonly direction: Direction;
  };
  /** Absent: video is refused. */
  readonly video?: { readonly port: number; readonly direction: Direction } | undefined;
};

/** What a packet of a payload type holds. */
export type RtpKind = AudioCodecName | "CN" | "TELEPHONE-EVENT";

/** Where media go; the address may be 0.0.0.0 while the peer holds the call. */
type RemoteMedia = { readonly address: string; readonly rtpPort: number; readonly rtcpPort: number };

export type AgreedAudio = {
  readonly codec: AudioCodecName;
  readonly clockRate: number;
  readonly payloadType: number;
  /** Payload types at the codec's own clock rate. */
  readonly telephoneEvent: number | undefined;
  readonly comfortNoise: number | undefined;
  /** What may come, by payload type: the peer changes between agreed codecs as it likes. */
  readonly receivable: ReadonlyMap<number, RtpKind>;
  readonly ptimeMs: number;
  /** Ours: `recvonly` and `inactive` mean that the peer holds the call. */
  readonly direction: Direction;
  readonly remote: RemoteMedia;
};

/** H.264 (RFC 6184). */
export type AgreedVideo = {
  readonly payloadType: number;
  readonly packetizationMode: number;
  readonly profileLevelId: string;
  readonly direction: Direction;
  readonly remote: RemoteMedia;
};

/** What both sides said yes to. */
export type Agreement = { readonly audio: AgreedAudio; readonly video: AgreedVideo | undefined };

/** RFC 3551, and what this program sends by default for lack of a better offer. */
export const CLOCK_RATES: Readonly<Record<AudioCodecName, number>> = { PCMA: 8000, PCMU: 8000, L16: 16_000 };
const DEFAULT_PROFILE_LEVEL_ID = "42e01f";
const MIN_PTIME_MS = 10;
const PROTOCOL = "RTP/AVP";

/**
 * Undefined for what is no audio that we speak.
 * @param offered where we made the offer, its formats: what comes to us bears our numbers (RFC 3264, section 5.1)
 */
export function agreeAudio(
  session: SessionDescription,
  media: MediaDescription,
  local: LocalSession,
  offered: readonly RtpFormat[] = [],
): AgreedAudio | undefined {
  const remote = remoteOf(session, media);
  if (media.kind !== "audio" || remote === undefined) return undefined;
  const formats = rtpFormatsOf(media);
  const format = formats.find((candidate) => codecOf(candidate, local) !== undefined);
  const codec = format && codecOf(format, local);
  if (format === undefined || codec === undefined) return undefined;
  const withSameClock = (name: string) =>
    formats.find((other) => other.name === name && other.clockRate === format.clockRate)?.payloadType;
  return {
    codec,
    clockRate: format.clockRate,
    payloadType: format.payloadType,
    telephoneEvent: withSameClock("TELEPHONE-EVENT"),
    comfortNoise: local.audio.comfortNoise ? withSameClock("CN") : undefined,
    receivable: receivableOf(formats, offered, local),
    ptimeMs: boundPtime(local.audio.ptimeMs, attributeOf(media.attributes, "maxptime")),
    direction: answerDirection(directionOf(session, media), local.audio.direction),
    remote,
  };
}

/** Undefined for what is no H.264, or where video is not wanted. */
export function agreeVideo(
  session: SessionDescription,
  media: MediaDescription,
  local: LocalSession,
): AgreedVideo | undefined {
  const remote = remoteOf(session, media);
  if (local.video === undefined || media.kind !== "video" || remote === undefined) return undefined;
  const formats = rtpFormatsOf(media).filter(({ name }) => name === "H264");
  const format = formats.find((candidate) => packetizationModeOf(candidate) === 1) ?? formats[0];
  if (format === undefined) return undefined;
  const profile = formatParameters(format.parameters).get("profile-level-id") ?? "";
  return {
    payloadType: format.payloadType,
    packetizationMode: packetizationModeOf(format),
    profileLevelId: /^[0-9A-Fa-f]{6}$/.test(profile) ? profile.toLowerCase() : DEFAULT_PROFILE_LEVEL_ID,
    direction: answerDirection(directionOf(session, media), local.video.direction),
    remote,
  };
}

function codecOf(
  { name, clockRate, channelCount }: RtpFormat,
  local: LocalSession,
): AudioCodecName | undefined {
  if (channelCount !== 1) return undefined;
  return local.audio.codecs.find((codec) => codec === name && CLOCK_RATES[codec] === clockRate);
}

/** Ours go first. The peer's own numbers are taken too, where they mean nothing else: some senders use them. */
function receivableOf(
  theirs: readonly RtpFormat[],
  ours: readonly RtpFormat[],
  local: LocalSession,
): ReadonlyMap<number, RtpKind> {
  const agreed = ours.filter(({ name, clockRate }) =>
    theirs.some((their) => their.name === name && their.clockRate === clockRate),
  );
  const receivable = new Map<number, RtpKind>();
  for (const format of [...agreed, ...theirs]) {
    const kind = kindOf(format, local);
    if (kind !== undefined && !receivable.has(format.payloadType)) receivable.set(format.payloadType, kind);
  }
  return receivable;
}

function kindOf(format: RtpFormat, local: LocalSession): RtpKind | undefined {
  const { name } = format;
  return name === "CN" || name === "TELEPHONE-EVENT" ? name : codecOf(format, local);
}

/** FreeSWITCH's first leg offers H264 without a=fmtp, and sends and takes mode 1 all the same. */
function packetizationModeOf({ parameters }: RtpFormat): number {
  return parameters === undefined || formatParameters(parameters).get("packetization-mode") === "1" ? 1 : 0;
}

function boundPtime(ptimeMs: number, maxPtime: string | undefined): number {
  const limitMs = Math.floor(Number(maxPtime ?? Number.NaN) / 10) * 10;
  return Number.isNaN(limitMs) ? ptimeMs : Math.max(MIN_PTIME_MS, Math.min(ptimeMs, limitMs));
}

function remoteOf(session: SessionDescription, media: MediaDescription): RemoteMedia | undefined {
  const address = media.address ?? session.address;
  if (
    media.port === 0 ||
    media.protocol.toUpperCase() !== PROTOCOL ||
    address === undefined ||
    !isIpAddress(address)
  ) {
    return undefined;
  }
  const rtcp = /^([0-9]{1,5})(?: |$)/.exec(attributeOf(media.attributes, "rtcp") ?? "")?.[1];
  const rtcpPort = Number(rtcp ?? media.port + 1);
  return { address, rtpPort: media.port, rtcpPort: rtcpPort > 65_535 ? media.port : rtcpPort };
}
