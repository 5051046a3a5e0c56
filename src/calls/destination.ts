import type { User } from "../users/directory.ts";
import type { CallSetup } from "./call-setup.ts";
import type { CallSounds } from "./call-sounds.ts";
import type { CallStreams } from "./call-streams.ts";
import type { CallParty, ClientLink, DialRequest } from "./ports.ts";

/** What a callee is made of, once there is a call for it. */
export type CalleePlace = Pick<DialRequest, "via" | "vendor"> & {
  readonly setup: CallSetup;
  readonly streams: CallStreams;
  readonly sounds: CallSounds;
  /** How this machine is reached, as it stands in a URL. */
  readonly host: string;
  /** Keys that it presses. */
  readonly onDigits: (digits: string) => void;
};

/** The user that a number is in the directory, who may not be here; undefined for other numbers. */
export type CalledUser = Pick<User, "forwardTo"> | undefined;

/** Who is reached by a number. */
export type Destination = {
  /** The registered user, who may be busy; absent for everybody else. */
  readonly client?: ClientLink;
  /** Of a telephone, as it is dialled. */
  readonly number?: string;
  readonly makeParty: (place: CalleePlace) => CallParty;
};
