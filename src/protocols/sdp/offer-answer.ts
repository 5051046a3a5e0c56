import {
  type AgreedAudio,
  type AgreedVideo,
  type Agreement,
  type AudioCodecName,
  agreeAudio,
  agreeVideo,
  CLOCK_RATES,
  type LocalSession,
} from "./agreement.ts";
import type { Direction } from "./direction.ts";
import { rtpFormatsOf } from "./rtp-format.ts";
import type { MediaDescription, SdpAttribute, SessionDescription } from "./session-description.ts";

/** Key presses 0 to 9, *, # and A to D (RFC 4733, section 3.2). */
const DTMF_EVENTS = "0-15";
const OFFERED_PAYLOAD_TYPES: Readonly<Record<AudioCodecName, number>> = { PCMU: 0, PCMA: 8, L16: 96 };
/** By clock rate. */
const OFFERED_TELEPHONE_EVENTS: ReadonlyMap<number, number> = new Map([
  [8000, 101],
  [16_000, 102],
]);
const OFFERED_COMFORT_NOISE = 13;
const OFFERED_VIDEO = { payloadType: 103, packetizationMode: 1, profileLevelId: "42e01f" };
const VIDEO_FEEDBACK = ["nack pli", "ccm fir"];

/**
 * Answers an offer (RFC 3264, section 6): its first audio with a codec of ours, H.264 if `local` asks for video, all
 * else refused with port 0; payload types are the offer's. Undefined if there is no such audio: 488.
 */
export function answerOffer(
  offer: SessionDescription,
  local: LocalSession,
): { readonly answer: SessionDescription; readonly agreement: Agreement } | undefined {
  let audio: AgreedAudio | undefined;
  let video: AgreedVideo | undefined;
  const media = offer.media.map((offered) => {
    const agreedAudio = audio === undefined ? agreeAudio(offer, offered, local) : undefined;
    if (agreedAudio !== undefined) {
      audio = agreedAudio;
      return describeAudio(agreedAudio, local);
    }
    const agreedVideo = video === undefined ? agreeVideo(offer, offered, local) : undefined;
    if (agreedVideo === undefined) return refuse(offered);
    video = agreedVideo;
    return describeVideo(agreedVideo, local.video?.port ?? 0, feedbackOf(offered, agreedVideo));
  });
  if (audio === undefined) return undefined;
  return { answer: { ...describeSession(local), time: offer.time, media }, agreement: { audio, video } };
}

/** Our own offer, with all that `local` allows. */
export function makeOffer(local: LocalSession): SessionDescription {
  const { audio, video } = local;
  const codecs = audio.codecs.map((codec) => rtpmap(OFFERED_PAYLOAD_TYPES[codec], codec, CLOCK_RATES[codec]));
  const clockRates = [...new Set(audio.codecs.map((codec) => CLOCK_RATES[codec]))];
  const events = clockRates.flatMap((clockRate) =>
    telephoneEvent(OFFERED_TELEPHONE_EVENTS.get(clockRate), clockRate),
  );
  const hasNoise = audio.comfortNoise && clockRates.includes(8000);
  const noise = hasNoise ? [rtpmap(OFFERED_COMFORT_NOISE, "CN", 8000)] : [];
  const media = [
    describeRtp("audio", audio.port, [...codecs, ...events, ...noise, ptime(audio.ptimeMs)], audio.direction),
  ];
  if (video !== undefined) {
    media.push(describeVideo({ ...OFFERED_VIDEO, direction: video.direction }, video.port, VIDEO_FEEDBACK));
  }
  return { ...describeSession(local), media };
}

/** What the answer to our offer comes to; undefined if it has no audio: hang up. */
export function readAnswer(answer: SessionDescription, local: LocalSession): Agreement | undefined {
  const offered = makeOffer(local).media.flatMap((media) =>
    media.kind === "audio" ? rtpFormatsOf(media) : [],
  );
  const [audio] = answer.media.flatMap((media) => agreeAudio(answer, media, local, offered) ?? []);
  const [video] = answer.media.flatMap((media) => agreeVideo(answer, media, local) ?? []);
  return audio && { audio, video };
}

function describeSession({ address, sessionId, version }: LocalSession): Omit<SessionDescription, "media"> {
  const origin = { user: "-", sessionId, version: String(version), address };
  return { origin, name: "-", address, time: "0 0", attributes: [] };
}

function describeAudio(agreed: AgreedAudio, { audio }: LocalSession): MediaDescription {
  const { codec, clockRate, payloadType, comfortNoise, ptimeMs, direction } = agreed;
  const attributes = [
    rtpmap(payloadType, codec, clockRate),
    ...telephoneEvent(agreed.telephoneEvent, clockRate),
    ...(comfortNoise === undefined ? [] : [rtpmap(comfortNoise, "CN", clockRate)]),
    ptime(ptimeMs),
  ];
  return describeRtp("audio", audio.port, attributes, direction);
}

function describeVideo(
  { payloadType, profileLevelId, packetizationMode, direction }: Omit<AgreedVideo, "remote">,
  port: number,
  feedback: readonly string[],
): MediaDescription {
  const parameters = `profile-level-id=${profileLevelId};packetization-mode=${packetizationMode}`;
  const attributes = [
    rtpmap(payloadType, "H264", 90_000),
    { name: "fmtp", value: `${payloadType} ${parameters}` },
    ...feedback.map((kind) => ({ name: "rtcp-fb", value: `${payloadType} ${kind}` })),
  ];
  return describeRtp("video", port, attributes, direction);
}

/** The formats are those that have an a=rtpmap, in its order. */
function describeRtp(
  kind: string,
  port: number,
  attributes: readonly SdpAttribute[],
  direction: Direction,
): MediaDescription {
  const formats = attributes.flatMap(({ name, value }) =>
    name === "rtpmap" ? value.split(" ").slice(0, 1) : [],
  );
  const all = [...attributes, { name: direction, value: "" }];
  return { kind, port, protocol: "RTP/AVP", formats, address: undefined, attributes: all };
}

function feedbackOf({ attributes }: MediaDescription, { payloadType }: AgreedVideo): string[] {
  const offered = attributes.flatMap(({ name, value }) => (name === "rtcp-fb" ? [value] : []));
  return VIDEO_FEEDBACK.filter(
    (kind) => offered.includes(`${payloadType} ${kind}`) || offered.includes(`* ${kind}`),
  );
}

/** RFC 3264, section 6: port 0, and a format only because the line needs one. */
function refuse({ kind, protocol, formats }: MediaDescription): MediaDescription {
  return { kind, port: 0, protocol, formats: [formats[0] ?? "0"], address: undefined, attributes: [] };
}

function rtpmap(payloadType: number, name: string, clockRate: number): SdpAttribute {
  return { name: "rtpmap", value: `${payloadType} ${name}/${clockRate}` };
}

function telephoneEvent(payloadType: number | undefined, clockRate: number): SdpAttribute[] {
  if (payloadType === undefined) return [];
  return [
    rtpmap(payloadType, "telephone-event", clockRate),
    { name: "fmtp", value: `${payloadType} ${DTMF_EVENTS}` },
  ];
}

function ptime(ptimeMs: number): SdpAttribute {
  return { name: "ptime", value: String(ptimeMs) };
}
