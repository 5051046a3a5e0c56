import { flag, listenAddress, oneNumberOf, oneOf } from "../kinds.ts";
import { section, setting } from "../setting.ts";

export const settings = section(
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
