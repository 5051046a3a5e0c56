import type { CodedAudio } from "../../../src/media/audio/coding/coded-audio.ts";
import { FromTelephone } from "../../../src/media/sound/telephone/from-telephone.ts";
import type { TelephonePacket } from "../../../src/media/sound/telephone/telephone-packet.ts";
import { ToTelephone } from "../../../src/media/sound/telephone/to-telephone.ts";
import type { AudioBench } from "./measure.ts";
import { encodePusherSpeech, encodeTelephoneSpeech } from "./speech.ts";

const PTIME_MS = 20;
/** 1,024 samples at 48 kHz. */
const UNIT_MS = 1_024 / 48;

type Reused<T> = { -readonly [Member in keyof T]: T[Member] };

/** What one call costs: both directions with all that lies between the bodies of FLV and RTP. */
export const DUPLEX: AudioBench = {
  name: "whole duplex call, AAC 48 kHz ↔ PCMA",
  limitMicros: 4_500,
  prepare: prepareCall,
};

export const BENCHES: readonly AudioBench[] = [
  { name: "AAC 48 kHz → playout → PCMA", prepare: prepareToTelephone },
  { name: "PCMA → reorder, conceal → AAC 48 kHz", prepare: prepareFromTelephone },
  DUPLEX,
];

function prepareCall(): () => void {
  const [workThere, workBack] = [prepareToTelephone(), prepareFromTelephone()];
  return () => {
    workThere();
    workBack();
  };
}

function prepareToTelephone(): () => void {
  const { config, accessUnits } = encodePusherSpeech();
  const telephone = new ToTelephone({ codec: "PCMA", ptimeMs: PTIME_MS });
  const coded: Reused<CodedAudio> = {
    codec: "AAC",
    role: "config",
    timestampMs: 0,
    data: config,
    sampleRate: 0,
    channelCount: 1,
  };
  telephone.push(coded, 0);
  coded.role = "key";
  let nowMs = 0;
  let unitCount = 0;
  return () => {
    for (const endMs = nowMs + 1_000; nowMs < endMs; nowMs += PTIME_MS) {
      for (; unitCount * UNIT_MS <= nowMs; unitCount++) {
        coded.timestampMs = Math.round(unitCount * UNIT_MS);
        coded.data = accessUnits[unitCount % accessUnits.length] ?? config;
        telephone.push(coded, nowMs);
      }
      telephone.pull(nowMs);
    }
  };
}

function prepareFromTelephone(): () => void {
  const payloads = encodeTelephoneSpeech();
  const telephone = new FromTelephone({
    telephoneCodec: "PCMA",
    target: { codec: "AAC" },
    onCoded: () => {},
  });
  const packet: Reused<TelephonePacket> = {
    sequenceNumber: 0,
    rtpTimestamp: 0,
    ssrc: 1,
    payloadKind: "PCMA",
    payload: new Uint8Array(0),
  };
  let nowMs = 0;
  let packetCount = 0;
  return () => {
    for (const endMs = nowMs + 1_000; nowMs < endMs; nowMs += PTIME_MS) {
      packet.payload = payloads[packetCount % payloads.length] ?? packet.payload;
      packet.sequenceNumber = packetCount & 0xffff;
      packet.rtpTimestamp = (packetCount * packet.payload.length) >>> 0;
      packetCount += 1;
      telephone.push(packet, nowMs);
      telephone.tick(nowMs);
    }
  };
}
