import { LOG_LEVELS } from "../../log.ts";
import { bearerToken, folderPath, listenAddress, oneOf, wholeNumber } from "../kinds.ts";
import { optional, section, setting } from "../setting.ts";

export const api = section(
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

export const records = section(
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

export const log = section(
  { en: "The log, written to standard error.", zh: "日志，输出到标准错误。" },
  {
    level: setting(oneOf(LOG_LEVELS), "info", {
      en: "The least important kind of line to write.",
      zh: "输出日志的最低级别。",
    }),
  },
);
