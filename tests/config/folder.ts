import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** A folder of its own with these files in it; disposing removes it. */
export function createFolder(
  files: Readonly<Record<string, string | Uint8Array>> = {},
): Disposable & { path: string } {
  const path = mkdtempSync(join(tmpdir(), "nway-wx-test-"));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(path, name)), { recursive: true });
    writeFileSync(join(path, name), content);
  }
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}
