import { expect, test } from "bun:test";
import type { Command, Terminal } from "../../src/commands/command.ts";
import { createHelpCommand, describeCommand, describeProgram } from "../../src/commands/help.ts";

const FILE_OPTION = { name: "file", value: "NAME", summary: "what to read" };
const base = { positionals: [], options: [], run: () => Promise.resolve(0) };
const READ: Command = {
  ...base,
  name: "read",
  summary: "read a file",
  options: [FILE_OPTION, { name: "loud", summary: "read it aloud" }],
};
const COPY: Command = {
  ...base,
  name: "copy",
  summary: "copy a file",
  positionals: ["FROM", "[TO]"],
  options: [FILE_OPTION],
  details: [["FROM", "what is copied"]],
  notes: ["Copies once.", "Then it ends."],
};

test("the program's help: commands, each option once with its commands, files, environment, signals, exit codes", () => {
  expect(describeProgram([READ, COPY])).toBe(`\
nway-wx: calls between WeChat mini-programs and telephones.

usage: nway-wx [COMMAND] [OPTIONS]

commands:
  read                     read a file
  copy FROM [TO]           copy a file

options:
  --file NAME              what to read (read, copy)
  --loud                   read it aloud (read)
  -h, --help               show this text; after a command, what it takes

files, the first folder that has one of them:
  conf/                    nway_wx.ini and nway_wx.conf.xml
  /etc/nway-wx/            nway_wx.ini and nway_wx.conf.xml
  none of them             built-in values: this machine only, sample users lihao and nway

environment, stronger than the files:
  NWAY_WX_<SECTION>_<KEY>  as in NWAY_WX_SERVER_ADDR=127.0.0.1:18123 for addr of [server]

signals, while serving:
  SIGTERM, SIGINT          the first ends calls in order and stops, the second stops at once
  SIGHUP, SIGUSR1, …       logged and ignored: to read changed settings, restart

exit codes:
  0                        done; the probe is green
  1                        refused settings, an address that is taken, a red probe, a call that cannot be made
  2                        wrong usage
`);
});

test("a command's help: usage, what its words are, notes, options", () => {
  expect(describeCommand(COPY)).toBe(`\
usage: nway-wx copy FROM [TO] [OPTIONS]

copy a file

  FROM                     what is copied

Copies once.
Then it ends.

options:
  --file NAME              what to read
`);
  expect(describeCommand({ ...COPY, options: [], details: [], notes: [] })).toBe(
    "usage: nway-wx copy FROM [TO]\n\ncopy a file\n",
  );
});

test("help shows the program, a command that is named and itself, and complains of another", async () => {
  const help = createHelpCommand([READ, COPY]);
  const ask = async (...positionals: string[]) => {
    const said = { out: "", err: "" };
    const terminal: Terminal = {
      print: (text) => (said.out += text),
      readInput: () => Promise.resolve(""),
      complain: (text) => (said.err += text),
      cwd: "/",
      env: {},
      catchSignals: () => Promise.reject(new Error("not here")),
      surviveBugs: () => {},
    };
    return { code: await help.run({ positionals, options: new Map() }, terminal), ...said };
  };
  expect(await ask()).toEqual({ code: 0, out: describeProgram([READ, COPY, help]), err: "" });
  expect(await ask("copy")).toEqual({ code: 0, out: describeCommand(COPY), err: "" });
  expect(await ask("help")).toEqual({ code: 0, out: describeCommand(help), err: "" });
  expect(await ask("cpy")).toEqual({ code: 2, out: "", err: 'nway-wx: there is no command "cpy"\n' });
});
