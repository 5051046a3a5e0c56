import { type FreeswitchPeerOptions, startFreeswitchPeer } from "../../peers/freeswitch.ts";
import { waitFor } from "../../peers/wait.ts";
import { type Ini, mergeInis, RunningApp } from "../running-app.ts";
import type { Row } from "./row.ts";
import { callEcho, isHeardFrom } from "./sip-caller.ts";

const NUMBER = "13800000000";
const CALLER_NUMBER = "075512345678";

/** The link to FreeSWITCH, what is dialled, and how a telephone's call is answered. */
export const telephoneRows: readonly Row[] = [
  {
    setting: "server.fs_esl_ip",
    // The port stands for the one that the peer gets.
    value: "127.0.0.1:1",
    observe: (ini) =>
      ini.server?.fs_esl_ip === undefined
        ? withApp(ini, async (app) => (await app.ask("/healthz")).text())
        : withFreeswitch(ini, ({ app }) => readLink(app)),
    sees: "up",
  },
  {
    setting: "server.fs_auth",
    value: "sesame",
    observe: (ini) => withFreeswitch(ini, ({ app }) => readLink(app), { password: "sesame" }),
    sees: "up",
  },
  {
    setting: "server.use_callout",
    value: "true",
    beside: { server: { callout_gateway: "gw1" } },
    observe: async (ini) => (await dial(ini)).includes(`sofia/gateway/gw1/${NUMBER}`),
    sees: true,
  },
  {
    setting: "server.callout_gateway",
    value: "gw2",
    beside: { server: { use_callout: "true", callout_gateway: "gw1" } },
    observe: async (ini) => /sofia\/gateway\/(\w+)/.exec(await dial(ini))?.[1],
    sees: "gw2",
  },
  {
    setting: "freeswitch.driver",
    value: "module",
    observe: async (ini) => /module_exists mod_nway_wx/.test(await dial(ini)),
    sees: true,
  },
  {
    setting: "freeswitch.sip_profile",
    value: "external",
    observe: async (ini) => /}sofia\/(\w+)\//.exec(await dial(ini))?.[1],
    sees: "external",
  },
  {
    setting: "freeswitch.dialplan_context",
    value: "public",
    observe: async (ini) => / XML (\w+)/.exec(await dial(ini))?.[1],
    sees: "public",
  },
  {
    setting: "dialing.rewrite",
    value: "9|*",
    observe: async (ini) => / (\d+) XML /.exec(await dial(ini, `9${NUMBER}`))?.[1],
    sees: NUMBER,
  },
  { setting: "dialing.allow", value: "95588", observe: (ini) => dial(ini), sees: "403" },
  { setting: "dialing.deny", value: `${NUMBER},00*`, observe: (ini) => dial(ini), sees: "403" },
  {
    setting: "dialing.emergency",
    value: "true",
    observe: async (ini) => / (\d+) XML /.exec(await dial(ini, "110"))?.[1],
    sees: "110",
  },
  {
    setting: "dialing.limits",
    value: "1*:1/min",
    observe: (ini) => dialTwice(ini),
    sees: "OUTGOING_CALL_BARRED",
  },
  {
    setting: "dialing.total_limits",
    value: "1*:1/min",
    observe: (ini) => dialTwice(ini),
    sees: "SWITCH_CONGESTION",
  },
  {
    setting: "dialing.caller_number",
    value: CALLER_NUMBER,
    observe: async (ini) => (await dial(ini)).includes(CALLER_NUMBER),
    sees: true,
  },
  {
    setting: "sip.allow",
    value: "192.0.2.0/24",
    observe: (ini) => withApp(ini, async (app) => (await callEcho(app)) === undefined),
    sees: true,
  },
  {
    setting: "rtp.ports",
    value: "23456-23459",
    // Loopback has many addresses, so that nobody else has these ports.
    beside: {
      sip: {
        addr: `127.${1 + (process.pid & 63)}.${(process.pid >> 6) & 255}.${(process.pid >> 14) & 255}:0`,
      },
    },
    observe: (ini) =>
      withApp(ini, async (app) =>
        ["23456", "23458"].includes(/m=audio (\d+)/.exec((await callEcho(app)) ?? "")?.[1] ?? ""),
      ),
    sees: true,
  },
  {
    setting: "media.voice_threads",
    value: "5",
    observe: (ini) =>
      withApp(ini, async (app) => /"voiceThreads":(\d+)/.exec(await (await app.ask("/healthz")).text())?.[1]),
    sees: "5",
  },
  {
    setting: "rtp.allow",
    value: "127.0.0.2",
    observe: (ini) => withApp(ini, (app) => isHeardFrom(app, "127.0.0.2")),
    sees: true,
  },
  {
    setting: "rtp.codecs",
    value: "pcmu",
    observe: (ini) =>
      withApp(ini, async (app) => /m=audio \d+ RTP\/AVP (\d+)/.exec((await callEcho(app)) ?? "")?.[1]),
    sees: "0",
  },
  {
    setting: "settings.ptime",
    value: "40",
    observe: (ini) => withApp(ini, async (app) => /a=ptime:(\d+)/.exec((await callEcho(app)) ?? "")?.[1]),
    sees: "40",
  },
];

async function withApp<T>(ini: Ini, look: (app: RunningApp) => Promise<T>): Promise<T> {
  await using app = await RunningApp.start(ini);
  return await look(app);
}

type WithFreeswitch = { readonly app: RunningApp; readonly commands: readonly string[] };

async function withFreeswitch<T>(
  ini: Ini,
  look: (found: WithFreeswitch) => Promise<T>,
  options: FreeswitchPeerOptions = {},
): Promise<T> {
  await using peer = await startFreeswitchPeer({ gateways: { gw1: "up", gw2: "up" }, ...options });
  await using app = await RunningApp.start(
    mergeInis(ini, { server: { fs_esl_ip: `127.0.0.1:${peer.port}` } }),
  );
  if (options.password === undefined) await waitFor("the link", async () => (await readLink(app)) === "up");
  return await look({ app, commands: peer.commands });
}

/** `up`, or why it is not. */
function readLink(app: RunningApp): Promise<string> {
  return waitFor("the link's fate", async () => {
    // The API's own tests keep its shape.
    const { freeswitch } = (await (await app.ask("/healthz")).json()) as {
      freeswitch?: { link: string; problem?: string };
    };
    return freeswitch?.link === "up" ? "up" : freeswitch?.problem;
  });
}

/** lihao dials: what FreeSWITCH was told to do, or the code of the refusal. */
function dial(ini: Ini, number = NUMBER): Promise<string> {
  return withFreeswitch(ini, async ({ app, commands }) => {
    await using lihao = await app.register("lihao");
    const { code } = (await lihao.invite(number)).response.data;
    if (code !== "200ok") return code;
    return await waitFor("originate", () =>
      commands.find((line) => /originate |module_exists mod_nway_wx/.test(line)),
    );
  });
}

/** lihao dials, gives up and dials again: the answer. */
function dialTwice(ini: Ini): Promise<string> {
  return withFreeswitch(ini, async ({ app }) => {
    await using lihao = await app.register("lihao");
    const { sessionid } = await lihao.invite(NUMBER);
    await lihao.cancel(sessionid);
    return (await lihao.invite(NUMBER)).response.data.msg;
  });
}
