import { XMLParser, XMLValidator } from "fast-xml-parser";
import { messageOf } from "../errors.ts";

/** An element, or a text, whose tag is then `#text`. */
export type XmlNode = {
  readonly tag: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly XmlNode[];
  /** From 1; that of its element for a text. */
  readonly line: number;
};
export type XmlFault = { readonly line: number; readonly what: string };

const MAX_DEPTH = 20;
const ATTRIBUTE_PREFIX = "@";
const ATTRIBUTES = ":@";

const parser = new XMLParser({
  preserveOrder: true,
  captureMetaData: true,
  ignoreAttributes: false,
  attributeNamePrefix: ATTRIBUTE_PREFIX,
  parseTagValue: false,
  maxNestedTags: MAX_DEPTH,
});

/** The top-level elements of `text`, whose lines end in `\n`, or why it is refused. */
export function parseXml(text: string): readonly XmlNode[] | XmlFault {
  const findLine = createLineFinder(text);
  // No document type, so no entities of the file's own: none can expand without end or read another file.
  const declared = text.search(/<!(?:DOCTYPE|ENTITY)/i);
  if (declared >= 0) {
    return { line: findLine(declared), what: "a document type or entity declaration is not allowed" };
  }
  const outcome = XMLValidator.validate(text);
  if (outcome !== true) return { line: outcome.err.line, what: `not well-formed XML: ${outcome.err.msg}` };
  try {
    const nodes = listNodes(parser.parse(text), 1, findLine);
    return nodes.filter(({ tag }) => tag !== "?xml");
  } catch (thrown) {
    // The library throws on names such as __proto__ and on too deep nesting.
    return { line: 1, what: messageOf(thrown) };
  }
}

/** Takes the form that `preserveOrder` gives: in each node one member named by the tag, and `:@`. */
function listNodes(parsed: unknown, parentLine: number, findLine: (index: number) => number): XmlNode[] {
  if (!Array.isArray(parsed)) return [];
  return parsed.filter(isRecord).map((node) => {
    const tag = Object.keys(node).find((name) => name !== ATTRIBUTES) ?? "";
    const startIndex = readStartIndex(node);
    const line = startIndex === undefined ? parentLine : findLine(startIndex);
    return { tag, attributes: readAttributes(node), children: listNodes(node[tag], line, findLine), line };
  });
}

function readAttributes(node: Record<string | symbol, unknown>): Map<string, string> {
  const given = node[ATTRIBUTES];
  const named = Object.entries(isRecord(given) ? given : {});
  return new Map(named.map(([name, value]) => [name.slice(ATTRIBUTE_PREFIX.length), String(value)]));
}

/** Where `captureMetaData` noted the node's begin, under the library's symbol; texts have none. */
function readStartIndex(node: Record<string | symbol, unknown>): number | undefined {
  const [symbol] = Object.getOwnPropertySymbols(node);
  const position = symbol === undefined ? undefined : node[symbol];
  return isRecord(position) && typeof position.startIndex === "number" ? position.startIndex : undefined;
}

/** Gives the line, from 1, of an index into `text`. */
function createLineFinder(text: string): (index: number) => number {
  const starts = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return (index) => {
    let [low, high] = [0, starts.length];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((starts[middle] ?? 0) <= index) low = middle;
      else high = middle;
    }
    return low + 1;
  };
}

function isRecord(value: unknown): value is Record<string | symbol, unknown> {
  return typeof value === "object" && value !== null;
}
