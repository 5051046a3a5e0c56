import { callerNumber, flag, networkList, oneOf, ownAddress, someOf, switchWord } from "../kinds.ts";
import { numberLimits } from "../number-limits.ts";
import { numberPatterns, rewriteRules } from "../number-patterns.ts";
import { portRange } from "../port-range.ts";
import { optional, section, setting } from "../setting.ts";

export const sip = section(
  { en: "Calls between FreeSWITCH and this gateway (SIP).", zh: "FreeSWITCH 与本网关之间的呼叫（SIP）。" },
  {
    addr: setting(ownAddress, "127.0.0.1:25560", {
      en: "Where FreeSWITCH and telephones call the gateway, over UDP and TCP; sound goes to the same address.",
      zh: "FreeSWITCH 与电话呼叫本网关的地址（UDP 与 TCP），语音也使用此地址。",
    }),
    allow: setting(networkList, "127.0.0.0/8", {
      en: "Who may call, besides the FreeSWITCH of fs_esl_ip. Whoever is not named gets no answer.",
      zh: "允许呼入的地址，fs_esl_ip 所指的 FreeSWITCH 总是允许。其他地址不予应答。",
    }),
  },
);

export const rtp = section(
  { en: "Sound between FreeSWITCH and this gateway (RTP).", zh: "FreeSWITCH 与本网关之间的语音（RTP）。" },
  {
    ports: setting(portRange, "12000-15999", {
      en: "UDP ports; each call takes two.",
      zh: "UDP 端口范围，每路通话占用两个。",
    }),
    allow: setting(networkList, "", {
      en: "Where a telephone's sound may come from, besides the host of its SIP and the address in its SDP. Needed where a proxy passes on only the SIP of telephones behind NAT.",
      zh: "除其 SIP 来源主机与 SDP 中的地址外，允许电话语音来自的地址。仅当代理只转发 NAT 后电话的 SIP 时需要。",
    }),
    codecs: setting(someOf(["PCMA", "PCMU", "L16"], ["pcma", "pcmu", "l16"]), "pcma,pcmu", {
      en: "Codecs, the best first. l16 is wide-band sound, which FreeSWITCH converts for the telephone.",
      zh: "编码，优先的在前。l16 为宽带语音，由 FreeSWITCH 为电话转换。",
    }),
  },
);

export const freeswitch = section(
  { en: "How FreeSWITCH places calls.", zh: "FreeSWITCH 的呼叫方式。" },
  {
    driver: setting(oneOf(["sip", "module"]), "sip", {
      en: "sip: FreeSWITCH calls the gateway, which moves the sound. module: FreeSWITCH's own module mod_nway_wx dials and moves the sound; the gateway sends it nway_wx_api and watches.",
      zh: "sip：FreeSWITCH 呼叫本网关，由本网关转发语音。module：由 FreeSWITCH 中的 mod_nway_wx 模块呼叫并转发语音，本网关只发送 nway_wx_api 并跟踪状态。",
    }),
    sip_profile: setting(switchWord, "internal", {
      en: "FreeSWITCH's SIP profile by which it calls the gateway.",
      zh: "FreeSWITCH 呼叫本网关所用的 SIP profile。",
    }),
    dialplan_context: setting(switchWord, "default", {
      en: "Dialplan context that numbers are looked up in if use_callout is false.",
      zh: "use_callout 为 false 时查找号码的拨号计划 context。",
    }),
  },
);

export const dialing = section(
  { en: "Which telephone numbers may be dialled, and how.", zh: "允许拨打的电话号码及其变换。" },
  {
    rewrite: setting(rewriteRules, "+86|1[3-9]XXXXXXXXX,0086|1[3-9]XXXXXXXXX", {
      en: "Changes numbers before they are dialled; the first rule that fits counts. Chinese mobile numbers go out in national form.",
      zh: "拨号前变换号码，第一条匹配的规则生效。默认把国际形式的中国手机号变为国内形式。",
    }),
    allow: setting(numberPatterns, "", {
      en: "Only these may be dialled, as they stand after rewrite. Empty: all that deny does not name.",
      zh: "只允许拨打这些号码（变换之后）。留空则允许 deny 之外的全部号码。",
    }),
    deny: setting(numberPatterns, "00*,+*,011*,[*]*,[#]*,179XX00*,9011*,900*", {
      en: "Never dialled, by default international numbers in all forms, and feature codes of switches. Wins over allow. Empty: international calls are open.",
      zh: "禁止拨打的号码，默认为各种形式的国际号码和交换机的功能码。优先于 allow。留空则开放国际长途。",
    }),
    emergency: setting(flag, "false", {
      en: "Whether 110, 112, 119, 120, 122 and 911 may be dialled, whatever allow and deny say. The centre there does not see where a mini-program is.",
      zh: "是否允许拨打 110、112、119、120、122、911，不受 allow 与 deny 影响。注意接警中心无法得知小程序用户的位置。",
    }),
    limits: setting(numberLimits, "*:20/min", {
      en: "How many calls to numbers that fit a pattern each user may make, and how long; all patterns that fit count. A call that uses up the day is ended.",
      zh: "每个用户对符合模式的号码可呼叫多少次、多久，凡符合的模式均计算。用完当天分钟数的通话会被结束。",
    }),
    total_limits: setting(numberLimits, "*:600/min", {
      en: "The same for all users and orders of programs together.",
      zh: "同上，为所有用户与程序发起的呼叫合计的上限。",
    }),
    caller_number: optional(callerNumber, {
      en: "The number that telephones see as the caller. Empty: the user's name.",
      zh: "电话端显示的主叫号码。留空则为用户名。",
    }),
  },
);
