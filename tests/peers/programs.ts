import { type Test, test } from "bun:test";
import { existsSync } from "node:fs";
import { Glob } from "bun";

/** What tests may need besides Bun: the Debian packages that give it, and how to see that it is there. */
type Program = { readonly packages: readonly string[]; readonly present: () => boolean };

const GSTREAMER = ["gstreamer1.0-tools", "gstreamer1.0-plugins-base", "gstreamer1.0-plugins-good"];

/** The folders of its programs, which Debian keeps off the path. */
export const POSTGRESQL = [
  ...new Glob("/usr/lib/postgresql/*/bin/").scanSync({ onlyFiles: false, absolute: true }),
];

const PROGRAMS = {
  ffmpeg: { packages: ["ffmpeg"], present: () => onPath("ffmpeg") },
  ffprobe: { packages: ["ffmpeg"], present: () => onPath("ffprobe") },
  gstreamer: { packages: GSTREAMER, present: () => onPath("gst-launch-1.0") && onPath("gst-inspect-1.0") },
  rtmp2sink: { packages: [...GSTREAMER, "gstreamer1.0-plugins-bad"], present: () => hasElement("rtmp2sink") },
  rtmp2src: { packages: [...GSTREAMER, "gstreamer1.0-plugins-bad"], present: () => hasElement("rtmp2src") },
  rtmpsink: { packages: [...GSTREAMER, "gstreamer1.0-plugins-bad"], present: () => hasElement("rtmpsink") },
  x264enc: { packages: [...GSTREAMER, "gstreamer1.0-plugins-ugly"], present: () => hasElement("x264enc") },
  avenc_aac: { packages: [...GSTREAMER, "gstreamer1.0-libav"], present: () => hasElement("avenc_aac") },
  voaacenc: { packages: [...GSTREAMER, "gstreamer1.0-plugins-bad"], present: () => hasElement("voaacenc") },
  avdec_aac: { packages: [...GSTREAMER, "gstreamer1.0-libav"], present: () => hasElement("avdec_aac") },
  faad: { packages: ["faad"], present: () => onPath("faad") },
  rtmpdump: { packages: ["rtmpdump"], present: () => onPath("rtmpdump") },
  librtmp: { packages: ["librtmp-dev"], present: () => existsSync("/usr/include/librtmp/rtmp.h") },
  gcc: { packages: ["gcc", "libc6-dev"], present: () => onPath("gcc") },
  "nginx-rtmp": {
    packages: ["nginx", "libnginx-mod-rtmp"],
    present: () => onPath("nginx") && existsSync("/usr/lib/nginx/modules/ngx_rtmp_module.so"),
  },
  "espeak-ng": { packages: ["espeak-ng"], present: () => onPath("espeak-ng") },
  baresip: { packages: ["baresip-core"], present: () => onPath("baresip") },
  sipp: { packages: ["sip-tester"], present: () => onPath("sipp") },
  sox: { packages: ["sox"], present: () => onPath("sox") },
  ip: { packages: ["iproute2"], present: () => onPath("ip") },
  nft: { packages: ["nftables"], present: () => onPath("nft") },
  script: { packages: ["bsdutils"], present: () => onPath("script") },
  postgresql: { packages: ["postgresql"], present: () => POSTGRESQL.length > 0 },
  mariadb: {
    packages: ["mariadb-server"],
    present: () => onPath("mariadbd") && onPath("mariadb-install-db"),
  },
  openssl: { packages: ["openssl"], present: () => onPath("openssl") },
  curl: { packages: ["curl"], present: () => onPath("curl") },
  chromium: { packages: ["chromium"], present: () => onPath("chromium") },
  /** Root, and a kernel that lets it make network namespaces. */
  "network-namespaces": { packages: ["util-linux"], present: () => succeeds(["unshare", "--net", "true"]) },
  /** Root, and a kernel that lets it mount what only its own processes see. */
  "mount-namespaces": { packages: ["util-linux"], present: () => succeeds(["unshare", "--mount", "true"]) },
  "systemd-analyze": { packages: ["systemd"], present: () => onPath("systemd-analyze") },
  /** The kernel's tun module; containers often lack the device. */
  tun: { packages: ["kmod"], present: () => existsSync("/dev/net/tun") },
} satisfies Record<string, Program>;

export type ProgramName = keyof typeof PROGRAMS;

const SEARCH_PATH = `${process.env.PATH ?? ""}:/usr/sbin:/sbin`;
const presence = new Map<ProgramName, boolean>();

/**
 * The `test` for what needs these programs: it skips visibly where one is missing. With REQUIRE_ALL_PROGRAMS=1, as CI
 * sets it, a missing program throws instead.
 */
export function requirePrograms(...names: readonly ProgramName[]): Test<[]> {
  const missing = names.filter((name) => !isPresent(name));
  if (missing.length > 0 && process.env.REQUIRE_ALL_PROGRAMS === "1") {
    throw new Error(`${missing.join(", ")} missing: ${installCommand(missing)}`);
  }
  return test.skipIf(missing.length > 0);
}

/** Where Debian put a program; also looks in the sbin folders, which are not on everyone's path. */
export function pathOf(program: string): string {
  const path = Bun.which(program, { PATH: SEARCH_PATH });
  if (path === null) throw new Error(`${program} is not installed`);
  return path;
}

export function missingPrograms(): ProgramName[] {
  return Object.keys(PROGRAMS)
    .filter(isProgramName)
    .filter((name) => !isPresent(name));
}

/** All that tests may need, or what `names` need: `apt-get install -y …`, each package once. */
export function installCommand(names: readonly ProgramName[]): string {
  const packages = new Set(names.flatMap((name) => PROGRAMS[name].packages));
  return `apt-get install -y ${[...packages].join(" ")}`;
}

function isProgramName(name: string): name is ProgramName {
  return name in PROGRAMS;
}

function isPresent(name: ProgramName): boolean {
  const known = presence.get(name);
  if (known !== undefined) return known;
  const present = PROGRAMS[name].present();
  presence.set(name, present);
  return present;
}

function onPath(program: string): boolean {
  return Bun.which(program, { PATH: SEARCH_PATH }) !== null;
}

function hasElement(element: string): boolean {
  return onPath("gst-inspect-1.0") && succeeds(["gst-inspect-1.0", "--exists", element]);
}

function succeeds(command: string[]): boolean {
  const program = Bun.which(command[0] ?? "", { PATH: SEARCH_PATH });
  if (program === null) return false;
  return Bun.spawnSync([program, ...command.slice(1)], { stdout: "ignore", stderr: "ignore" }).success;
}
