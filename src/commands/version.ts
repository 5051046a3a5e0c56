import { VERSION } from "../version.ts";
import { type Command, ExitCode } from "./command.ts";

export const versionCommand: Command = {
  name: "version",
  summary: "print the version of nway-wx and of Bun",
  positionals: [],
  options: [],
  async run(_, terminal) {
    terminal.print(`nway-wx ${VERSION} (Bun ${Bun.version}, ${process.platform}-${process.arch})\n`);
    return ExitCode.ok;
  },
};
