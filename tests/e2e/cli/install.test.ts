import { expect } from "bun:test";
import { cpSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { INSTALL_COMMANDS } from "../../../src/config/service-unit.ts";
import { createFolder } from "../../config/folder.ts";
import { EXECUTABLE } from "../../peers/gateway.ts";
import { type RunningProcess, startProcess } from "../../peers/process.ts";
import { pathOf, requirePrograms } from "../../peers/programs.ts";

/**
 * What a namespace gets of its own, so that nothing of this machine changes: /etc as a copy, /usr/local/bin and /var/lib
 * empty. Root's umask is the strictest.
 */
const OWN_FOLDERS = `
set -e
mount -t tmpfs own-etc "$PWD/etc"
cp -a /etc/. "$PWD/etc"
rm -rf "$PWD/etc/nway-wx"
sed -i /^nway-wx:/d "$PWD"/etc/passwd "$PWD"/etc/group "$PWD"/etc/shadow "$PWD"/etc/gshadow
mkdir -p "$PWD/etc/systemd/system"
mount --bind "$PWD/etc" /etc
mount -t tmpfs own-bin /usr/local/bin
mount -t tmpfs own-lib /var/lib
ip link set lo up
umask 077
`;

/** The commands that every reader is told to type, as they stand; there is no systemd to talk to. */
const INSTALL = INSTALL_COMMANDS.filter((command) => !command.startsWith("systemctl")).join("\n");

/** In a folder that only root may enter, as /root is. */
function installAnd(script: string, folder: string): RunningProcess {
  cpSync(EXECUTABLE, join(folder, "nway-wx"));
  return startProcess(
    [pathOf("unshare"), "--mount", "--net", "sh", "-c", `${OWN_FOLDERS}\n${INSTALL}\n${script}`],
    { cwd: folder, env: { PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" } },
  );
}

const installTest = requirePrograms("mount-namespaces", "network-namespaces", "ip");

installTest(
  "the install commands leave settings that the service's user can read, and nobody else",
  async () => {
    using folder = createFolder({ "etc/.keep": "" });
    const script = `
    stat -c '%U %G %a %n' /etc/nway-wx/*
    getent passwd nway-wx
    if setpriv --reuid nobody --clear-groups cat /etc/nway-wx/nway_wx.ini; then echo everybody reads it; fi
    if runuser -u nway-wx -- touch /etc/nway-wx/nway_wx.ini; then echo the service writes it; fi`;
    await using install = installAnd(script, folder.path);
    expect(await install.waitForExit()).toBe(0);
    expect(install.stdout()).toMatch(/^OK\nread, the strongest first:\n {2}\/etc\/nway-wx\/nway_wx\.ini$/m);
    expect(install.stdout()).toContain(
      "root nway-wx 644 /etc/nway-wx/nway-wx.service\n" +
        "root nway-wx 644 /etc/nway-wx/nway_wx.conf.xml\n" +
        "root nway-wx 640 /etc/nway-wx/nway_wx.ini\n",
    );
    expect(install.stdout()).toMatch(/^nway-wx:x:\d{1,3}:\d+::\/var\/lib\/nway-wx:\/usr\/sbin\/nologin$/m);
    expect(install.stdout()).not.toMatch(/everybody|the service/);
  },
);

installTest("the unit's command serves as the unit's user from the unit's folder", async () => {
  using folder = createFolder({ "etc/.keep": "" });
  const read = (key: string) => `$(sed -n 's/^${key}=//p' /etc/systemd/system/nway-wx.service)`;
  // What systemd makes of StateDirectory, User, Group and UMask.
  const script = `
    install -d -o nway-wx -g nway-wx "/var/lib/${read("StateDirectory")}"
    cd "${read("WorkingDirectory")}"
    umask "${read("UMask")}"
    echo installed
    exec setpriv --reuid "${read("User")}" --regid "${read("Group")}" --init-groups --no-new-privs ${read("ExecStart")}`;
  await using gateway = installAnd(script, folder.path);
  await gateway.waitForOutput(/installed[\s\S]*stop it/, 15_000);
  const status = readFileSync(`/proc/${gateway.pid}/status`, "utf8");
  expect(status).not.toMatch(/^(?:Uid|Gid):.*\b0\b/m);
  gateway.kill("SIGTERM");
  expect(await gateway.waitForExit()).toBe(0);
  expect(gateway.stderr()).not.toMatch(/ (?:warn|error) /);
});

requirePrograms(
  "mount-namespaces",
  "network-namespaces",
  "ip",
  "systemd-analyze",
)("systemd finds nothing wrong with the unit", async () => {
  using folder = createFolder({ "etc/.keep": "" });
  const script = "systemd-analyze verify --man=no --recursive-errors=no /etc/systemd/system/nway-wx.service";
  await using verify = installAnd(script, folder.path);
  expect(await verify.waitForExit()).toBe(0);
  expect(verify.stderr()).not.toContain("nway-wx.service:");
});
