import type { EventHeaders } from "./event-text.ts";
import type { LegRole } from "./recorded-events.ts";

/** One channel, as `show channels` knows it. */
export class Channel {
  state = "CS_INIT";
  callState = "DOWN";

  constructor(
    readonly role: LegRole,
    readonly uuid: string,
    readonly name: string,
    readonly variables: EventHeaders,
    /** The id of the call's first channel, while that is there. */
    public callId: string,
    readonly destination: string,
  ) {}

  /** As a row of `show channels as json`. */
  toRow(): Record<string, string> {
    return {
      uuid: this.uuid,
      direction: "outbound",
      name: this.name,
      state: this.state,
      dest: this.destination,
      callstate: this.callState,
      call_uuid: this.callId,
    };
  }
}
