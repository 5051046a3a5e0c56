import { messageOf } from "../errors.ts";
import type { Logger } from "../log.ts";
import { type UserDirectory, whenAnswered } from "../users/directory.ts";
import { Cause } from "./causes.ts";
import type { CallingTelephone } from "./ports.ts";

export type ReceptionOptions = {
  readonly calls: { receive(telephone: CallingTelephone, isUser: boolean): void };
  readonly directory: Pick<UserDirectory, "has">;
  readonly log: Logger;
};

/** Takes telephones' calls to whom they call. A database may have to say whether that is a user. */
export function createReception({
  calls,
  directory,
  log,
}: ReceptionOptions): (telephone: CallingTelephone) => void {
  return (telephone) => {
    const received = whenAnswered(directory.has(telephone.calledNumber), (isUser) => {
      calls.receive(telephone, isUser);
    });
    if (!(received instanceof Promise)) return;
    received.catch((thrown: unknown) => {
      log.error("telephone.directory-failed", { reason: messageOf(thrown) });
      telephone.refuse(Cause.switchCongestion);
    });
  };
}
