import { expect } from "bun:test";
import { TagType } from "../../../src/media/body/tag-frame.ts";
import { encodeFlvHeader, encodeTag } from "../../../src/protocols/flv/tag.ts";
import { runProcess, startProcess } from "../../peers/process.ts";
import { pathOf, requirePrograms } from "../../peers/programs.ts";
import { createClientNetwork } from "./client-network.ts";
import { startDistantPlayer, type TimedTag } from "./distant-player.ts";
import { KEY, NETWORK_TEST, passTime, startOpenGateway, urlsFrom } from "./laboratory.ts";

const GOP_FRAMES = 25;
const LINK_KILOBITS_PER_SECOND = 120;
const LINK_QUEUE_BYTES = 16_000;
const SETTLE_MS = 2000;
const MEASURED_MS = 12_000;
/** A key frame alone takes this link a good half second, and waits for what is before it. */
const LONGEST_DELAY_MS = 2500;

/** A test picture of 250 kbit/s with a key frame a second, and a tone. */
function publishCommand(url: string): string[] {
  return [
    ...[pathOf("ffmpeg"), "-v", "error", "-re", "-f", "lavfi", "-i", "testsrc2=size=320x240:rate=25"],
    ...["-f", "lavfi", "-i", "sine=frequency=440:sample_rate=8000"],
    ...["-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-pix_fmt", "yuv420p"],
    ...["-b:v", "250k", "-maxrate", "250k", "-bufsize", "60k", "-g", `${GOP_FRAMES}`, "-sc_threshold", "0"],
    ...["-c:a", "pcm_alaw", "-f", "flv", url],
  ];
}

requirePrograms(
  "ip",
  "network-namespaces",
  "curl",
  "ffmpeg",
)(
  "a link too narrow for video loses pictures up to the next key frame, and what arrives decodes",
  async () => {
    await using gateway = await startOpenGateway();
    await using _ = startProcess(publishCommand(gateway.urls.rtmp(KEY)));
    await using near = await createClientNetwork();
    await using far = await createClientNetwork();
    await using reference = await startDistantPlayer(near, "curl", urlsFrom(near, gateway).http);
    await using player = await startDistantPlayer(far, "curl", urlsFrom(far, gateway).http);
    await passTime(SETTLE_MS);
    far.narrow(LINK_KILOBITS_PER_SECOND, LINK_QUEUE_BYTES);
    const startMs = performance.now();
    await passTime(MEASURED_MS);

    const pictureCount = reference.tags.filter(isPicture).length;
    const delaysMs = delaysAgainst(
      reference.tags,
      player.tags.filter(({ atMs }) => atMs >= startMs),
    );
    const videoCount = player.tags.filter(isPicture).length;
    expect(Math.max(...delaysMs)).toBeLessThan(LONGEST_DELAY_MS);
    expect(videoCount).toBeLessThan(pictureCount - GOP_FRAMES);
    expect(videoCount).toBeGreaterThan(GOP_FRAMES);
    expectWholeGroups(player.tags, reference.tags);
    const recording = Buffer.concat([
      encodeFlvHeader({ audio: true, video: true }),
      ...player.tags.map((tag) => encodeTag(tag)),
    ]);
    const decode = [
      "-v",
      "warning",
      "-xerror",
      "-i",
      "pipe:0",
      "-fps_mode",
      "passthrough",
      "-f",
      "null",
      "-",
    ];
    const { stdout, stderr } = await runProcess([pathOf("ffmpeg"), ...decode], { stdin: recording });
    expect(stdout + stderr).toBe("");
  },
  NETWORK_TEST,
);

/** Sequence headers apart. */
function isPicture({ type, body }: TimedTag): boolean {
  return type === TagType.video && body[1] === 1;
}

function isKeyPicture(tag: TimedTag): boolean {
  return isPicture(tag) && (tag.body[0] ?? 0) >> 4 === 1;
}

/** How much later each tag came than the same one did to a player with nothing wrong. */
function delaysAgainst(reference: readonly TimedTag[], tags: readonly TimedTag[]): number[] {
  const cameAtMs = new Map(reference.map((tag) => [`${tag.type} ${tag.timestampMs}`, tag.atMs]));
  return tags.map((tag) => tag.atMs - (cameAtMs.get(`${tag.type} ${tag.timestampMs}`) ?? tag.atMs));
}

/** Every picture follows the one that it was coded after, or is a key picture. */
function expectWholeGroups(tags: readonly TimedTag[], reference: readonly TimedTag[]): void {
  const order = reference.filter(isPicture).map(({ timestampMs }) => timestampMs);
  let previous: number | undefined;
  for (const tag of tags.filter(isPicture)) {
    const place = order.indexOf(tag.timestampMs);
    if (place < 0) continue;
    if (previous !== undefined && place !== previous + 1) expect(isKeyPicture(tag)).toBe(true);
    previous = place;
  }
}
