/** Whose certificate a client accepts: one of the public authorities', or of `ca` in their place, or anybody's. */
export type Trust = {
  /** PEM, of an authority or of the server itself. */
  readonly ca?: string;
  /** False for anybody's. */
  readonly rejectUnauthorized?: boolean;
};

export const PUBLIC_AUTHORITIES: Trust = {};
