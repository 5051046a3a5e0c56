import { open, readdir, rename, rm } from "node:fs/promises";
import { basename, dirname } from "node:path";

/** `path` becomes `path.1`, that `path.2` and so on; at most `keptCount` of these are kept. */
export async function rotateFiles(path: string, keptCount: number): Promise<void> {
  const numbers = (await rotatedNumbers(path)).sort((left, right) => right - left);
  for (const number of numbers) {
    if (number >= keptCount) await rm(`${path}.${number}`, { force: true });
    else await rename(`${path}.${number}`, `${path}.${number + 1}`);
  }
  if (keptCount > 0) await rename(path, `${path}.1`);
  else await rm(path, { force: true });
}

/** The last whole lines of `path` and the rotated files before it, oldest first, up to about `maxBytes`. */
export async function readNewestLines(path: string, maxBytes: number): Promise<string> {
  const numbers = (await rotatedNumbers(path)).sort((left, right) => left - right);
  const paths = [path, ...numbers.map((number) => `${path}.${number}`)];
  let text = "";
  for (const file of paths) {
    if (text.length >= maxBytes) break;
    text = (await readTail(file, maxBytes - text.length)) + text;
  }
  return text;
}

async function rotatedNumbers(path: string): Promise<number[]> {
  const name = `${basename(path)}.`;
  const files = await readdir(dirname(path)).catch(() => []);
  return files
    .filter((file) => file.startsWith(name) && /^[1-9]\d{0,5}$/.test(file.slice(name.length)))
    .map((file) => Number(file.slice(name.length)));
}

/** From the first whole line on; empty for a file that is not there. */
async function readTail(path: string, maxBytes: number): Promise<string> {
  const file = await open(path, "r").catch(() => undefined);
  if (file === undefined) return "";
  try {
    const { size } = await file.stat();
    const start = Math.max(0, size - maxBytes);
    const bytes = new Uint8Array(size - start);
    const { bytesRead } = await file.read(bytes, 0, bytes.length, start);
    const text = new TextDecoder().decode(bytes.subarray(0, bytesRead));
    const whole = start === 0 ? text : text.slice(text.indexOf("\n") + 1);
    return whole === "" || whole.endsWith("\n") ? whole : `${whole}\n`;
  } finally {
    await file.close();
  }
}
