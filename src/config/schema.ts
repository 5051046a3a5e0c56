import { z } from "zod";
import { LOG_LEVELS } from "../log.ts";
import {
  anyText,
  bearerToken,
  extensionNumber,
  filePath,
  flag,
  folderPath,
  gatewayName,
  listenAddress,
  networkList,
  oneNumberOf,
  oneOf,
  peerAddress,
  streamUrl,
  wholeNumber,
} from "./kinds.ts";
import { optional, section, setting } from "./setting.ts";
import { dialing, freeswitch, rtp, sip } from "./telephone-sections.ts";
import { usersSchema } from "./users.ts";

/** Those of src/codecs/pcm/tone-plans.ts, which this layer does not import; a test compares the two. */
// biome-ignore format: one line
export const TONE_PLAN_NAMES = ["au", "br", "cn", "de", "es", "fr", "hk", "in", "it", "jp", "my", "nl", "ru", "sg", "tw", "uk", "us"] as const;

const server = section(
  { en: "Signaling, FreeSWITCH and stream addresses.", zh: "信令、FreeSWITCH 与流地址。" },
  {
    addr: setting(listenAddress, "0.0.0.0:18123", {
      en: "Where clients connect for signaling (WebSocket).",
      zh: "客户端信令（WebSocket）的监听地址。",
    }),
    welcome_wav: optional(filePath, {
      en: "WAV file that callers hear before it rings, and at the welcome extension. Empty: ringing at once, and a clip of our own there.",
      zh: "振铃前播放给主叫、并在欢迎分机播放的 WAV 文件。留空则直接振铃，欢迎分机播放内置片段。",
    }),
    welcome_h264: optional(filePath, {
      en: "H.264 file (Annex B) shown along with welcome_wav in video calls. Empty: no picture.",
      zh: "视频呼叫中与 welcome_wav 一起播放的 H.264 文件（Annex B）。留空则无画面。",
      later: true,
    }),
    fs_esl_ip: optional(peerAddress, {
      en: "Address of FreeSWITCH's event socket, such as 127.0.0.1:8021. Empty: no calls to telephones.",
      zh: "FreeSWITCH 事件套接字（ESL）的地址，如 127.0.0.1:8021。留空则不能呼出到电话。",
    }),
    fs_auth: setting(anyText, "ClueCon", {
      en: "Password of FreeSWITCH's event socket.",
      zh: "FreeSWITCH 事件套接字的密码。",
      secret: true,
    }),
    base_pull_url: optional(streamUrl, {
      en: "URL under which clients pull (play) streams. Empty: the embedded media server's own address.",
      zh: "客户端拉流（播放）的基础地址。留空则用内置媒体服务器自己的地址。",
    }),
    base_push_url: optional(streamUrl, {
      en: "URL under which clients push (publish) streams. Empty: the embedded media server's own address.",
      zh: "客户端推流的基础地址。留空则用内置媒体服务器自己的地址。",
    }),
    use_callout: setting(flag, "false", {
      en: "true: other numbers are dialled through callout_gateway; false: FreeSWITCH's own dialplan decides.",
      zh: "true：其他号码经 callout_gateway 呼出；false：交给 FreeSWITCH 拨号计划处理。",
    }),
    callout_gateway: optional(gatewayName, {
      en: "FreeSWITCH gateway for outgoing calls, used if use_callout is true.",
      zh: "呼出所用的 FreeSWITCH 网关，use_callout 为 true 时有效。",
    }),
  },
);

const user = section(
  { en: "A check on the list of users.", zh: "用户列表的核对。" },
  {
    user_number: optional(wholeNumber(0, 100_000), {
      en: "How many users [users] names; another number there is refused. Empty: not checked.",
      zh: "[users] 中的用户个数，不一致则拒绝启动。留空则不核对。",
    }),
  },
);

const database = section(
  {
    en: "Users in a database.",
    zh: "数据库中的用户。",
  },
  {
    use_db: setting(flag, "no", {
      en: "Read users from a database.",
      zh: "是否从数据库读取用户。",
      later: true,
    }),
    // "posgresql" is how the manual's comment spells it.
    db_type: setting(
      oneOf(["sqlite3", "mysql", "postgresql", "posgresql"], ["sqlite3", "mysql", "postgresql"]),
      "sqlite3",
      {
        en: "Kind of database.",
        zh: "数据库类型。",
        later: true,
      },
    ),
    db_string: setting(anyText, "./db.db3", {
      en: "File of the database, or its connection string.",
      zh: "数据库文件或连接字符串。",
      later: true,
      secret: true,
    }),
  },
);

const acl = section(
  {
    en: "Who may connect.",
    zh: "允许连接的地址。",
  },
  {
    use_acl: setting(flag, "no", {
      en: "Admit only the addresses in allow.",
      zh: "是否只允许 allow 中的地址。",
      later: true,
    }),
    allow: setting(networkList, "0.0.0.0", {
      en: "Addresses that may connect; 0.0.0.0 stands for all.",
      zh: "允许连接的地址，0.0.0.0 表示全部。",
      later: true,
    }),
  },
);

const settings = section(
  {
    en: "The parameters of nway_wx.conf.xml. A value given here wins over the XML's.",
    zh: "nway_wx.conf.xml 的参数。此处的值优先于 XML。",
  },
  {
    ip_port: setting(listenAddress, "0.0.0.0:25535", {
      en: "Where streams are played and pushed as FLV over HTTP and WebSocket.",
      zh: "HTTP-FLV 与 WebSocket-FLV 的监听地址。",
    }),
    use_video: setting(flag, "false", {
      en: "Offer video in calls. Video costs much more bandwidth than sound.",
      zh: "通话是否提供视频。视频占用的带宽远大于语音。",
    }),
    audio_codec: setting(
      oneOf(["AAC", "G711A", "G711U", "L16", "MP3", "OPUS"], ["aac", "g711a", "g711u", "l16", "mp3", "opus"]),
      "aac",
      {
        en: "Audio codec offered to clients, and sent to those that name none. Sound in mp3 and opus is passed on, never made.",
        zh: "向客户端提供的音频编码，客户端未说明编码时也按此发送。mp3 与 opus 只转发，不转码。",
      },
    ),
    video_codec: setting(oneOf(["H264", "H265"], ["h264", "h265"]), "h264", {
      en: "Video codec offered to clients; the WeChat mini-program needs h264.",
      zh: "向客户端提供的视频编码，微信小程序需要 h264。",
    }),
    push_to_other: setting(flag, "true", {
      en: "Clients may be sent to the server named by base_push_url and base_pull_url; false: always to the embedded one.",
      zh: "true：允许使用 base_push_url 与 base_pull_url 所指的服务器；false：始终使用内置媒体服务器。",
    }),
    program_name: setting(oneOf(["wechat", "dingding", "douyin", "hd-machine"]), "wechat", {
      en: "Kind of client to assume where a client does not say. All but hd-machine always get aac.",
      zh: "客户端未说明时默认的客户端类型。除 hd-machine 外一律发送 aac。",
    }),
    use_flv: setting(flag, "true", {
      en: "Serve FLV over HTTP and WebSocket on ip_port.",
      zh: "是否在 ip_port 上提供 HTTP-FLV 与 WebSocket-FLV。",
    }),
    ptime: setting(oneNumberOf([10, 20, 30, 40, 50, 60]), "20", {
      en: "Milliseconds of sound in one packet towards the telephone.",
      zh: "发往电话侧每个语音包的毫秒数。",
    }),
  },
);

const media = section(
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
      en: "Clients may choose stream names themselves; such a stream needs no token while its call lives.",
      zh: "允许客户端自行指定流名，通话期间该流无需令牌。",
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
      en: "Most media connections (RTMP and FLV together); more are refused.",
      zh: "媒体连接（RTMP 与 FLV 合计）的上限，超过则拒绝。",
    }),
  },
);

const signaling = section(
  { en: "Limits of the signaling server.", zh: "信令服务器的限制。" },
  {
    ping_seconds: setting(wholeNumber(5, 300, "seconds"), "20", {
      en: "Time between two keep-alive pings to a client.",
      zh: "向客户端发送保活 ping 的间隔秒数。",
    }),
    dead_seconds: setting(wholeNumber(10, 900, "seconds"), "60", {
      en: "A client that sends nothing for so long is disconnected.",
      zh: "客户端多少秒没有任何数据即断开。",
    }),
    max_clients: setting(wholeNumber(1, 100_000), "10000", {
      en: "Most signaling connections; more are refused.",
      zh: "信令连接的上限，超过则拒绝。",
    }),
    login_failures: setting(wholeNumber(1, 1000), "5", {
      en: "Wrong passwords in a row, per user and per address, before a lock-out.",
      zh: "同一用户或同一地址连续输错密码多少次后锁定。",
    }),
    lockout_seconds: setting(wholeNumber(1, 86_400, "seconds"), "60", {
      en: "How long a lock-out lasts.",
      zh: "锁定持续的秒数。",
    }),
  },
);

const calls = section(
  { en: "Times and limits of calls.", zh: "呼叫的时限与数量限制。" },
  {
    ring_seconds: setting(wholeNumber(1, 600, "seconds"), "60", {
      en: "How long a call may ring unanswered.",
      zh: "无人接听时振铃的最长秒数。",
    }),
    resume_seconds: setting(wholeNumber(0, 600, "seconds"), "30", {
      en: "How long a user's calls are kept after the connection was lost, for the client to register again.",
      zh: "信令断开后保留通话、等待客户端重新注册的秒数。",
    }),
    media_lost_seconds: setting(wholeNumber(1, 600, "seconds"), "10", {
      en: "A stream without data for so long is reported as lost.",
      zh: "流中断多少秒后通知 media_lost。",
    }),
    media_timeout_seconds: setting(wholeNumber(1, 3600, "seconds"), "30", {
      en: "A stream without data for so long ends the call.",
      zh: "流中断多少秒后结束通话。",
    }),
    max_calls: setting(wholeNumber(1, 100_000), "2000", {
      en: "Most calls at a time; more are refused.",
      zh: "同时通话数的上限，超过则拒绝。",
    }),
    max_calls_per_user: setting(wholeNumber(1, 1000), "1", {
      en: "Most calls of one user at a time; another caller hears that the user is busy.",
      zh: "每个用户同时通话数的上限，超过则向对方提示忙。",
    }),
  },
);

const extensions = section(
  { en: "Built-in numbers that every user can dial.", zh: "所有用户都可拨打的内置号码。" },
  {
    echo: setting(extensionNumber, "9196", { en: "Returns what is said to it.", zh: "回声测试。" }),
    tone: setting(extensionNumber, "9197", { en: "Plays a test tone.", zh: "播放测试音。" }),
    welcome: setting(extensionNumber, "9198", {
      en: "Plays the welcome clip.",
      zh: "播放欢迎语。",
    }),
  },
);

const api = section(
  { en: "The HTTP interface for monitoring and for making calls.", zh: "用于监控与发起呼叫的 HTTP 接口。" },
  {
    addr: setting(listenAddress, "127.0.0.1:25580", {
      en: "Where the HTTP API listens. Where others than this machine can reach it, there must be a token.",
      zh: "HTTP API 的监听地址。若本机以外也能访问，则必须设置 token。",
    }),
    token: optional(bearerToken, {
      en: "What a program must show to make or end calls, and to read anything where addr is not of this machine alone. Empty: nobody makes calls over the API.",
      zh: "程序发起或结束呼叫时须出示的令牌；addr 不限于本机时，读取也须出示。留空则不允许通过 API 发起呼叫。",
      secret: true,
    }),
  },
);

const records = section(
  { en: "Records of the calls that have ended.", zh: "通话记录（话单）。" },
  {
    dir: optional(folderPath, {
      en: "Folder of the records: calls.jsonl, a line a call, and recent-calls.db for looking them up. Empty: none are written.",
      zh: "话单目录：calls.jsonl 每行一个呼叫，recent-calls.db 供查询。留空则不写话单。",
    }),
    file_megabytes: setting(wholeNumber(1, 1000), "50", {
      en: "calls.jsonl is put aside as calls.jsonl.1 and so on once it has so many megabytes.",
      zh: "calls.jsonl 达到多少 MB 后轮换为 calls.jsonl.1 等。",
    }),
    files: setting(wholeNumber(1, 1000), "10", {
      en: "How many of the files put aside are kept.",
      zh: "保留多少个轮换后的文件。",
    }),
    recent_calls: setting(wholeNumber(1, 100_000), "1000", {
      en: "How many of the last calls can be looked up.",
      zh: "可查询最近多少个呼叫。",
    }),
  },
);

const log = section(
  { en: "The log, written to standard error.", zh: "日志，输出到标准错误。" },
  {
    level: setting(oneOf(LOG_LEVELS), "info", {
      en: "The least important kind of line to write.",
      zh: "输出日志的最低级别。",
    }),
  },
);

/** Every section and key but those of [users], whose keys carry numbers. */
export const keyedSections = {
  server,
  user,
  database,
  acl,
  settings,
  media,
  signaling,
  calls,
  sip,
  rtp,
  freeswitch,
  dialing,
  extensions,
  api,
  records,
  log,
};

/** Takes texts by section and key, as the files hold them. */
export const configSchema = z.object({ ...keyedSections, users: usersSchema });

/** Addresses parsed, `users` name → password, times in the unit that ends a key's name. */
export type Config = z.output<typeof configSchema>;
