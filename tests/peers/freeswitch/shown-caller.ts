import type { ParsedOriginate } from "./originate-command.ts";

export type ShownCaller = { readonly name: string; readonly number: string };

/** FreeSWITCH's name for a callee that nobody named. */
const NAMELESS = "Outbound Call";

/**
 * Whom the telephone sees calling, by tests/fixtures/freeswitch/sip/sip_far_leg_invites.txt: what the second leg's
 * braces name, which serve gateways only, else what our leg names for others, else our leg's callee.
 */
export function callerOf({ variables, bridge, session }: ParsedOriginate): ShownCaller {
  const far = bridge?.variables ?? {};
  return {
    name:
      far.origination_caller_id_name ??
      variables.effective_caller_id_name ??
      variables.origination_callee_id_name ??
      NAMELESS,
    number:
      far.origination_caller_id_number ??
      variables.effective_caller_id_number ??
      variables.origination_callee_id_number ??
      session,
  };
}
