import { autoOr, extensionNumber, wholeNumber } from "../kinds.ts";
import { section, setting } from "../setting.ts";

export const signaling = section(
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
      en: "Most signaling connections; more are refused. Half are kept for clients that have registered.",
      zh: "信令连接的上限，超过则拒绝。其中一半留给已注册的客户端。",
    }),
    login_failures: setting(wholeNumber(1, 1000), "5", {
      en: "Wrong passwords in a row, for one user from one address, before a lock-out. Four times as many from an address, or ten times for a user, slow down.",
      zh: "同一地址对同一用户连续输错密码多少次后锁定；同一地址累计达四倍、或同一用户累计达十倍时放慢。",
    }),
    lockout_seconds: setting(wholeNumber(1, 86_400, "seconds"), "60", {
      en: "How long a lock-out lasts.",
      zh: "锁定持续的秒数。",
    }),
  },
);

export const calls = section(
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
    max_calls: setting(autoOr(1, 100_000), "auto", {
      en: "Most calls at a time; more are refused. auto: 250 for each core. A machine that comes late refuses calls sooner.",
      zh: "同时通话数的上限，超过则拒绝。auto 为每个 CPU 核 250 路；机器来不及处理时会更早拒绝新呼叫。",
    }),
    max_calls_per_user: setting(wholeNumber(1, 1000), "1", {
      en: "Most calls of one user at a time; another caller hears that the user is busy.",
      zh: "每个用户同时通话数的上限，超过则向对方提示忙。",
    }),
    calls_per_minute: setting(wholeNumber(1, 1_000_000), "3000", {
      en: "Most calls that may begin in a minute, of all users and telephones together.",
      zh: "所有用户与电话合计每分钟发起呼叫数的上限。",
    }),
    calls_per_minute_per_user: setting(wholeNumber(1, 1_000_000), "60", {
      en: "Most calls that one user may begin in a minute; those that are given up at once count too.",
      zh: "每个用户每分钟发起呼叫数的上限，随即取消的也计算在内。",
    }),
  },
);

export const extensions = section(
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
