import type { CallRegistry } from "../../calls/call-registry.ts";
import { Cause } from "../../calls/causes.ts";
import { accept, type Outcome, refuse, refuseWithCause } from "../../calls/outcome.ts";
import type { Logger } from "../../log.ts";
import { Code } from "../../protocols/signaling/codes.ts";
import type { Request } from "../../protocols/signaling/message.ts";
import {
  type Answer,
  type Directory,
  isUnavailable,
  type User,
  whenAnswered,
} from "../../users/directory.ts";
import type { Login, Verdict } from "../../users/login.ts";
import type { LoginThrottle } from "../../users/login-throttle.ts";
import { networkOf } from "../../users/throttle.ts";
import type { Connection, Serve } from "./connection.ts";
import { toUrlHost } from "./host.ts";
import type { Registration } from "./registration.ts";
import type { Registrations } from "./registrations.ts";

export type RequestServices = {
  readonly login: Pick<Login, "judge">;
  readonly directory: Directory;
  /** Whether a number leads to somebody, whatever the directory says. */
  readonly reaches: (number: string) => boolean;
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
  const { clients, login, throttle } = services;
  const { caller_number: user = "", password = "" } = request.data;
  const { address } = connection.origin;
  if (!throttle.mayTry(user, address)) {
    return refuse(Code.forbidden, "locked out after repeated failures");
  }
  const network = networkOf(address);
  const before = clients.find(user)?.account;
  return whenAnswered(login.judge({ user, password, network, address, before }), (verdict) =>
    admit(services, connection, request, verdict),
  );
}

function admit(
  services: RequestServices,
  connection: Connection,
  request: Request,
  verdict: Verdict,
): Outcome {
  const { clients, throttle, log } = services;
  const { data, version, appname, protoname } = request;
  const { caller_number: user = "" } = data;
  const { from, address, isSecure } = connection.origin;
  if (verdict.kind === "unavailable") {
    throttle.withdraw(user, address);
    return refuseWithCause(Cause.directoryUnavailable);
  }
  if (verdict.kind === "refused") {
    const isLockOut = throttle.fail(user, address);
    log.warn(isLockOut ? "signaling.locked-out" : "signaling.bad-password", { user, from });
    return refuse(Code.unauthorized, "bad password");
  }
  throttle.succeed(user, address);
  // The socket may be gone by the time a database has answered.
  if (!connection.isOpen) return refuse(Code.unauthorized, "not connected");
  const older = connection.registration;
  if (older !== undefined && older.user !== user) clients.detach(older, connection, false);
  const host = chooseHost(services, connection, request);
  const profile = { version, appname, protoname, host, isSecure, address };
  const registration = clients.attach(user, connection, profile);
  registration.account = verdict.user;
  connection.registration = registration;
  log.info("signaling.registered", { user, from, version, appname, protoname });
  return accept({ token: verdict.token }, () => registration.resume());
}

function invite(
  services: RequestServices,
  connection: Connection,
  registration: Registration,
  request: Request,
): Outcome | Promise<Outcome> {
  const { calls } = services;
  const callee = findCallee(services, request.data.callee_number ?? "");
  registration.profile = { ...registration.profile, host: chooseHost(services, connection, request) };
  return whenAnswered(callee, (user) => {
    if (connection.registration !== registration) return refuse(Code.unauthorized, "not registered");
    if (user === "unavailable") return refuseWithCause(Cause.directoryUnavailable);
    return openCall(calls, registration, request, user);
  });
}

/** Who has this number; nobody asks a directory for those who are here. */
function findCallee(
  { directory, reaches }: RequestServices,
  number: string,
): Answer<User | undefined | "unavailable"> {
  const found = reaches(number) ? undefined : directory.find(number);
  if (!(found instanceof Promise)) return found;
  return found.catch((thrown: unknown) => {
    if (isUnavailable(thrown)) return "unavailable";
    throw thrown;
  });
}

function openCall(
  calls: CallRegistry,
  registration: Registration,
  request: Request,
  user: User | undefined,
): Outcome {
  const outcome = calls.invite(registration, request, user);
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
