import type { RequestData, ResponseData } from "../../../src/protocols/signaling/message.ts";
import { type Ini, RunningApp } from "../running-app.ts";
import { readSoundFormat, SoundFormat } from "./heard-sound.ts";
import type { Row } from "./row.ts";

const BASES: Ini = {
  server: { base_push_url: "rtmp://push.example/in", base_pull_url: "rtmp://pull.example/out" },
};

/** What clients are offered, and where they are sent. */
export const offerRows: readonly Row[] = [
  {
    setting: "settings.audio_codec",
    value: "g711u",
    observe: async (ini) => (await offer(ini)).caller_audio,
    sees: "G711U",
  },
  {
    setting: "settings.use_video",
    value: "true",
    observe: async (ini) => (await offer(ini)).caller_video,
    sees: "H264",
  },
  {
    setting: "settings.video_codec",
    value: "h265",
    beside: { settings: { use_video: "true" } },
    observe: async (ini) => (await offer(ini)).caller_video,
    sees: "H265",
  },
  { setting: "settings.program_name", value: "hd-machine", observe: hearTone, sees: SoundFormat.g711A },
  {
    setting: "server.base_push_url",
    value: "rtmp://push.example/in",
    observe: async (ini) => (await invite(ini)).caller_url?.startsWith("rtmp://push.example/in/"),
    sees: true,
  },
  {
    setting: "server.base_pull_url",
    value: "rtmp://pull.example/out",
    observe: async (ini) => (await invite(ini)).callee_url?.startsWith("rtmp://pull.example/out/"),
    sees: true,
  },
  {
    setting: "settings.push_to_other",
    value: "false",
    beside: BASES,
    async observe(ini) {
      const given = await invite(ini);
      return [given.caller_url, given.callee_url].map((url = "") => new URL(url).hostname);
    },
    sees: ["127.0.0.1", "127.0.0.1"],
  },
  ...(["echo", "tone", "welcome"] as const).map(
    (name): Row => ({
      setting: `extensions.${name}`,
      value: "7001",
      async observe(ini) {
        await using app = await RunningApp.start(ini);
        await using lihao = await app.register("lihao");
        return (await lihao.invite("7001")).response.data.code;
      },
      sees: "200ok",
    }),
  ),
];

/** What the caller is given. */
async function invite(ini: Ini): Promise<ResponseData> {
  await using app = await RunningApp.start(ini);
  await using lihao = await app.register("lihao");
  return (await lihao.invite("9196")).response.data;
}

/** What the callee is offered where the caller leaves the codecs out: an empty one would say that it has none. */
async function offer(ini: Ini): Promise<RequestData> {
  await using app = await RunningApp.start(ini);
  await using lihao = await app.register("lihao");
  await using nway = await app.register("nway");
  const envelope = { type: "request", method: "invite", version: "1.1", sessionid: "s1", order: 2 };
  const data = { caller_number: "lihao", callee_number: "nway" };
  lihao.send(JSON.stringify({ ...envelope, appname: "wx", protoname: "rtmp", data }));
  return (await nway.nextRequest("invite")).data;
}

/** The FLV SoundFormat in which somebody who pushes G.711, and does not say what it is, hears the tone. */
async function hearTone(ini: Ini): Promise<number> {
  await using app = await RunningApp.start(ini);
  await using lihao = await app.register("lihao", { appname: "" });
  const { response } = await lihao.invite("9197", { caller_audio: "G711A" });
  return await readSoundFormat(response.data.callee_url ?? "");
}
