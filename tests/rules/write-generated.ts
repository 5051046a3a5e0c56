import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { renderGenerated } from "./generated-files.ts";
import { ROOT } from "./source.ts";

/** `make generate`: writes what generated-files.test.ts asks for. */
for (const { path, text } of renderGenerated(ROOT)) writeFileSync(resolve(ROOT, path), text);
