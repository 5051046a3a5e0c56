import { filePath, listenAddress, oneOf } from "../kinds.ts";
import { optional, section, setting } from "../setting.ts";

export const tls = section(
  {
    en: "Encrypted listeners beside the plain ones, each on a port of its own. They are open where cert and key are set.",
    zh: "加密的监听地址，与明文监听并存，各用单独的端口。设置 cert 与 key 后启用。",
  },
  {
    cert: optional(filePath, {
      en: "Certificate with its chain, PEM. When the file changes, new connections get the new one; those that stand go on.",
      zh: "证书及证书链文件（PEM）。文件更新后，新连接使用新证书，已有连接不受影响。",
    }),
    key: optional(filePath, {
      en: "Private key of the certificate, PEM, without a pass phrase. Keep it readable for the gateway's user only.",
      zh: "证书的私钥文件（PEM），不加密码短语。应只允许网关的运行用户读取。",
    }),
    wss_addr: setting(listenAddress, "0.0.0.0:18124", {
      en: "Where clients connect for encrypted signaling (wss).",
      zh: "加密信令（wss）的监听地址。",
    }),
    rtmps_addr: setting(listenAddress, "0.0.0.0:1936", {
      en: "Where streams are pushed and played over RTMPS.",
      zh: "RTMPS 推流与播放的监听地址。",
    }),
    https_flv_addr: setting(listenAddress, "0.0.0.0:25536", {
      en: "Where streams are played and pushed as FLV over HTTPS and wss.",
      zh: "HTTPS-FLV 与 wss-FLV 的监听地址。",
    }),
    https_api_addr: setting(listenAddress, "127.0.0.1:25581", {
      en: "Where the HTTP API listens over HTTPS. Where others than this machine can reach it, there must be a token.",
      zh: "HTTPS API 的监听地址。若本机以外也能访问，则必须设置 token。",
    }),
    stream_urls: setting(oneOf(["follow", "rtmp", "rtmps"]), "follow", {
      en: "URLs that clients get from the embedded media server. follow: rtmps for those who came over wss, but rtmp for mini-programs, whose players know no rtmps; rtmp or rtmps: for all.",
      zh: "内置媒体服务器给客户端的流地址。follow：经 wss 连接的客户端得到 rtmps，小程序的播放与推流组件不支持 rtmps，仍得到 rtmp；rtmp 或 rtmps：所有客户端相同。",
    }),
  },
);
