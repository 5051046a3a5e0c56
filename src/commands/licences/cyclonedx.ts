import type { Notice } from "./notices.ts";

/**
 * A bill of materials as CycloneDX 1.5, JSON: the same for the same sources, so without a serial number and a time.
 * @param notices the gateway itself first
 */
export function renderCyclonedx([own, ...others]: readonly Notice[]): string {
  const bill = {
    $schema: "http://cyclonedx.org/schema/bom-1.5.schema.json",
    bomFormat: "CycloneDX",
    specVersion: "1.5",
    version: 1,
    metadata: { component: own && toComponent(own, "application") },
    components: others.map((notice) => toComponent(notice, "library")),
    dependencies: own && [{ ref: own.purl, dependsOn: others.map(({ purl }) => purl) }],
  };
  return `${JSON.stringify(bill, undefined, 2)}\n`;
}

function toComponent({ name, version, licence, url, purl }: Notice, type: "application" | "library") {
  return {
    type,
    "bom-ref": purl,
    name,
    ...(version === undefined ? {} : { version }),
    ...(licence === undefined ? {} : { licenses: [toLicence(licence)] }),
    purl,
    ...(url === undefined ? {} : { externalReferences: [{ type: "website", url }] }),
  };
}

/** One licence by its id; what is more than one is an expression. */
function toLicence(licence: string) {
  return licence.includes(" ") ? { expression: licence } : { license: { id: licence } };
}
