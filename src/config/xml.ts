import { quote, refuseKey } from "./keys.ts";
import { type Reading, ReadingBuilder } from "./reading.ts";
import { parseXml, type XmlNode } from "./xml-nodes.ts";

/** The section whose keys the XML's params are. */
const SECTION = "settings";
/** The name under which FreeSWITCH keeps the module's configuration. */
const CONFIGURATION_NAME = "nway_wx.conf";

/**
 * Reads FreeSWITCH-style module settings: the params of configuration/settings, alone or inside an include.
 * @param file names the file in problems and origins
 */
export function readXml(source: string, file: string): Reading {
  const reading = new ReadingBuilder();
  const roots = parseXml(source.replace(/^\ufeff/, "").replace(/\r\n?/g, "\n"));
  if ("what" in roots) {
    reading.refuse(`${file}:${roots.line}`, roots.what);
    return reading;
  }
  const [first] = roots;
  const documents = first?.tag === "include" ? first.children : roots;
  if (documents.length === 0) {
    reading.refuse(`${file}:1`, `there is no <configuration name="${CONFIGURATION_NAME}"> in it`);
  }
  const refuse = (node: XmlNode, what: string) => reading.refuse(`${file}:${node.line}`, what);
  const configurations = keepTag(documents, "configuration", refuse).filter((node) => hasName(node, refuse));
  const groups = configurations.flatMap(({ children }) => keepTag(children, "settings", refuse));
  const params = groups.flatMap(({ children }) => keepTag(children, "param", refuse));
  for (const param of params) readParam(param, `${file}:${param.line}`, reading);
  return reading;
}

type Refuse = (node: XmlNode, what: string) => void;

/** The elements called `tag`; anything else is refused. */
function keepTag(nodes: readonly XmlNode[], tag: string, refuse: Refuse): XmlNode[] {
  return nodes.filter((node) => {
    if (node.tag === tag) return true;
    const found = node.tag === "#text" ? "text" : `<${quote(node.tag).slice(1, -1)}>`;
    refuse(node, `found ${found} where only <${tag}> is allowed`);
    return false;
  });
}

function hasName(configuration: XmlNode, refuse: Refuse): boolean {
  const name = configuration.attributes.get("name") ?? "";
  if (name === CONFIGURATION_NAME) return true;
  refuse(configuration, `found configuration ${quote(name)}, expected name="${CONFIGURATION_NAME}"`);
  return false;
}

function readParam(node: XmlNode, origin: string, reading: ReadingBuilder): void {
  const odd = [...node.attributes.keys()].find((name) => name !== "name" && name !== "value");
  const key = node.attributes.get("name");
  if (odd !== undefined) {
    reading.refuse(origin, `unknown attribute ${quote(odd)} of param; allowed are name, value`);
  }
  if (key === undefined) {
    reading.refuse(origin, 'a param without a name: write <param name="…" value="…"/>');
    return;
  }
  const refused = refuseKey(SECTION, key);
  const value = node.attributes.get("value");
  if (refused !== undefined) reading.refuse(origin, refused);
  else if (value === undefined) {
    reading.refuse(origin, `[${SECTION}] ${key}: no value: write <param name="${key}" value="…"/>`);
  } else if (reading.claim(SECTION, key, origin)) {
    reading.add({ section: SECTION, key, text: value, origin });
  }
}
