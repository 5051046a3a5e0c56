import { describe, expect } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { createFolder } from "../../config/folder.ts";
import { requirePrograms } from "../../peers/programs.ts";
import { listListeners, run, runBeside, startAlone } from "./own-network.ts";

const MANUAL = resolve(import.meta.dir, "../../fixtures/manual");
const FILES = ["nway_wx.ini", "nway_wx.conf.xml"] as const;
const namespaceTest = requirePrograms("ip", "network-namespaces");

describe("in an empty folder", () => {
  namespaceTest(
    "it runs, for this machine only, and the probe is green",
    async () => {
      using folder = createFolder();
      await using gateway = startAlone([], folder.path);
      await gateway.waitForOutput(/stop it/);
      expect(listListeners(gateway)).toEqual([
        "127.0.0.1:1935",
        "127.0.0.1:18123",
        "127.0.0.1:25535",
        "127.0.0.1:25560",
        "127.0.0.1:25580",
      ]);
      const probe = await runBeside(gateway, ["probe", "--seconds", "1"], folder.path);
      expect({ code: probe.code, stderr: probe.stderr }).toEqual({ code: 0, stderr: "" });
      expect(probe.stdout).toEndWith("GREEN: calls get through\n");
      gateway.kill("SIGTERM");
      expect(await gateway.waitForExit()).toBe(0);
      expect(readdirSync(folder.path)).toEqual([]);
    },
    20_000,
  );

  namespaceTest(
    "a second one says of each port that it is taken, and the first goes on",
    async () => {
      using folder = createFolder();
      await using gateway = startAlone([], folder.path);
      await gateway.waitForOutput(/stop it/);
      const second = await runBeside(gateway, ["serve"], folder.path);
      expect({ code: second.code, stdout: second.stdout }).toEqual({ code: 1, stdout: "" });
      for (const port of [1935, 18123, 25535, 25580]) {
        expect(second.stderr).toMatch(
          new RegExp(`^nway-wx: cannot start: 127\\.0\\.0\\.1:${port}, .* is taken by another program`, "m"),
        );
      }
      const probe = await runBeside(gateway, ["probe", "--seconds", "1"], folder.path);
      expect(probe.code).toBe(0);
    },
    20_000,
  );
});

describe("the manual's samples", () => {
  const copyOfManual = () =>
    createFolder(Object.fromEntries(FILES.map((name) => [name, readFileSync(join(MANUAL, name))])));

  namespaceTest(
    "serve as they stand",
    async () => {
      using folder = copyOfManual();
      await using gateway = startAlone(["--config", "nway_wx.ini"], folder.path);
      await gateway.waitForOutput(/stop it/);
      expect(gateway.stdout()).toContain("settings from nway_wx.ini, nway_wx.conf.xml");
      expect(listListeners(gateway)).toEqual([
        "0.0.0.0:1935",
        "0.0.0.0:18123",
        "0.0.0.0:25535",
        "127.0.0.1:25560",
        "127.0.0.1:25580",
      ]);
      // They send streams to the manual's own server, which is not to be reached from here.
      const elsewhere = await runBeside(gateway, ["probe", "--config", "nway_wx.ini"], folder.path);
      expect(elsewhere.code).toBe(1);
      expect(elsewhere.stderr).toMatch(/^RED: .*182\.61\.34\.55/m);
    },
    20_000,
  );

  namespaceTest(
    "carry calls once streams stay here",
    async () => {
      using folder = copyOfManual();
      await using gateway = startAlone(["--config", "nway_wx.ini"], folder.path, {
        NWAY_WX_SETTINGS_PUSH_TO_OTHER: "false",
      });
      await gateway.waitForOutput(/stop it/);
      const args = ["probe", "--config", "nway_wx.ini", "--seconds", "1"];
      expect(await runBeside(gateway, args, folder.path)).toMatchObject({ code: 0, stderr: "" });
    },
    20_000,
  );

  namespaceTest("pass check-config but for the two files of /opt that they name", async () => {
    using folder = copyOfManual();
    const { code, stderr } = await run(["check-config", "--config", "nway_wx.ini"], folder.path);
    expect(code).toBe(1);
    expect(stderr.match(/there is no file \S+/g)).toEqual([
      "there is no file /opt/welcome.wav",
      "there is no file /opt/welcome.h264",
    ]);
  });
});
