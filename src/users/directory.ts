/** The users that may register, wherever they are kept. */
export interface UserDirectory {
  /** Whether this is the user's password; false too for nobody. Takes the same time for both. */
  verify(user: string, password: string): boolean | Promise<boolean>;
  has(user: string): boolean | Promise<boolean>;
}
