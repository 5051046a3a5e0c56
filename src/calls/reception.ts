import { messageOf } from "../errors.ts";
import type { Logger } from "../log.ts";
import { type UserDirectory, whenAnswered } from "../users/directory.ts";
import { Cause } from "./causes.ts";
import type { PhoneCall } from "./ports.ts";

export type ReceptionOptions = {
  readonly calls: { receive(phone: PhoneCall, isUser: boolean): void };
  readonly directory: Pick<UserDirectory, "has">;
  readonly log: Logger;
};

/** Takes telephones' calls to whom they call: whether that is a user, a database may have to be asked. */
export function createReception({ calls, directory, log }: ReceptionOptions): (phone: PhoneCall) => void {
  return (phone) => {
    const received = whenAnswered(directory.has(phone.calledNumber), (isUser) => {
      calls.receive(phone, isUser);
    });
    if (!(received instanceof Promise)) return;
    received.catch((thrown: unknown) => {
      log.error("telephone.directory-failed", { reason: messageOf(thrown) });
      phone.refuse(Cause.switchCongestion);
    });
  };
}
