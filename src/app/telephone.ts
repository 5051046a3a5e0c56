import { lookup } from "node:dns/promises";
import { networkInterfaces } from "node:os";
import type { CallRegistry } from "../calls/call-registry.ts";
import { Cause } from "../calls/causes.ts";
import type { PhoneCall, Telephony } from "../calls/ports.ts";
import type { Clock } from "../clock.ts";
import { FREESWITCH_NAMES } from "../codecs/codec-names.ts";
import { formatAddress } from "../config/kinds.ts";
import type { Config } from "../config/schema.ts";
import { messageOf } from "../errors.ts";
import { FreeswitchClient } from "../freeswitch/client.ts";
import { ModuleTelephony } from "../freeswitch/module-telephony.ts";
import type { Logger } from "../log.ts";
import type { FreeswitchView } from "../servers/http/views.ts";
import { RtpServer } from "../servers/rtp/rtp-server.ts";
import { SipServer } from "../servers/sip/server.ts";
import { TelephoneExchange } from "../telephone/exchange.ts";
import type { TelephoneSwitch } from "../telephone/switch.ts";
import type { UserDirectory } from "../users/directory.ts";
import { VERSION } from "../version.ts";

export type Telephone = AsyncDisposable & {
  readonly sip: SipServer;
  readonly exchange: TelephoneExchange;
  /** What dials; undefined without `[server] fs_esl_ip`. */
  readonly telephony: Telephony | undefined;
  /** Undefined without `[server] fs_esl_ip`. */
  readonly freeswitch: FreeswitchClient | undefined;
};

/** Addresses change: a name's when FreeSWITCH moves, this machine's with its network. */
const LOOKUP_MS = 30_000;

/** SIP, RTP and the link to FreeSWITCH, which comes up when FreeSWITCH does. Throws if SIP cannot listen. */
export async function startTelephone(config: Config, clock: Clock, log: Logger): Promise<Telephone> {
  await using stack = new AsyncDisposableStack();
  const { sip: sipConfig, rtp: rtpConfig, calls, settings } = config;
  const sip = stack.use(
    await SipServer.start({
      ...sipConfig.addr,
      allow: sipConfig.allow,
      maxCalls: calls.max_calls,
      software: `nway-wx/${VERSION}`,
      clock,
      log,
    }),
  );
  const { host } = sipConfig.addr;
  const rtp = stack.use(new RtpServer({ host, ports: rtpConfig.ports, clock, log }));
  const freeswitch = openFreeswitch(config, formatAddress({ host, port: sip.port }), clock, log);
  if (freeswitch !== undefined) stack.use(freeswitch);
  const exchange = stack.use(
    new TelephoneExchange({
      host,
      rtp,
      codecs: rtpConfig.codecs,
      ptimeMs: settings.ptime,
      silenceMs: calls.media_timeout_seconds * 1000,
      telephoneSwitch: freeswitch && createSwitch(freeswitch, config),
      callerNumber: config.dialing.caller_number,
      clock,
      log,
    }),
  );
  sip.onEvent = (event) => exchange.handle(event);
  stack.adopt(keepAllowed(sip, config, clock, log), (timer) => timer.cancel());
  freeswitch?.start();
  const telephony = freeswitch && chooseTelephony(exchange, freeswitch, config, log);
  const running = stack.move();
  return { sip, exchange, telephony, freeswitch, [Symbol.asyncDispose]: () => running.disposeAsync() };
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

/** Calls in come by SIP with either driver. */
function chooseTelephony(
  exchange: TelephoneExchange,
  client: FreeswitchClient,
  { server, freeswitch, dialing }: Config,
  log: Logger,
): Telephony {
  if (freeswitch.driver === "sip") return exchange;
  const gateway = server.use_callout ? server.callout_gateway : undefined;
  return new ModuleTelephony({ client, gateway, callerNumber: dialing.caller_number, log });
}

/** The way calls out take, by `[server] use_callout`. */
function createSwitch(client: FreeswitchClient, { server, calls, freeswitch, rtp }: Config): TelephoneSwitch {
  const { use_callout, callout_gateway: gateway } = server;
  const usualWay = use_callout && gateway !== undefined ? { gateway } : "dialplan";
  const codecs = rtp.codecs.map((codec) => FREESWITCH_NAMES[codec]);
  return {
    get problem() {
      return client.problem === undefined ? undefined : Cause.networkOutOfOrder;
    },
    placeCall({ number, via = usualWay, ...call }, report) {
      const route =
        via === "dialplan"
          ? ({ kind: "dialplan", number, context: freeswitch.dialplan_context } as const)
          : ({ kind: "gateway", ...via, number, ringTimeoutSeconds: calls.ring_seconds } as const);
      return client.placeCall({ ...call, codecs, route }, report);
    },
  };
}

/** FreeSWITCH may always call us; where it is on this machine, from any of its addresses: a profile has but one. */
function keepAllowed(sip: SipServer, { server }: Config, clock: Clock, log: Logger) {
  const host = server.fs_esl_ip?.host;
  if (host === undefined) return { cancel() {} };
  let isUnknown = false;
  const allow = async () => {
    try {
      const addresses = (await lookup(host, { all: true })).map(({ address }) => address);
      const own = listOwnAddresses();
      const isHere = addresses.some((address) => own.includes(address));
      for (const address of isHere ? own : addresses) sip.allow(address);
      isUnknown = false;
    } catch (thrown) {
      if (!isUnknown) log.warn("freeswitch.unknown-host", { host, reason: messageOf(thrown) });
      isUnknown = true;
    }
  };
  void allow();
  return clock.every(LOOKUP_MS, () => void allow());
}

function listOwnAddresses(): string[] {
  return Object.values(networkInterfaces()).flatMap((found) => (found ?? []).map(({ address }) => address));
}

/** A telephone calls: whether it calls a user, a database may have to be asked. */
export function receiveCall(
  call: PhoneCall,
  calls: CallRegistry,
  directory: UserDirectory,
  log: Logger,
): void {
  const isUser = directory.has(call.calledNumber);
  if (typeof isUser === "boolean") {
    calls.receive(call, isUser);
    return;
  }
  isUser.then(
    (known) => calls.receive(call, known),
    (thrown) => {
      log.error("telephone.directory-failed", { reason: messageOf(thrown) });
      call.refuse(Cause.switchCongestion);
    },
  );
}

export function viewFreeswitch({ freeswitch }: Telephone): FreeswitchView | undefined {
  if (freeswitch === undefined) return undefined;
  const { state, problem, callCount } = freeswitch.status;
  return { link: state, problem, calls: callCount };
}
