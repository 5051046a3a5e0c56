import type { EventHeaders } from "../../peers/freeswitch/event-text.ts";
import { FreeswitchPeer, type FreeswitchPeerOptions } from "../../peers/freeswitch.ts";

/** What a gateway needs to know to call out through the peer. */
export const GATEWAY_NAME = "gw1";

/** A FreeSWITCH that tells at once what the measurements wait for. */
export class MeasuredPeer extends FreeswitchPeer {
  /** An originate has come, for this caller. */
  onOriginate: (caller: string) => void = () => {};
  /** A leg was hung up. */
  onHangup: (legId: string) => void = () => {};

  constructor(onDial: NonNullable<FreeswitchPeerOptions["onDial"]>) {
    super({ sipPort: 0, gateways: { [GATEWAY_NAME]: "up" }, onDial });
  }

  override note(command: string): void {
    const caller = /^bgapi originate \{.*?\borigination_caller_id_number=([^,}]+)/.exec(command)?.[1];
    if (caller !== undefined) this.onOriginate(caller);
  }

  override fire(headers: EventHeaders): void {
    if (headers["Event-Name"] === "CHANNEL_HANGUP") this.onHangup(headers["Unique-ID"] ?? "");
    super.fire(headers);
  }
}
