/** The audio codecs as this program and the signaling protocol call them. Each border's spelling stands below. */
export type CodecName = "AAC" | "G711A" | "G711U" | "L16" | "MP3" | "OPUS";

/** Those that are encoded and decoded here. */
export type CodedCodecName = Exclude<CodecName, "MP3" | "OPUS">;

/** Those of telephones as RTP and SDP call them (RFC 3551): G711A is PCMA, G711U is PCMU. */
export type RtpCodecName = "PCMA" | "PCMU" | "L16";

/** SoundFormat of FLV and RTMP (E.4.2.1), as it is written. */
export const SOUND_FORMATS: Readonly<Record<CodedCodecName, number>> = {
  AAC: 10,
  G711A: 7,
  G711U: 8,
  L16: 3,
};

/** As it is read. 0 is PCM in the platform's byte order, in practice little-endian like 3. */
const BY_SOUND_FORMAT: Readonly<Record<number, CodecName>> = {
  0: "L16",
  2: "MP3",
  3: "L16",
  7: "G711A",
  8: "G711U",
  10: "AAC",
  14: "MP3",
};

export function codecOfSoundFormat(format: number): CodecName | undefined {
  return BY_SOUND_FORMAT[format];
}

/** Enhanced RTMP v2, "ExAudioTagHeader". */
const BY_FOUR_CC: Readonly<Record<string, CodecName>> = { Opus: "OPUS", mp4a: "AAC", ".mp3": "MP3" };

export function codecOfFourCc(fourCc: string): CodecName | undefined {
  return Object.hasOwn(BY_FOUR_CC, fourCc) ? BY_FOUR_CC[fourCc] : undefined;
}

/** FreeSWITCH's codec strings; `h` is the rate in hertz. */
export const FREESWITCH_NAMES = {
  PCMA: "PCMA",
  PCMU: "PCMU",
  L16: "L16@16000h",
} as const satisfies Readonly<Record<RtpCodecName, string>>;

/** What clients say, without case, blanks and punctuation. G711 alone is A-law, as everywhere but in North America and Japan. */
const CLIENT_NAMES: Readonly<Record<string, CodedCodecName>> = {
  aac: "AAC",
  aaclc: "AAC",
  mp4a: "AAC",
  mpeg4generic: "AAC",
  mp4alatm: "AAC",
  g711a: "G711A",
  g711alaw: "G711A",
  alaw: "G711A",
  pcma: "G711A",
  pcmalaw: "G711A",
  g711: "G711A",
  g711u: "G711U",
  g711ulaw: "G711U",
  g711mu: "G711U",
  g711mulaw: "G711U",
  g711µ: "G711U",
  ulaw: "G711U",
  mulaw: "G711U",
  pcmu: "G711U",
  pcmulaw: "G711U",
  pcmmulaw: "G711U",
  l16: "L16",
  pcm: "L16",
  pcm16: "L16",
  lpcm: "L16",
  pcms16le: "L16",
  s16le: "L16",
};

/** Undefined for a codec that is not encoded here, such as Opus. */
export function codecOfClientName(name: string): CodedCodecName | undefined {
  const plain = name.toLowerCase().replace(/[^a-z0-9µ]/g, "");
  return Object.hasOwn(CLIENT_NAMES, plain) ? CLIENT_NAMES[plain] : undefined;
}
