import { findAll, maskComments, type Rule, type Source, type Violation } from "./source.ts";

const MAX_LINES = 300;
/** A test says one thing after another, so it is read in pieces. */
const MAX_TEST_LINES = 400;

/** Tables of data may be long; their names end in -table. */
export const checkFileLength: Rule = ({ path, text }) => {
  const lines = text.split("\n").length - 1;
  const most = path.startsWith("tests/") ? MAX_TEST_LINES : MAX_LINES;
  if (lines <= most || path.endsWith("-table.ts")) return [];
  return [{ path, line: lines, problem: `has ${lines} lines; at most ${most}` }];
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

/** Where the clock may be waited for: in the one polling loop, and where something is measured, or done, over a time. */
const WAITING = /^tests\/(?:peers\/wait\.ts$|(?:attack|bench)\/)/;
/** Timers that pace a peer's traffic are no sleep; a test file itself needs none at all. */
const SLEEP = /\bBun\.sleep(?:Sync)?\b|\bnew Promise\b[^;]*?\bsetTimeout\(/g;
const TIMER = /\bset(?:Timeout|Interval)\(/g;
const WAIT_ADVICE = "wait for a condition: tests/peers/wait.ts";
/** The one place that decides what is skipped, and says why. */
const SKIPPING = ["tests/peers/programs.ts"];

export const checkTestText: Rule = (source) => [
  ...(WAITING.test(source.path) ? [] : findSleeps(source)),
  ...(SKIPPING.includes(source.path) ? [] : findAll(maskComments(source), SWITCHED_OFF, "run every test")),
];

const SWITCHED_OFF = /\b(?:test|it|describe)\.(?:only|skip|todo|skipIf|todoIf|if|failing)\b/g;

function findSleeps(source: Source): Violation[] {
  const pattern = source.path.endsWith(".test.ts")
    ? new RegExp(`${SLEEP.source}|${TIMER.source}`, "g")
    : SLEEP;
  return [
    ...findAll(maskComments(source), pattern, WAIT_ADVICE),
    ...findAll(
      maskComments(source, { keepStrings: true }),
      /["'](?:node:)?timers\/promises["']/g,
      WAIT_ADVICE,
    ),
  ];
}

/** Parts of names of package registries and mirrors, written so that this file does not name one. */
const REGISTRY =
  /\bregistry\.[a-z]+\.(?:org|com|dev|cn)|\b(?:deb|security|cdn)\.debian\.(?:org|net)|\bnpm(?:mirror|js)\.(?:org|com)|\byarnpkg\.(?:org|com)/g;
const MACHINE_PATH = /(?<![\w.~}-])\/(?:work|root|home\/\w+|Users\/\w+)\//g;

export const checkCommittedText: Rule = (source) => [
  ...findAll(source, REGISTRY, "names a package registry"),
  ...findAll(source, MACHINE_PATH, "names a path of one machine"),
];
