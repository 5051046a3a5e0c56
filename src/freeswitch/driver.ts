import type { Telephony } from "../calls/ports.ts";
import { ModuleTelephony, type ModuleTelephonyOptions } from "./module-telephony.ts";

/** `[freeswitch] driver`: our own SIP and RTP, or the vendor's module in FreeSWITCH. */
export type Driver = "sip" | "module";

/**
 * Who dials. Calls in come by SIP with either driver.
 * @param exchange our own SIP and RTP
 */
export function chooseTelephony(
  driver: Driver,
  exchange: Telephony,
  options: ModuleTelephonyOptions,
): Telephony {
  return driver === "sip" ? exchange : new ModuleTelephony(options);
}
