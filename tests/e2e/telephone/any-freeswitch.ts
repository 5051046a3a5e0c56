import { EslClient } from "../../peers/freeswitch/esl-client.ts";
import { startFreeswitchPeer } from "../../peers/freeswitch.ts";

/** A FreeSWITCH to test against: the one that FS_ESL names, as `make test-freeswitch` sets it, or the test peer. */
export interface AnyFreeswitch extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
  readonly password: string;
  /** Of a gateway that is there. */
  readonly gateway: string;
  /** A number behind that gateway that may be called; undefined where there is none. */
  readonly number: string | undefined;
  /** What its dialplan leads to a telephone that may be called; undefined where there is none. */
  readonly extension: string | undefined;
  /** Then an unknown extension is no refusal. */
  readonly takesAllNumbers: boolean;
  /** How long its dialplan sleeps in each call before it does anything. */
  readonly sleepMs: number;
  /** Where this machine is reached from it. */
  readonly ownHost: string;
  api(command: string): Promise<string>;
  /** Calls a user of the gateway and gives the sound back. */
  callIn(user: string, sipPort: number): Promise<void>;
  /** Of the calls of the gateway that listens there. */
  countChannels(sipPort: number): Promise<number>;
  /** Ends what a gateway that listened there has left behind, as one does that died. */
  hangUp(sipPort: number): Promise<void>;
  /** Whom the telephone sees calling that the gateway's only call leads to, as `name <number>`; undefined before it is called. */
  findCaller(sipPort: number): Promise<string | undefined>;
}

const ECHO = "9196";
const EXTENSION = "1000";

export async function openFreeswitch(): Promise<AnyFreeswitch> {
  const { FS_ESL } = process.env;
  return FS_ESL === undefined || FS_ESL === "" ? await openPeer() : await openReal(FS_ESL);
}

async function openReal(address: string): Promise<AnyFreeswitch> {
  const { FS_AUTH, FS_GATEWAY: gateway = "", FS_NUMBER, FS_EXTENSION, FS_OWN_HOST } = process.env;
  const password = FS_AUTH || "ClueCon";
  const colon = address.lastIndexOf(":");
  const [host, port] = [address.slice(0, colon), Number(address.slice(colon + 1))];
  const client = await EslClient.open(host, port, password);
  const ownHost = FS_OWN_HOST || "127.0.0.1";
  const sleepMs = await readSleep(client);
  return {
    host,
    port,
    password,
    gateway,
    number: FS_NUMBER || undefined,
    extension: FS_EXTENSION || undefined,
    takesAllNumbers: await takesAllNumbers(client),
    sleepMs,
    ownHost,
    api: (command) => client.api(command),
    callIn: (user, sipPort) =>
      client.bgapi(
        `originate {absolute_codec_string=PCMA}sofia/internal/${user}@${ownHost}:${sipPort} &echo()`,
      ),
    countChannels: (sipPort) => countChannels(client, `@${ownHost}:${sipPort}`),
    hangUp: (sipPort) => hangUp(client, `@${ownHost}:${sipPort}`),
    findCaller: (sipPort) => findCaller(client, `@${ownHost}:${sipPort}`),
    [Symbol.asyncDispose]: () => client[Symbol.asyncDispose](),
  };
}

async function openPeer(): Promise<AnyFreeswitch> {
  const peer = await startFreeswitchPeer({
    sipPort: 0,
    echoExtensions: [ECHO],
    onDial: ({ call }) => {
      const { bridge, extension } = call.originate;
      if (bridge === undefined && extension !== EXTENSION) call.refuse("NO_ROUTE_DESTINATION", 404);
      else call.ring();
    },
  });
  const client = await EslClient.open("127.0.0.1", peer.port, peer.password);
  return {
    host: "127.0.0.1",
    port: peer.port,
    password: peer.password,
    gateway: "gw1",
    number: "13800000000",
    extension: EXTENSION,
    takesAllNumbers: false,
    sleepMs: 0,
    ownHost: "127.0.0.1",
    api: (command) => client.api(command),
    async callIn(user, sipPort) {
      const call = await peer.callIn({ user, gateway: { host: "127.0.0.1", port: sipPort }, codecs: "PCMA" });
      call.media.isEcho = true;
    },
    async countChannels(sipPort) {
      const inbound = peer.inbound.filter(({ hasEnded }) => !hasEnded);
      return inbound.length + (await countChannels(client, `@127.0.0.1:${sipPort}`));
    },
    hangUp: async () => {},
    findCaller: (sipPort) => findCaller(client, `@127.0.0.1:${sipPort}`),
    async [Symbol.asyncDispose]() {
      await client[Symbol.asyncDispose]();
      await peer[Symbol.asyncDispose]();
      if (peer.faults.length > 0) throw new Error(peer.faults.join("\n"));
    },
  };
}

const EXAMPLE_SLEEP_MS = 10_000;
let isToldOfSleep = false;

/** FreeSWITCH's example dialplan sleeps in each call while its password is the one that everybody knows. */
async function readSleep(client: EslClient): Promise<number> {
  if ((await client.api("global_getvar default_password")).trim() !== "1234") return 0;
  if (!isToldOfSleep) {
    console.log(
      "FreeSWITCH's default_password is 1234: its example dialplan sleeps 10 s in each call, and so the tests wait. " +
        "Change it in vars.xml, then fs_cli -x reloadxml",
    );
  }
  isToldOfSleep = true;
  return EXAMPLE_SLEEP_MS;
}

/** The last extension of FreeSWITCH's example dialplan plays music to whoever dials what no other knows. */
async function takesAllNumbers(client: EslClient): Promise<boolean> {
  return (await client.api("xml_locate dialplan context name default")).includes('"acknowledge_call"');
}

/** Each ends the telephone that it is joined with. */
async function hangUp(client: EslClient, address: string): Promise<void> {
  for (const { uuid, name } of await listChannels(client)) {
    if (name.endsWith(address)) await client.api(`uuid_kill ${uuid}`);
  }
}

/** The list lags behind a little: ask until it says what is expected. */
async function countChannels(client: EslClient, address: string): Promise<number> {
  return (await client.api("show channels as json")).split(address).length - 1;
}

/** By the telephone's channel, whatever it is called there: its call is that of our own leg. */
async function findCaller(client: EslClient, address: string): Promise<string | undefined> {
  const rows = await listChannels(client);
  const ours = rows.find(({ name }) => name.endsWith(address));
  const far = rows.find(({ uuid, call_uuid }) => call_uuid === ours?.uuid && uuid !== call_uuid);
  return far && `${far.cid_name} <${far.cid_num}>`;
}

async function listChannels(client: EslClient): Promise<ChannelRow[]> {
  const { rows = [] }: { rows?: ChannelRow[] } = JSON.parse(await client.api("show channels as json"));
  return rows;
}

type ChannelRow = Readonly<Record<"uuid" | "name" | "call_uuid" | "cid_name" | "cid_num", string>>;
