/** A home of users that the command line changes. Names are compared exactly. */
export interface UserStore {
  /** Names with their secrets, sorted by name. */
  list(): Promise<readonly (readonly [name: string, secret: string])[]>;
  /** False, and nothing is changed, when the name is there already. */
  add(name: string, secret: string): Promise<boolean>;
  /** False when the name is not there. */
  remove(name: string): Promise<boolean>;
  /** False when the name is not there. */
  setSecret(name: string, secret: string): Promise<boolean>;
}
