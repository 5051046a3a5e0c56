import type { EventHeaders } from "./event-text.ts";
import type { LegRole } from "./recorded-events.ts";
import type { ShownCaller } from "./shown-caller.ts";

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
    readonly caller: ShownCaller,
  ) {}

  /**
   * As a row of `show channels as json`. No recording has one: these are columns that FreeSWITCH's core database is
   * documented to have, with the values of the channel's events.
   */
  toRow(): Record<string, string> {
    return {
      uuid: this.uuid,
      direction: "outbound",
      name: this.name,
      state: this.state,
      cid_name: this.caller.name,
      cid_num: this.caller.number,
      dest: this.destination,
      callstate: this.callState,
      call_uuid: this.callId,
    };
  }
}
