/** What is known at once, or what a database has yet to say. */
export type Answer<T> = T | Promise<T>;

/** The users that may register, wherever they are kept. */
export interface UserDirectory {
  /** Whether this is the user's password; false too for nobody. Takes the same time for both. */
  verify(user: string, password: string): Answer<boolean>;
  has(user: string): Answer<boolean>;
}

/** What `use` makes of an answer: at once where it is known, so that nothing comes between. */
export function whenAnswered<T, Used>(answer: Answer<T>, use: (value: T) => Used): Answer<Used> {
  return answer instanceof Promise ? answer.then(use) : use(answer);
}
