const MINI_PROGRAMS: ReadonlySet<string> = new Set([
  "wx",
  "wechat",
  "weixin",
  "dingding",
  "dingtalk",
  "douyin",
]);

/**
 * Whether a client is a mini-program, whose player and pusher are the platform's: these know AAC and RTMP alone.
 * @param appname the kind of client that it says it is; empty if it says nothing
 * @param defaultAppname the kind of those who say nothing
 */
export function isMiniProgram(appname: string, defaultAppname: string): boolean {
  return MINI_PROGRAMS.has((appname.trim() || defaultAppname).toLowerCase());
}
