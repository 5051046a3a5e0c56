import { describe, expect, test } from "bun:test";
import { findPorts } from "./gateway.ts";
import { runProcess, startProcess } from "./process.ts";
import { installCommand, pathOf } from "./programs.ts";
import { waitFor, within } from "./wait.ts";

describe("startProcess", () => {
  test("captures both streams and the exit code", async () => {
    await using child = startProcess(["sh", "-c", "echo out; echo err >&2; exit 3"]);
    expect(await child.waitForExit()).toBe(3);
    expect([child.stdout(), child.stderr()]).toEqual(["out\n", "err\n"]);
  });

  test("hands bytes to standard input and back unharmed", async () => {
    const bytes = Uint8Array.from({ length: 100_000 }, (_, index) => index & 255);
    const { stdoutBytes } = await runProcess(["cat"], { stdin: bytes });
    expect(stdoutBytes).toEqual(bytes);
  });

  test("finds output that comes later, and says so when the program ends without it", async () => {
    await using child = startProcess(["sh", "-c", "read line; echo ready on $line"], {
      stdin: new TextEncoder().encode("9\n"),
    });
    expect((await child.waitForOutput(/ready on (\d+)/))[1]).toBe("9");
    await expect(child.waitForOutput(/never said/)).rejects.toThrow(/exited with 0 before \/never said\//);
  });

  test("ends the child when it goes out of scope", async () => {
    let pid = 0;
    {
      await using child = startProcess(["sleep", "600"]);
      pid = child.pid;
    }
    expect(() => process.kill(pid, 0)).toThrow();
  });

  test("throws with the output of a program that fails", async () => {
    await expect(runProcess(["sh", "-c", "echo no luck; exit 1"])).rejects.toThrow(/exited with 1:\nno luck/);
  });
});

describe("waitFor", () => {
  test("returns what the condition gives in the end", async () => {
    let polls = 0;
    expect(await waitFor("three polls", () => ++polls >= 3 && polls)).toBe(3);
  });

  test("names what never came", async () => {
    await expect(waitFor("godot", () => undefined, 10)).rejects.toThrow("waited 10 ms for godot");
    await expect(within("godot", new Promise(() => {}), 10)).rejects.toThrow("waited 10 ms for godot");
  });
});

test("each package is named once", () => {
  expect(installCommand(["ffmpeg", "ffprobe", "sox"])).toBe("apt-get install -y ffmpeg sox");
});

test("a program is found by its name, or the name is in the error", () => {
  expect(pathOf("sh")).toEndWith("/sh");
  expect(() => pathOf("no-such-program")).toThrow("no-such-program is not installed");
});

test("the gateway's ports are read from its log", () => {
  const log = [
    "2026-01-01T00:00:00.000Z info listen name=signaling addr=127.0.0.1:4001",
    "2026-01-01T00:00:00.000Z info listen name=rtmp addr=[::1]:4002",
    "2026-01-01T00:00:00.000Z info connect name=flv addr=127.0.0.1:4003",
  ].join("\n");
  expect(findPorts(log)).toEqual({ signaling: 4001, rtmp: 4002 });
});
