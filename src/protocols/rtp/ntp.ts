export type NtpTime = { readonly seconds: number; readonly fraction: number };

/** From 1900 to 1970 (RFC 5905, section 6). */
const NTP_UNIX_SECONDS = 2_208_988_800;

/** The NTP time of a wall clock in milliseconds since 1970. */
export function toNtpTime(wallMs: number): NtpTime {
  const seconds = Math.floor(wallMs / 1000);
  const fraction = Math.floor(((wallMs - seconds * 1000) / 1000) * 2 ** 32);
  return { seconds: (seconds + NTP_UNIX_SECONDS) >>> 0, fraction };
}

/** The middle 32 bits of an NTP time, as `lastSenderReport` has them. */
export function toShortNtp({ seconds, fraction }: NtpTime): number {
  return ((seconds << 16) | (fraction >>> 16)) >>> 0;
}

/** The part of a reception report that tells how long a packet was under way. */
type ReportTimes = { readonly lastSenderReport: number; readonly delaySinceLastSenderReport: number };

/** The way there and back that a report about us tells (RFC 3550, section 6.4.1), undefined before our first sender report. */
export function measureRoundTripMs(report: ReportTimes, arrival: NtpTime): number | undefined {
  if (report.lastSenderReport === 0) return undefined;
  const delay = toShortNtp(arrival) - report.lastSenderReport - report.delaySinceLastSenderReport;
  const signed = delay | 0;
  return Math.max(0, (signed * 1000) / 65_536);
}
