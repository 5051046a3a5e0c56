import { type Answer, type Directory, type User, whenAnswered } from "./directory.ts";

/** Asks one after the other until one knows the user. While one is unavailable, those behind it are not asked. */
export function chainDirectories(directories: readonly Directory[]): Directory {
  const findFrom = (index: number, name: string): Answer<User | undefined> => {
    const directory = directories[index];
    if (directory === undefined) return undefined;
    return whenAnswered(directory.find(name), (found) => found ?? findFrom(index + 1, name));
  };
  return { find: (name) => findFrom(0, name) };
}
