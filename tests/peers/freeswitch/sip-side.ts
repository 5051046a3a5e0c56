import { type Timer as BeatTimer, systemClock } from "../../../src/clock.ts";
import { RtpLeg } from "./rtp-leg.ts";
import { SipEndpoint } from "./sip-endpoint.ts";

const BEAT_MS = 20;
/** So long a call's RTP is still listened to after its end, to see what comes. */
const LINGER_MS = 300;

/** FreeSWITCH's SIP profile and its RTP; `faults` holds whatever the gateway did that it must not. */
export class SipSide {
  readonly #legs = new Set<RtpLeg>();
  readonly #lingering = new Set<Timer>();
  readonly #beat: BeatTimer;

  private constructor(
    readonly endpoint: SipEndpoint,
    readonly faults: string[],
  ) {
    this.#beat = systemClock.every(BEAT_MS, () => {
      for (const leg of this.#legs) leg.beat();
    });
  }

  static async open(port: number, faults: string[]): Promise<SipSide> {
    return new SipSide(await SipEndpoint.open(port, (what) => faults.push(what)), faults);
  }

  get legCount(): number {
    return this.#legs.size;
  }

  async openMedia(): Promise<RtpLeg> {
    const leg = await RtpLeg.open();
    this.#legs.add(leg);
    return leg;
  }

  closeMedia(leg: RtpLeg): void {
    leg.stopSending();
    const timer = setTimeout(() => {
      this.#lingering.delete(timer);
      this.#legs.delete(leg);
      leg.close();
    }, LINGER_MS);
    this.#lingering.add(timer);
  }

  /** Nothing comes or goes any more. */
  cutOff(): void {
    this.endpoint.lose(() => true);
    this.#beat.cancel();
  }

  /** At once, as a killed process does. */
  close(): void {
    this.#beat.cancel();
    for (const timer of this.#lingering) clearTimeout(timer);
    for (const leg of this.#legs) leg.close();
    this.#legs.clear();
    this.endpoint.close();
  }
}
