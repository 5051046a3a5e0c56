import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { renderGenerated } from "./generated-files.ts";

/** `make generate`: writes what generated-files.test.ts asks for. */
const root = resolve(import.meta.dir, "../..");
for (const { path, text } of renderGenerated(root)) writeFileSync(resolve(root, path), text);
