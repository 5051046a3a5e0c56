import type { MediaAttribute } from "../protocols/signaling/message.ts";
import type { ListenerDefaults } from "./heard-codec.ts";
import type { Codecs } from "./machine.ts";

/** What every request within a call repeats. */
export type CallSetup = {
  readonly callId: string;
  readonly sessionid: string;
  readonly callerNumber: string;
  /** What telephones are shown in place of the number. */
  readonly callerName?: string | undefined;
  readonly calleeNumber: string;
  readonly mediaAttribute: MediaAttribute;
  /** What the caller pushes. */
  readonly codecs: Codecs;
  /** What the caller itself said that it pushes. */
  readonly declaredAudio: string | undefined;
  readonly defaults: ListenerDefaults;
};
