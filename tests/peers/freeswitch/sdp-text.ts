import { LEG_CODECS, type LegCodecName } from "./leg-codecs.ts";
import { codecsOf } from "./originate-command.ts";
import { DTMF_PAYLOAD_TYPE } from "./rtp-leg.ts";

export type Direction = "sendrecv" | "sendonly" | "inactive";

export type SdpAnswer = {
  readonly host: string;
  readonly port: number;
  readonly codec: LegCodecName;
  readonly payloadType: number;
  readonly direction: string;
  readonly ptimeMs: number;
};

const COMFORT_NOISE_PAYLOAD_TYPE = 13;
const WIDE_DTMF_PAYLOAD_TYPE = 103;
const VIDEO_LINES = [
  "b=AS:1024",
  "a=rtpmap:102 H264/90000",
  "a=rtcp-fb:102 ccm fir",
  "a=rtcp-fb:102 ccm tmmbr",
  "a=rtcp-fb:102 nack",
  "a=rtcp-fb:102 nack pli",
];

export type Offer = {
  readonly port: number;
  /** As `absolute_codec_string` lists them. */
  readonly codecs: string;
  readonly version?: number;
  readonly direction?: Direction;
  readonly ptimeMs?: number;
  /** Whether keys go by INFO, so that no telephone-event is offered. */
  readonly isInfo?: boolean;
};

/** What FreeSWITCH offers in tests/fixtures/freeswitch/sip; a re-INVITE names its direction, too. */
export function writeOffer({
  port,
  codecs,
  version = 0,
  direction,
  ptimeMs = 20,
  isInfo = false,
}: Offer): string {
  const names = codecsOf(codecs);
  const audio = names.flatMap((name) => audioCodecOf(name) ?? []).map((name) => LEG_CODECS[name]);
  const keys = isInfo ? [] : listKeyFormats(new Set(audio.map(({ sampleRate }) => sampleRate)));
  const types = [
    ...audio.map(({ payloadType }) => payloadType),
    ...keys.map(({ type }) => type),
    COMFORT_NOISE_PAYLOAD_TYPE,
  ];
  const lines = [
    "v=0",
    `o=FreeSWITCH 1795373475 ${1_795_373_476 + version} IN IP4 127.0.0.1`,
    "s=FreeSWITCH",
    "c=IN IP4 127.0.0.1",
    "t=0 0",
    `m=audio ${port} RTP/AVP ${types.join(" ")}`,
    ...audio.map(({ payloadType, rtpmap }) => `a=rtpmap:${payloadType} ${rtpmap}`),
    ...keys.flatMap(({ type, rate }) => [`a=rtpmap:${type} telephone-event/${rate}`, `a=fmtp:${type} 0-15`]),
    `a=rtpmap:${COMFORT_NOISE_PAYLOAD_TYPE} CN/8000`,
    `a=ptime:${ptimeMs}`,
    ...(direction === undefined ? [] : [`a=${direction}`]),
    ...(names.includes("H264") ? [`m=video ${port + 2} RTP/AVP 102`, ...VIDEO_LINES] : []),
  ];
  return lines.map((line) => `${line}\r\n`).join("");
}

/** FreeSWITCH listens to 101 only, whatever it offers. */
function listKeyFormats(rates: ReadonlySet<number>): { type: number; rate: number }[] {
  const [rate = 8000, ...others] = rates;
  if (others.length === 0) return [{ type: DTMF_PAYLOAD_TYPE, rate }];
  return [
    { type: WIDE_DTMF_PAYLOAD_TYPE, rate: 16_000 },
    { type: DTMF_PAYLOAD_TYPE, rate: 8000 },
  ];
}

/** Throws what does not answer the offer (RFC 3264, section 6). */
export function readAnswer(answer: string, offer: string): SdpAnswer {
  const media = (text: string) => text.split(/\r\n(?=m=)/).slice(1);
  const offered = media(offer);
  const answered = media(answer);
  if (answered.length !== offered.length)
    throw new Error(`${answered.length} media in answer to ${offered.length}`);
  const [audio = ""] = answered;
  const [, port, types = ""] = /^m=audio (\d+) RTP\/AVP ([\d ]+)/.exec(audio) ?? [];
  const asked = new Set(/^m=audio \d+ RTP\/AVP ([\d ]+)/.exec(offered[0] ?? "")?.[1]?.split(" "));
  const first = types.split(" ").find((type) => type !== String(DTMF_PAYLOAD_TYPE));
  if (port === undefined || port === "0" || first === undefined) throw new Error(`no sound: ${audio}`);
  const alien = types.split(" ").find((type) => !asked.has(type));
  if (alien !== undefined) throw new Error(`payload type ${alien} was not offered`);
  const host = /^c=IN IP4 (\S+)/m.exec(audio)?.[1] ?? /^c=IN IP4 (\S+)/m.exec(answer)?.[1];
  if (host === undefined) throw new Error("no address");
  return {
    host,
    port: Number(port),
    codec: codecOfType(Number(first)),
    payloadType: Number(first),
    direction:
      /^a=(sendrecv|sendonly|recvonly|inactive)$/m.exec(audio.replaceAll("\r", ""))?.[1] ?? "sendrecv",
    ptimeMs: Number(/^a=ptime:(\d+)/m.exec(audio)?.[1] ?? 20),
  };
}

function codecOfType(payloadType: number): LegCodecName {
  const names: readonly LegCodecName[] = ["PCMA", "PCMU", "L16"];
  const name = names.find((name) => LEG_CODECS[name].payloadType === payloadType);
  if (name === undefined) throw new Error(`payload type ${payloadType} is no codec`);
  return name;
}

function audioCodecOf(name: string): LegCodecName | undefined {
  if (name === "PCMA" || name === "PCMU") return name;
  return name === "L16@16000h" ? "L16" : undefined;
}
