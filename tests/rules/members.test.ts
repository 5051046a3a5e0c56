import { expect, test } from "bun:test";
import { findUnusedMembers } from "./members.ts";
import { readSources } from "./source.ts";

/** What only tests look at, because nothing else would show what they are about. */
const FOR_TESTS = ["memberCount", "unwrittenCount"];

test("src uses each member of its classes and interfaces", async () => {
  const sources = await readSources("src/**/*.ts");
  const unused = findUnusedMembers(sources, sources).filter(
    ({ problem }) => !FOR_TESTS.some((name) => problem.endsWith(` ${name}`)),
  );
  expect(unused).toEqual([]);
});

const CLASS = {
  path: "src/a.ts",
  text: `export class Door {
  readonly #lock: Lock;
  width = 1;
  constructor(lock: Lock) {
    this.#lock = lock;
  }
  /** open, shut and width are only talked about here. */
  get isOpen(): boolean {
    return this.#lock.isOpen;
  }
  async open(): Promise<void> {}
  shut<T>(value: T): T {
    return value;
  }
}

export interface Lock {
  readonly isOpen: boolean;
  turn?(): void;
}
`,
};

test("members that nothing names are caught, those named in code and in templates are not", () => {
  expect(findUnusedMembers([CLASS], [CLASS]).map(({ line, problem }) => `${line} ${problem}`)).toEqual([
    "3 nothing uses width",
    "11 nothing uses open",
    "12 nothing uses shut",
    "19 nothing uses turn",
  ]);
  const user = {
    path: "src/b.ts",
    text: `const { width } = door;
await door.open();
print(\`\${door.shut(1)}\`);
lock.turn();
`,
  };
  expect(findUnusedMembers([CLASS], [CLASS, user])).toEqual([]);
});
