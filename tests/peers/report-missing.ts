import { installCommand, missingPrograms } from "./programs.ts";

/** Run after the tests: says which programs tests were skipped for, or, as `--install-command`, only how to get them. */
const missing = missingPrograms();
if (process.argv.includes("--install-command")) {
  if (missing.length > 0) console.log(installCommand(missing));
} else if (missing.length > 0) {
  console.log(`skipped the tests that need ${missing.join(", ")}; to run them: ${installCommand(missing)}`);
}
