import type { LegCodecName } from "./leg-codecs.ts";
import { codecsOf, exportsOf, type ParsedOriginate } from "./originate-command.ts";

/** `outbound-codec-prefs` of the profile. */
const PROFILE_CODECS: readonly LegCodecName[] = ["PCMU", "PCMA"];
const MIXES = "media_mix_inbound_outbound_codecs";

/**
 * What a telephone is offered, the best first, by tests/fixtures/freeswitch/sip/sip_far_leg_offers.txt: what the second
 * leg's braces say, else the codec that our leg agreed on, alone or before those of the profile.
 */
export function offeredCodecs(
  { variables, bridge }: Pick<ParsedOriginate, "variables" | "bridge">,
  agreed: LegCodecName,
): string[] {
  const asked = bridge?.variables.absolute_codec_string;
  if (asked !== undefined) return codecsOf(asked);
  const isMixed = variables[MIXES] === "true" && exportsOf(variables).includes(MIXES);
  return [...new Set([agreed, ...(isMixed ? PROFILE_CODECS : [])])];
}
