import { resolve } from "node:path";
import { type App, startApp } from "../app.ts";
import { systemClock } from "../clock.ts";
import { type LoadedConfig, loadConfig } from "../config/files/load-config.ts";
import { locateFiles } from "../config/files/locate-files.ts";
import { watchUsers } from "../config/files/watched-users.ts";
import { AppError, messageOf } from "../errors.ts";
import { createLogger, type Logger } from "../log.ts";
import { type Arguments, type Command, ExitCode, type Terminal } from "./command.ts";
import { CONFIG_OPTIONS, configFilesOf, listProblems, loadConfigOrComplain } from "./config-options.ts";
import { checkKeyPair } from "./key-pair-check.ts";
import { explainListenFailure } from "./listen-failure.ts";
import { quieten } from "./quiet-log.ts";
import { describeStart } from "./start-text.ts";
import { readWelcomeClip } from "./welcome-clip.ts";

export const serveCommand: Command = {
  name: "serve",
  summary: "run the gateway (the default)",
  positionals: [],
  options: CONFIG_OPTIONS,
  async run(typed, terminal) {
    const loaded = loadConfigOrComplain(typed, terminal);
    if (loaded === undefined) return ExitCode.failed;
    using quiet = quieten(
      createLogger({ level: loaded.config.log.level, write: terminal.complain }),
      systemClock,
    );
    const { log } = quiet;
    const ending = terminal.catchSignals((signal) => log.warn("signal", { signal, ignored: NO_RELOAD }));
    const badPair = checkKeyPair(loaded, terminal.cwd);
    if (badPair.length > 0) {
      terminal.complain(listProblems(badPair));
      return ExitCode.failed;
    }
    const clip = readWelcomeClip(loaded, terminal.cwd);
    const reasons = [...loaded.missingFiles, ...clip.problems, ...loaded.warnings];
    for (const reason of reasons) log.warn("config", { reason });

    const parts = { welcomeClip: clip.samples, readUsers: watchUsersOf(loaded, typed, terminal, log) };
    const start = () => startApp(loaded.config, log, systemClock, parts);
    const app = await startOrComplain(start, loaded, terminal);
    if (app === undefined) return ExitCode.failed;
    terminal.surviveBugs((thrown) => log.error("bug", { reason: messageOf(thrown), at: placeOf(thrown) }));
    terminal.print(describeStart(app.listening, loaded, typed));

    log.info("stop", { signal: await ending });
    await app[Symbol.asyncDispose]();
    log.info("stopped");
    return ExitCode.ok;
  },
};

/** Users that are added to the settings file, or removed from it, need no restart. */
function watchUsersOf(first: LoadedConfig, typed: Arguments, { cwd, env }: Terminal, log: Logger) {
  const names = configFilesOf(typed);
  const { ini } = locateFiles(names, cwd);
  return watchUsers({
    path: ini && resolve(cwd, ini),
    first,
    load: () => loadConfig({ ...names, cwd, env }),
    nowMs: systemClock.nowMs,
    onRefused: (problem) => log.warn("users.not-reread", { problem }),
  });
}

const NO_RELOAD = "settings cannot be reloaded yet; restart the gateway, which ends its calls";

async function startOrComplain(
  start: () => Promise<App>,
  { config }: LoadedConfig,
  terminal: Terminal,
): Promise<App | undefined> {
  try {
    return await start();
  } catch (thrown) {
    const reasons = explainListenFailure(config);
    if (reasons.length === 0 && thrown instanceof AppError) reasons.push(messageOf(thrown));
    if (reasons.length === 0) throw thrown;
    terminal.complain(reasons.map((reason) => `nway-wx: cannot start: ${reason}\n`).join(""));
    return undefined;
  }
}

/** The first line of the stack that names a place. */
function placeOf(thrown: unknown): string | undefined {
  return thrown instanceof Error ? /^\s*at (.*)/m.exec(thrown.stack ?? "")?.[1] : undefined;
}
