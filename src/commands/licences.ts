import { type Command, ExitCode } from "./command.ts";
import { renderCyclonedx } from "./licences/cyclonedx.ts";
import { listNotices, STANDARD_TEXTS } from "./licences/notices.ts";
import { renderNotices } from "./licences/render-notices.ts";

export const licencesCommand: Command = {
  name: "licences",
  summary: "print the licences of everything that this executable contains",
  positionals: [],
  options: [{ name: "cyclonedx", summary: "print a bill of materials instead, as CycloneDX 1.5" }],
  async run({ options }, terminal) {
    const notices = listNotices();
    terminal.print(
      options.has("cyclonedx") ? renderCyclonedx(notices) : renderNotices(notices, STANDARD_TEXTS),
    );
    return ExitCode.ok;
  },
};
