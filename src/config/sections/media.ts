import { autoOr, flag, listenAddress, oneOf, wholeNumber } from "../kinds.ts";
import { section, setting } from "../setting.ts";

/** Those of src/codecs/pcm/tone-plans.ts, which this layer does not import; a test compares the two. */
// biome-ignore format: one line
export const TONE_PLAN_NAMES = ["au", "br", "cn", "de", "es", "fr", "hk", "in", "it", "jp", "my", "nl", "ru", "sg", "tw", "uk", "us"] as const;

export const media = section(
  { en: "The embedded media server.", zh: "内置媒体服务器。" },
  {
    rtmp_addr: setting(listenAddress, "0.0.0.0:1935", {
      en: "Where streams are pushed and played over RTMP.",
      zh: "RTMP 推流与播放的监听地址。",
    }),
    open: setting(flag, "false", {
      en: "Laboratory only: anybody may push and play any stream, without a call.",
      zh: "仅用于实验室：任何人无需通话即可推拉任意流。",
    }),
    client_urls: setting(flag, "true", {
      en: "Streams whose names clients chose need no token while their call lives, from the addresses of its clients.",
      zh: "客户端自行指定流名的流，在通话期间从通话双方的地址访问无需令牌。",
    }),
    slow_reader_ms: setting(wholeNumber(100, 10_000, "milliseconds"), "500", {
      en: "How far a player with a slow network may fall behind before old frames are dropped for it.",
      zh: "网络慢的播放端最多落后多少毫秒，超过则丢弃旧帧。",
    }),
    tones: setting(oneOf(TONE_PLAN_NAMES), "cn", {
      en: "The country whose ringing tone callers hear.",
      zh: "主叫听到的回铃音所属国家或地区。",
    }),
    republish_seconds: setting(wholeNumber(0, 600, "seconds"), "15", {
      en: "How long players stay connected while the pushing side reconnects.",
      zh: "推流端重连期间，播放端保持连接的秒数。",
    }),
    max_connections: setting(wholeNumber(1, 100_000), "2000", {
      en: "Most media connections (RTMP and FLV together); more are refused. Half are kept for those who publish or play.",
      zh: "媒体连接（RTMP 与 FLV 合计）的上限，超过则拒绝。其中一半留给正在推流或播放的连接。",
    }),
    voice_threads: setting(autoOr(0, 64), "auto", {
      en: "Threads that code telephones' sound and send it; auto: one less than there are cores, but at least one; 0: the main thread does.",
      zh: "负责电话语音编解码与收发的线程数；auto 为 CPU 核数减一、至少为一；0 表示由主线程完成。",
    }),
    max_players: setting(wholeNumber(1, 100_000), "8", {
      en: "Most players of one stream of a call, connections that were lost among them; more are refused.",
      zh: "通话中每个流的播放端上限（含尚未察觉已断开的连接），超过则拒绝。",
    }),
  },
);
