import { DATABASE_TYPES } from "../database-target.ts";
import {
  anyText,
  bearerToken,
  filePath,
  flag,
  gatewayName,
  listenAddress,
  networkList,
  oneOf,
  peerAddress,
  streamUrl,
  userQuery,
  webUrl,
  wholeNumber,
} from "../kinds.ts";
import { optional, section, setting } from "../setting.ts";

export const server = section(
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

export const user = section(
  { en: "A check on the list of users.", zh: "用户列表的核对。" },
  {
    user_number: optional(wholeNumber(0, 100_000), {
      en: "How many users [users] names; another number there is refused. Empty: not checked.",
      zh: "[users] 中的用户个数，不一致则拒绝启动。留空则不核对。",
    }),
  },
);

export const database = section(
  {
    en: "Users in a database, besides those of [users]: asked first, and the only ones while it cannot be reached.",
    zh: "数据库中的用户，与 [users] 并用：先查数据库；数据库不可用时不再查 [users]。",
  },
  {
    use_db: setting(flag, "no", {
      en: "Read users from a database.",
      zh: "是否从数据库读取用户。",
    }),
    db_type: setting(oneOf(DATABASE_TYPES, ["sqlite3", "mysql", "postgresql"]), "sqlite3", {
      en: "Kind of database; mysql stands for MariaDB too.",
      zh: "数据库类型；mysql 也包括 MariaDB。",
    }),
    db_string: setting(anyText, "./db.db3", {
      en: "File of the database, or how its server is reached: postgres://user:password@host/database, or host=… dbname=… user=… password=….",
      zh: "数据库文件，或服务器的连接方式：postgres://user:password@host/database，或 host=… dbname=… user=… password=…。",
      secret: true,
    }),
    db_query: optional(userQuery, {
      en: "How a user is found in a table of your own. Empty: in the table wx_user(user_name, password).",
      zh: "在自有表中查找用户的语句。留空则使用含 user_name 与 password 两列的表 wx_user。",
    }),
  },
);

export const auth = section(
  { en: "How clients log in.", zh: "客户端登录方式。" },
  {
    url: optional(webUrl, {
      en: "A login service of your own, which says who a user is in place of [users] and [database]. Empty: none.",
      zh: "自有的登录服务，代替 [users] 与 [database] 判断用户。留空则不用。",
    }),
    secret: optional(bearerToken, {
      en: "Signs what the login service is sent, so that it knows who asks.",
      zh: "对发给登录服务的内容签名，使其能确认请求来自网关。",
      secret: true,
    }),
    token_hours: setting(wholeNumber(1, 720), "24", {
      en: "How many hours a client may register again with the token that it got instead of its password.",
      zh: "客户端可用登录时获得的令牌代替密码重新注册的小时数。",
    }),
    key_file: optional(filePath, {
      en: "File of the key that signs these tokens, made if it is not there. Empty: tokens end with the process.",
      zh: "签署令牌的密钥文件，不存在时自动生成。留空则令牌在进程结束后失效。",
    }),
  },
);

/** The servers that `[acl]` guards; SIP has a list of its own. */
function ownList(server: string) {
  return optional(networkList, {
    en: `In place of allow for ${server}. Empty: allow.`,
    zh: `仅用于 ${server} 的 allow。留空则用 allow。`,
  });
}

export const acl = section(
  {
    en: "Who may connect to signaling, RTMP, FLV and API; SIP and RTP have allow of their own.",
    zh: "允许连接信令、RTMP、FLV 与 API 的地址；SIP 与 RTP 另有各自的 allow。",
  },
  {
    use_acl: setting(flag, "no", {
      en: "Admit only the addresses in allow that are not in deny.",
      zh: "是否只允许 allow 中且不在 deny 中的地址。",
    }),
    allow: setting(networkList, "0.0.0.0", {
      en: "Addresses that may connect; 0.0.0.0 stands for all, IPv6 too.",
      zh: "允许连接的地址，0.0.0.0 表示全部，也包括 IPv6。",
    }),
    deny: setting(networkList, "", {
      en: "Addresses that may not, though allow has them.",
      zh: "即使在 allow 中也不允许连接的地址。",
    }),
    allow_signaling: ownList("signaling"),
    allow_rtmp: ownList("RTMP"),
    allow_flv: ownList("FLV"),
    allow_api: ownList("API"),
    trusted_proxies: setting(networkList, "127.0.0.0/8, ::1", {
      en: "Proxies that are believed when they say where a client is: by X-Forwarded-For, or by the PROXY protocol.",
      zh: "受信任的代理：网关采信它们经 X-Forwarded-For 或 PROXY 协议告知的客户端地址。",
    }),
  },
);
