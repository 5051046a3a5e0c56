import { Cause } from "../calls/causes.ts";
import type { DialWay } from "../calls/ports.ts";
import { FREESWITCH_NAMES } from "../codecs/codec-names.ts";
import type { AudioCodecName } from "../protocols/sdp/agreement.ts";
import type { TelephoneSwitch } from "../telephone/switch.ts";
import type { FreeswitchClient } from "./client.ts";

export type CallsOutOptions = {
  readonly client: Pick<FreeswitchClient, "placeCall" | "problem" | "seemsGone" | "ask">;
  /** Whether FreeSWITCH's SIP comes from that address. */
  readonly isAt: (address: string) => boolean;
  /** The way of calls that name none. */
  readonly usualWay: DialWay;
  readonly context: string;
  /** The codecs of our own leg. The best comes first. */
  readonly codecs: readonly AudioCodecName[];
  readonly ringTimeoutSeconds: number;
};

/** The way of `[server] use_callout`: through `callout_gateway`, or what the dialplan makes of a number. */
export function chooseWay(useCallout: boolean, gateway: string | undefined): DialWay {
  return useCallout && gateway !== undefined ? { gateway } : "dialplan";
}

/** FreeSWITCH as the switch that telephones are dialled through. */
export function createSwitch(options: CallsOutOptions): TelephoneSwitch {
  const { client, isAt, usualWay, context, ringTimeoutSeconds } = options;
  const codecs = options.codecs.map((codec) => FREESWITCH_NAMES[codec]);
  return {
    get problem() {
      return client.problem === undefined ? undefined : Cause.networkOutOfOrder;
    },
    get seemsGone() {
      return client.seemsGone;
    },
    ask: () => client.ask(),
    isAt,
    placeCall({ number, via = usualWay, ...call }, report) {
      const route =
        via === "dialplan"
          ? ({ kind: "dialplan", number, context } as const)
          : ({ kind: "gateway", ...via, number, ringTimeoutSeconds } as const);
      return client.placeCall({ ...call, codecs, route }, report);
    },
  };
}
