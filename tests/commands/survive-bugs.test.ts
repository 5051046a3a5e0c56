import { expect, test } from "bun:test";
import { join } from "node:path";

const MODULE = join(import.meta.dir, "../../src/commands/survive-bugs.ts");

/** In a process of its own: this one's fate is the question. */
async function runOdd(script: string): Promise<{ output: string; exitCode: number }> {
  const source = `
    import { surviveBugs } from ${JSON.stringify(MODULE)};
    surviveBugs(process, (thrown) => console.log("reported", thrown.message));
    setTimeout(() => console.log("alive"), 20);
    ${script}`;
  const child = Bun.spawn([process.execPath, "-e", source], { stdout: "pipe", stderr: "ignore" });
  return { output: await new Response(child.stdout).text(), exitCode: await child.exited };
}

test.each([
  ["a timer", `setTimeout(() => { throw new Error("oops") }, 1);`],
  ["a promise", `Promise.reject(new Error("oops"));`],
])("what %s throws is reported, and the process goes on", async (_, script) => {
  expect(await runOdd(script)).toEqual({ output: "reported oops\nalive\n", exitCode: 0 });
});
