import { messageOf } from "../errors.ts";
import type { Logger } from "../log.ts";
import { type Directory, isUnavailable } from "../users/directory.ts";
import { Cause } from "./causes.ts";
import type { CalledUser } from "./destination.ts";
import type { CallingTelephone } from "./ports.ts";

export type ReceptionOptions = {
  readonly calls: { receive(telephone: CallingTelephone, user: CalledUser): void };
  /** Whether a number leads to somebody, whatever the directory says. */
  readonly reaches: (number: string) => boolean;
  readonly directory: Directory;
  readonly log: Logger;
};

/** Takes telephones' calls to whom they call. A database may have to say whether that is a user. */
export function createReception({
  calls,
  reaches,
  directory,
  log,
}: ReceptionOptions): (telephone: CallingTelephone) => void {
  return (telephone) => {
    const { calledNumber } = telephone;
    const found = reaches(calledNumber) ? undefined : directory.find(calledNumber);
    if (!(found instanceof Promise)) {
      calls.receive(telephone, found);
      return;
    }
    found
      .then((user) => calls.receive(telephone, user))
      .catch((thrown: unknown) => {
        // The directory has logged why.
        if (!isUnavailable(thrown)) log.error("telephone.directory-failed", { reason: messageOf(thrown) });
        telephone.refuse(Cause.switchCongestion);
      });
  };
}
