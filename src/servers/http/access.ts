import { areEqualSecrets } from "../../secrets.ts";

/** Who may do what over the API. */
export type Access = {
  /** Undefined: nobody may write. */
  readonly token: string | undefined;
  /** Only this machine can reach the API. */
  readonly isLocal: boolean;
};

export type Denial = {
  readonly status: 401 | 403;
  readonly code: string;
  readonly message: string;
};

const NO_TOKEN: Denial = {
  status: 403,
  code: "http.no-token",
  message:
    "Calls cannot be made or ended over the API until there is a token: set token of [api], such as openssl rand -hex 24 makes, and restart.",
};
const WRONG_TOKEN: Denial = {
  status: 401,
  code: "http.wrong-token",
  message: "Show the token of [api]: Authorization: Bearer <token>.",
};

/**
 * Undefined: let in. Whoever is on this machine may read.
 * @param authorization the header
 */
export function checkAccess(
  { token, isLocal }: Access,
  authorization: string | undefined,
  writes: boolean,
): Denial | undefined {
  if (!writes && isLocal) return undefined;
  if (token === undefined) return NO_TOKEN;
  // RFC 9110, section 11.1: the scheme in any case.
  const shown = /^Bearer +(\S+)$/i.exec(authorization ?? "")?.[1];
  return shown !== undefined && areEqualSecrets(shown, token) ? undefined : WRONG_TOKEN;
}
