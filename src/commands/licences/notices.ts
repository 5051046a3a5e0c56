import bun from "./bun-parts.json" with { type: "json" };
import packages from "./packages.json" with { type: "json" };

/** What the executable contains, and under which terms. */
export type Notice = {
  readonly name: string;
  /** Undefined where its bearer does not tell. */
  readonly version: string | undefined;
  /** An SPDX expression; undefined where its author declared none. */
  readonly licence: string | undefined;
  /** Undefined where its bearer does not tell. */
  readonly url: string | undefined;
  readonly text: string;
  /** A whole licence that `text` refers to, by its SPDX id; its wording is in `STANDARD_TEXTS`. */
  readonly standard: string | undefined;
  /** Its package URL. */
  readonly purl: string;
};

export const STANDARD_TEXTS: Readonly<Record<string, string>> = bun.standardTexts;

/** The gateway itself first, then the packages in it, then Bun and what Bun contains. */
export function listNotices(): Notice[] {
  const [own, ...others] = packages;
  return [
    ...(own === undefined ? [] : [toNotice(own, "generic")]),
    ...others.map((found) => toNotice(found, "npm")),
    ...bun.parts.map(({ name, licence, url, text, standard }): Notice => {
      const version = VERSIONS[name];
      return { name, version, licence, url, text, standard, purl: purlOfPart(name, version, url) };
    }),
  ];
}

/** Of Bun's parts, what Bun tells of them; of the others it tells at most a commit of somebody's copy. */
const VERSIONS: Readonly<Record<string, string | undefined>> = {
  Bun: Bun.version,
  ICU: process.versions.icu,
  SQLite: process.versions.sqlite,
};

/** Bun is known to scanners as npm's package. Without a version the place of the source tells most. */
function purlOfPart(name: string, version: string | undefined, url: string): string {
  if (version !== undefined)
    return `pkg:${name === "Bun" ? "npm" : "generic"}/${name.toLowerCase()}@${version}`;
  const repository = /^https:\/\/github\.com\/([^/]+\/[^/]+)$/.exec(url)?.[1];
  return repository === undefined
    ? `pkg:generic/${name.toLowerCase()}`
    : `pkg:github/${repository.toLowerCase()}`;
}

type Package = (typeof packages)[number];

/** In package URLs the @ of a scope is written as %40. */
function toNotice({ name, version, licence, url, text }: Package, type: "generic" | "npm"): Notice {
  const purl = `pkg:${type}/${name.replace("@", "%40")}@${version}`;
  return {
    name,
    version,
    licence: licence ?? undefined,
    url: url ?? undefined,
    text,
    standard: undefined,
    purl,
  };
}
