import { dirname, join, normalize } from "node:path/posix";
import { findImports } from "./imports.ts";
import { findAll, maskComments, type Source, type Violation } from "./source.ts";

/** What a layer may reach besides itself. The first layer whose folder or file a path lies in counts. */
export type Layer = {
  readonly at: string;
  readonly layers: readonly string[];
  readonly packages?: readonly string[];
  /** May use Bun, Node.js and the process. */
  readonly runtime?: boolean;
  /** May read the time and set timers by itself; everyone else has the Clock. */
  readonly time?: boolean;
};

const GROUND = ["errors", "log", "clock", "addresses", "secrets", "bounded-map"];
const PURE = ["errors", "bytes", "codecs", "protocols"];
const MEDIA_AND_CALLS = [...GROUND, ...PURE, "media", "calls", "users", "records"];
const EVERYTHING = [
  ...MEDIA_AND_CALLS,
  "config",
  "servers",
  "telephone",
  "voice",
  "freeswitch",
  "probe",
  "commands",
  "app",
  "version",
];

/** The picture of the architecture: imports point from a row to rows above it. */
export const LAYERS: readonly Layer[] = [
  { at: "errors", layers: [] },
  { at: "version", layers: [] },
  { at: "clock", layers: [], runtime: true, time: true },
  { at: "addresses", layers: [], runtime: true },
  { at: "secrets", layers: [], runtime: true },
  { at: "bounded-map", layers: [] },
  { at: "log", layers: ["clock"], runtime: true },
  { at: "bytes", layers: ["errors"] },
  { at: "codecs", layers: ["errors", "bytes"] },
  { at: "protocols/signaling", layers: ["errors", "bytes", "protocols"], packages: ["zod"] },
  { at: "protocols", layers: ["errors", "bytes", "codecs"] },
  {
    at: "config/files",
    layers: [...GROUND, "config"],
    packages: ["zod", "ini", "fast-xml-parser"],
    runtime: true,
  },
  { at: "config/database-target", layers: [] },
  // node:net only for isIP, which opens nothing.
  {
    at: "config",
    layers: [...GROUND, "config/database-target"],
    packages: ["zod", "ini", "fast-xml-parser", "node:net"],
  },
  { at: "media", layers: [...GROUND, "bytes", "codecs"] },
  { at: "calls", layers: [...GROUND, ...PURE, "media", "users"] },
  { at: "users", layers: [...GROUND, "bytes", "config/database-target"], runtime: true },
  { at: "records", layers: GROUND, packages: ["zod"], runtime: true },
  // What telephones need of a switch and of RTP.
  { at: "telephone/switch", layers: ["calls"] },
  { at: "telephone/rtp-port", layers: ["log", "media", "protocols"] },
  { at: "telephone", layers: [...MEDIA_AND_CALLS, "telephone"] },
  { at: "freeswitch", layers: [...MEDIA_AND_CALLS, "telephone/switch"], packages: ["esl"], runtime: true },
  { at: "servers/http", layers: [...MEDIA_AND_CALLS, "servers"], packages: ["zod", "hono"], runtime: true },
  { at: "servers/rtp", layers: [...MEDIA_AND_CALLS, "telephone/rtp-port"], runtime: true },
  { at: "servers", layers: MEDIA_AND_CALLS, runtime: true },
  { at: "voice", layers: [...MEDIA_AND_CALLS, "servers", "telephone"], runtime: true },
  { at: "probe", layers: [...MEDIA_AND_CALLS, "config"], runtime: true, time: true },
  { at: "app", layers: EVERYTHING.filter((layer) => layer !== "commands"), runtime: true },
  { at: "commands", layers: EVERYTHING, runtime: true },
  { at: "main", layers: EVERYTHING, runtime: true },
];

export function checkLayers(source: Source): Violation[] {
  const layer = layerOf(source.path);
  if (layer === undefined)
    return [{ path: source.path, line: 1, problem: "is in no layer of tests/rules/layers.ts" }];
  return [
    ...findImports(source).flatMap(({ specifier, line }) => {
      const problem = judgeImport(layer, source.path, specifier);
      return problem === undefined ? [] : [{ path: source.path, line, problem }];
    }),
    ...checkGlobals(layer, maskComments(source)),
  ];
}

function judgeImport(layer: Layer, from: string, specifier: string): string | undefined {
  if (specifier.startsWith(".")) return judgeRelativeImport(layer, from, specifier);
  if (/^(node:|bun$|bun:)/.test(specifier)) {
    return layer.runtime || layer.packages?.includes(specifier)
      ? undefined
      : `${layer.at} may not import ${specifier}`;
  }
  const name = specifier.split("/")[0] ?? "";
  return layer.packages?.includes(name) ? undefined : `${layer.at} may not import the package ${name}`;
}

function judgeRelativeImport(layer: Layer, from: string, specifier: string): string | undefined {
  if (!/\.(ts|json|ini|xml|html|css|txt|wav|h264)$/.test(specifier))
    return `${specifier} needs its extension`;
  const target = normalize(join(dirname(from), specifier));
  if (!target.startsWith("src/")) return undefined;
  const reached = layerOf(target);
  if (reached === undefined) return undefined;
  const allowed = reached === layer || layer.layers.some((name) => isWithin(reached.at, name));
  return allowed ? undefined : `${layer.at} may not import ${reached.at}`;
}

function checkGlobals(layer: Layer, code: Source): Violation[] {
  const found: Violation[] = [];
  if (!layer.runtime) found.push(...findAll(code, RUNTIME_GLOBALS, `${layer.at} may not touch the runtime`));
  if (!layer.time) found.push(...findAll(code, TIME_GLOBALS, "take the time from Clock"));
  if (isWithin(layer.at, "codecs") || isWithin(layer.at, "protocols")) {
    found.push(...findAll(code, CHANCE, `${layer.at} takes chance as an argument`));
  }
  return found;
}

const RUNTIME_GLOBALS = /\bBun\.|\bprocess\.|\bBuffer\.|\bfetch\(|\bnew WebSocket\(|\bconsole\./g;
const TIME_GLOBALS =
  /\bsetTimeout\(|\bsetInterval\(|\bsetImmediate\(|\bDate\.now\b|\bnew Date\(\)|\bperformance\.|\bBun\.sleep|\bBun\.nanoseconds/g;
const CHANCE = /\bcrypto\.|\bMath\.random\b/g;

function layerOf(path: string): Layer | undefined {
  return LAYERS.find(({ at }) => path === `src/${at}.ts` || path.startsWith(`src/${at}/`));
}

function isWithin(at: string, layer: string): boolean {
  return at === layer || at.startsWith(`${layer}/`);
}
