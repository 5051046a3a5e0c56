import { lookup } from "node:dns/promises";
import type { Telephony } from "../calls/ports.ts";
import type { Clock } from "../clock.ts";
import { formatAddress } from "../config/kinds.ts";
import type { Config } from "../config/schema.ts";
import { chooseWay, createSwitch } from "../freeswitch/calls-out.ts";
import { FreeswitchClient } from "../freeswitch/client.ts";
import { chooseTelephony } from "../freeswitch/driver.ts";
import { type HostWatch, watchHost } from "../freeswitch/host-watch.ts";
import type { Logger } from "../log.ts";
import { SipServer } from "../servers/sip/server.ts";
import { TelephoneExchange } from "../telephone/exchange.ts";
import { VERSION } from "../version.ts";
import { maxCallsOf } from "./limits.ts";
import { startVoice, type VoiceSide } from "./voice.ts";

export type Telephone = AsyncDisposable & {
  readonly sip: SipServer;
  readonly voice: VoiceSide;
  readonly exchange: TelephoneExchange;
  /** What dials; undefined without `[server] fs_esl_ip`. */
  readonly telephony: Telephony | undefined;
  /** Undefined without `[server] fs_esl_ip`. */
  readonly freeswitch: FreeswitchClient | undefined;
};

/** SIP, RTP and the link to FreeSWITCH, which comes up when FreeSWITCH does. Throws if SIP cannot listen. */
export async function startTelephone(
  config: Config,
  startWorker: () => Worker,
  clock: Clock,
  log: Logger,
): Promise<Telephone> {
  await using stack = new AsyncDisposableStack();
  const { sip: sipConfig, rtp: rtpConfig, calls, settings } = config;
  const sip = stack.use(
    await SipServer.start({
      ...sipConfig.addr,
      allow: sipConfig.allow,
      maxCalls: maxCallsOf(config),
      software: `nway-wx/${VERSION}`,
      clock,
      log,
    }),
  );
  const { host } = sipConfig.addr;
  const voice = stack.use(startVoice(config, startWorker, clock, log));
  const freeswitch = openFreeswitch(config, formatAddress({ host, port: sip.port }), clock, log);
  if (freeswitch !== undefined) stack.use(freeswitch);
  const watch = watchFreeswitch(config, (address) => sip.allow(address), clock, log);
  if (watch !== undefined) stack.use(watch);
  const usualWay = chooseWay(config.server.use_callout, config.server.callout_gateway);
  const exchange = stack.use(
    new TelephoneExchange({
      host,
      sounds: voice.sounds,
      codecs: rtpConfig.codecs,
      ptimeMs: settings.ptime,
      silenceMs: calls.media_timeout_seconds * 1000,
      telephoneSwitch:
        freeswitch &&
        createSwitch({
          client: freeswitch,
          isAt: (address) => watch?.has(address) === true,
          usualWay,
          context: config.freeswitch.dialplan_context,
          codecs: rtpConfig.codecs,
          ringTimeoutSeconds: calls.ring_seconds,
        }),
      callerNumber: config.dialing.caller_number,
      clock,
      log,
    }),
  );
  sip.takeInvites((invite) => exchange.takeInvite(invite));
  freeswitch?.start();
  const telephony =
    freeswitch &&
    chooseTelephony(config.freeswitch.driver, exchange, {
      client: freeswitch,
      usualWay,
      callerNumber: config.dialing.caller_number,
      log,
    });
  const running = stack.move();
  return { sip, voice, exchange, telephony, freeswitch, [Symbol.asyncDispose]: () => running.disposeAsync() };
}

function openFreeswitch(
  { server, freeswitch }: Config,
  sipAddress: string,
  clock: Clock,
  log: Logger,
): FreeswitchClient | undefined {
  if (server.fs_esl_ip === undefined) return undefined;
  return new FreeswitchClient({
    ...server.fs_esl_ip,
    password: server.fs_auth,
    sipAddress,
    sipProfile: freeswitch.sip_profile,
    clock,
    log,
    random: Math.random,
    randomBytes: (bytes) => void crypto.getRandomValues(bytes),
  });
}

function watchFreeswitch(
  { server }: Config,
  onAddress: (address: string) => void,
  clock: Clock,
  log: Logger,
): HostWatch | undefined {
  const host = server.fs_esl_ip?.host;
  return host === undefined ? undefined : watchHost({ host, lookUp, onAddress, clock, log });
}

async function lookUp(host: string): Promise<string[]> {
  return (await lookup(host, { all: true })).map(({ address }) => address);
}
