import type { Words } from "../../src/config/kinds.ts";

/** A file of src/, and what happens in it. */
type WayStep = readonly [path: string, en: string, zh: string];

export type Way = {
  readonly title: Words;
  /** The most changes of room that it may have. */
  readonly maxRoomChanges: number;
  readonly steps: readonly WayStep[];
};

/** The ways that matter, file by file, in the order in which they are gone. Both architecture pages show them. */
export const WAYS: readonly Way[] = [
  {
    title: { en: "A packet out: mini-program to telephone", zh: "去程：小程序到电话" },
    maxRoomChanges: 6,
    steps: [
      ["servers/tcp/peer-listener.ts", "a socket's bytes get their turn", "套接字的字节轮到处理"],
      ["servers/rtmp/session.ts", "the session of one connection", "一条连接的会话"],
      ["protocols/rtmp/chunk-decoder.ts", "bytes become messages", "字节变成消息"],
      ["servers/rtmp/to-stream.ts", "a message becomes a frame", "消息变成帧"],
      ["media/publication.ts", "the list of stages", "各个阶段的列表"],
      [
        "media/leave-old.ts",
        "what was sent while the program stood still is left out",
        "丢弃程序停顿期间发来的内容",
      ],
      ["media/sound-header.ts", "AAC that came without its header gets one", "没有序列头的 AAC 补上序列头"],
      ["media/hold-back.ts", "held back until the answer", "应答之前暂扣"],
      ["media/conversion.ts", "converted if the other side wants another codec", "对方需要其它编码时转码"],
      [
        "media/keep-format.ts",
        "AAC coded anew if players have another rate",
        "播放端已用其它采样率时重新编码 AAC",
      ],
      ["media/time-line.ts", "spliced onto what went before", "与之前的内容衔接"],
      ["media/stand-in.ts", "takes the place of ringing or silence", "接替回铃音或静音"],
      ["media/audience.ts", "handed out to all players", "分发给所有播放端"],
      ["media/sound/sound-tap.ts", "the sound is taken out of the stream", "从流中取出声音"],
      [
        "media/sound/crossing/sound-pipe.ts",
        "crosses to the voice thread, in memory that both share",
        "经共享内存到语音线程",
      ],
      ["media/sound/telephone/voice.ts", "the telephone's ear", "电话的听筒"],
      [
        "media/sound/telephone/to-telephone.ts",
        "AAC → PCM → playout → G.711",
        "AAC → PCM → 播放缓冲 → G.711",
      ],
      ["servers/rtp/rtp-session.ts", "pulls a packet every 20 ms", "每 20 毫秒取一个包"],
      ["servers/rtp/rtp-sender.ts", "number, time, header", "序号、时间、包头"],
    ],
  },
  {
    title: { en: "A packet in: telephone to mini-program", zh: "回程：电话到小程序" },
    maxRoomChanges: 5,
    steps: [
      ["servers/rtp/rtp-session.ts", "a datagram of the right source", "来源正确的数据报"],
      ["servers/rtp/rtp-receiver.ts", "a packet, counted", "一个包，计数"],
      ["media/sound/telephone/voice.ts", "the telephone's mouth", "电话的话筒"],
      ["media/sound/telephone/from-telephone.ts", "order, gaps, PCM → AAC", "排序、补缺、PCM → AAC"],
      [
        "media/sound/crossing/sound-pipe.ts",
        "crosses to the main thread, in memory that both share",
        "经共享内存到主线程",
      ],
      ["media/sound/stream-speech.ts", "published like any other sound", "像其它声音一样发布"],
      ["media/publication.ts", "the stages as above", "阶段同上"],
      ["media/audience.ts", "handed out to all players", "分发给所有播放端"],
      ["servers/tcp/outbound.ts", "the way out, with room for slow peers", "出口，容忍慢速对端"],
      [
        "servers/rtmp/from-stream.ts",
        "the frame as RTMP, made once for all players",
        "帧的 RTMP 形式，所有播放端共用",
      ],
      ["protocols/rtmp/chunk-encoder.ts", "a message becomes chunks", "消息变成块"],
    ],
  },
  {
    title: { en: "An invite: mini-program calls a telephone", zh: "呼叫：小程序呼叫电话" },
    maxRoomChanges: 5,
    steps: [
      ["servers/signaling/connection.ts", "a text frame comes", "收到文本帧"],
      ["protocols/signaling/codec.ts", "JSON becomes a request", "JSON 变成请求"],
      ["servers/signaling/requests.ts", "what each method does", "各方法的处理"],
      ["calls/call-registry.ts", "judged: rights, limits, URLs", "裁决：权限、上限、URL"],
      ["calls/routing.ts", "where the number goes", "号码的去向"],
      ["calls/call-maker.ts", "streams, parties, a call", "流、通话方、通话"],
      ["calls/call.ts", "takes the event", "接收事件"],
      ["calls/machine.ts", "the table: next state and effects", "状态表：下一状态与动作"],
      ["calls/telephone-party.ts", "the telephone as a party", "作为通话方的电话"],
      ["telephone/exchange.ts", "dials", "拨号"],
      ["telephone/dialled-leg.ts", "waits for FreeSWITCH's call", "等待 FreeSWITCH 呼入"],
      ["freeswitch/originate.ts", "the command to FreeSWITCH", "发给 FreeSWITCH 的命令"],
    ],
  },
  {
    title: { en: "A hang-up: the telephone ends the call", zh: "挂机：电话结束通话" },
    maxRoomChanges: 5,
    steps: [
      ["servers/sip/server.ts", "a datagram or a piece of TCP comes", "收到数据报或 TCP 片段"],
      ["protocols/sip/message.ts", "text becomes a request", "文本变成请求"],
      ["protocols/sip/user-agent.ts", "finds the dialog", "找到对话"],
      ["telephone/sip-leg.ts", "BYE with its reason", "BYE 及其原因"],
      ["calls/telephone-party.ts", "what that means for the call", "对通话的含义"],
      ["calls/call.ts", "takes the event", "接收事件"],
      ["calls/machine.ts", "the table: ended, tell the other side", "状态表：结束，通知另一方"],
      ["calls/client-party.ts", "bye, with code and cause", "bye，附返回码与原因"],
      ["servers/signaling/outbox.ts", "sent until it is answered", "发送，直到得到回应"],
      ["protocols/signaling/codec.ts", "a request becomes JSON", "请求变成 JSON"],
    ],
  },
];
