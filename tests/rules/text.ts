import { findAll, maskComments, type Rule } from "./source.ts";

const MAX_LINES = 400;

/** Tables of data may be long; their names end in -table. */
export const checkFileLength: Rule = ({ path, text }) => {
  const lines = text.split("\n").length - 1;
  if (lines <= MAX_LINES || path.endsWith("-table.ts")) return [];
  return [{ path, line: lines, problem: `has ${lines} lines; at most ${MAX_LINES}` }];
};

export const checkSourceText: Rule = (source) => {
  const code = maskComments(source);
  return [
    ...findAll(code, /\bsetInterval\(/g, "setInterval drifts: use Clock.every"),
    ...findAll(code, /\bexport \* from\b/g, "import from the file itself, not through a barrel"),
    ...findAll(code, /\b(?:class|interface|type)\s+I[A-Z][a-z]\w*/g, "no I-prefix"),
    ...findAll(
      code,
      /\b(?:class|interface|type|function)\s+\w*(?:Manager|Helper|Utils?)\b/g,
      "name what it does",
    ),
    ...findAll(source, /\b(?:TODO|FIXME|XXX|HACK)\b/g, "do it, or leave it out"),
    ...findAll(source, /@ts-(?:ignore|nocheck|expect-error)\b/g, "let the types be right"),
  ];
};

const VAGUE_FILE = /\/(?:utils?|helpers?|common|misc|shared|index)(?:\.ts|\/)/;

export const checkFileName: Rule = ({ path }) =>
  VAGUE_FILE.test(path) ? [{ path, line: 1, problem: "name the file by what is in it" }] : [];

/** Where a test may wait by the clock, and the bench, whose generators pace real traffic. */
const WAITING = /^tests\/(peers\/wait\.ts$|bench\/)/;
/** The one place that decides what is skipped, and says why. */
const SKIPPING = ["tests/peers/programs.ts"];

export const checkTestText: Rule = (source) => {
  const code = maskComments(source);
  const imports = maskComments(source, { keepStrings: true });
  const asleep = /\bBun\.sleep(?:Sync)?\b|\bsetTimeout\(|\bsetInterval\(/g;
  const waiting = WAITING.test(source.path)
    ? []
    : [
        ...findAll(code, asleep, "wait for a condition: tests/peers/wait.ts"),
        ...findAll(
          imports,
          /["'](?:node:)?timers\/promises["']/g,
          "wait for a condition: tests/peers/wait.ts",
        ),
      ];
  const skipping = SKIPPING.includes(source.path)
    ? []
    : findAll(
        code,
        /\b(?:test|it|describe)\.(?:only|skip|todo|skipIf|todoIf|if|failing)\b/g,
        "run every test",
      );
  return [...waiting, ...skipping];
};

/** Parts of names of package registries and mirrors, written so that this file does not name one. */
const REGISTRY =
  /\bregistry\.[a-z]+\.(?:org|com|dev|cn)|\b(?:deb|security|cdn)\.debian\.(?:org|net)|\bnpm(?:mirror|js)\.(?:org|com)|\byarnpkg\.(?:org|com)/g;
const MACHINE_PATH = /(?<![\w.~}-])\/(?:work|root|home\/\w+|Users\/\w+)\//g;

export const checkCommittedText: Rule = (source) => [
  ...findAll(source, REGISTRY, "names a package registry"),
  ...findAll(source, MACHINE_PATH, "names a path of one machine"),
];
