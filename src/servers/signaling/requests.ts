import type { CallRegistry } from "../../calls/call-registry.ts";
import { accept, type Outcome, refuse } from "../../calls/outcome.ts";
import type { Logger } from "../../log.ts";
import { Code } from "../../protocols/signaling/codes.ts";
import type { Request } from "../../protocols/signaling/message.ts";
import { type UserDirectory, whenAnswered } from "../../users/directory.ts";
import type { LoginThrottle } from "../../users/login-throttle.ts";
import type { Connection, Serve } from "./connection.ts";
import { toUrlHost } from "./host.ts";
import type { Registration } from "./registration.ts";
import type { Registrations } from "./registrations.ts";

export type RequestServices = {
  readonly directory: UserDirectory;
  readonly clients: Registrations;
  readonly calls: CallRegistry;
  readonly throttle: LoginThrottle;
  /** Whether a client's `realm` names us. */
  readonly isOwnAddress: (address: string) => boolean;
  readonly log: Logger;
};

/** What each method does. */
export function createServe(services: RequestServices): Serve {
  const { calls } = services;
  return (connection, request) => {
    if (request.method === "option") return accept();
    if (request.method === "register") return register(services, connection, request);
    const { registration } = connection;
    if (registration === undefined) return refuse(Code.unauthorized, "not registered");
    switch (request.method) {
      case "invite":
        return invite(services, connection, registration, request);
      case "answer":
        return calls.answer(registration, request);
      case "cancel":
        return calls.cancel(registration, request);
      case "bye":
        return calls.bye(registration, request);
      case "message":
        return calls.message(registration, request);
    }
  };
}

function register(services: RequestServices, connection: Connection, request: Request) {
  const { directory, throttle } = services;
  const { caller_number: user = "", password = "" } = request.data;
  if (!throttle.mayTry(user, connection.origin.address)) {
    return refuse(Code.forbidden, "locked out after repeated failures");
  }
  return whenAnswered(directory.verify(user, password), (isRight) =>
    admit(services, connection, request, isRight),
  );
}

function admit(
  services: RequestServices,
  connection: Connection,
  request: Request,
  isRight: boolean,
): Outcome {
  const { clients, throttle, log } = services;
  const { data, version, appname, protoname } = request;
  const { caller_number: user = "" } = data;
  const { from, address, isSecure } = connection.origin;
  if (!isRight) {
    const isLockOut = throttle.fail(user, address);
    log.warn(isLockOut ? "signaling.locked-out" : "signaling.bad-password", { user, from });
    return refuse(Code.unauthorized, "bad password");
  }
  // The socket may be gone by the time a database has answered.
  if (!connection.isOpen) return refuse(Code.unauthorized, "not connected");
  throttle.succeed(user, address);
  const older = connection.registration;
  if (older !== undefined && older.user !== user) clients.detach(older, connection, false);
  const host = chooseHost(services, connection, request);
  const profile = { version, appname, protoname, host, isSecure, address };
  const registration = clients.attach(user, connection, profile);
  connection.registration = registration;
  log.info("signaling.registered", { user, from, version, appname, protoname });
  return accept({}, () => registration.resume());
}

function invite(
  services: RequestServices,
  connection: Connection,
  registration: Registration,
  request: Request,
): Outcome | Promise<Outcome> {
  const { directory, calls } = services;
  const isUser = directory.has(request.data.callee_number ?? "");
  registration.profile = { ...registration.profile, host: chooseHost(services, connection, request) };
  return whenAnswered(isUser, (known) =>
    connection.registration === registration
      ? openCall(calls, registration, request, known)
      : refuse(Code.unauthorized, "not registered"),
  );
}

function openCall(
  calls: CallRegistry,
  registration: Registration,
  request: Request,
  isUser: boolean,
): Outcome {
  const outcome = calls.invite(registration, request, isUser);
  if (outcome.data.code === Code.ok) registration.responses.forget(request.sessionid);
  return outcome;
}

/** `realm` counts only if it names one of our own addresses; else the Host header says how the client reached us. */
function chooseHost(
  { isOwnAddress }: RequestServices,
  { origin: { host } }: Connection,
  { realm }: Request,
): string {
  return realm !== "" && realm !== host && isOwnAddress(realm) ? toUrlHost(realm) : host;
}
