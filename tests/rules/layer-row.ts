import { LAYERS, type Layer } from "./layers.ts";

/** The row of docs/architecture.md: each room stands to the right of all that it may import. */
export function renderLayerRow(layers: readonly Layer[] = LAYERS): string {
  const imports = joinParts(layers);
  const left = new Set(imports.keys());
  const columns: string[][] = [];
  while (left.size > 0) {
    const column = [...left].filter((room) => ![...(imports.get(room) ?? [])].some((name) => left.has(name)));
    if (column.length === 0) throw new Error(`a circle of rooms: ${[...left].join(", ")}`);
    for (const room of column) left.delete(room);
    columns.push(column.sort());
  }
  return `\`${columns.map((column) => column.join(", ")).join(" ← ")}\`\n`;
}

/** What each folder of src/ may import, its own parts left out: `servers/rtp` counts as `servers`. */
function joinParts(layers: readonly Layer[]): Map<string, Set<string>> {
  const imports = new Map<string, Set<string>>();
  for (const { at, layers: reached } of layers) {
    const room = roomOf(at);
    const all = imports.get(room) ?? new Set();
    for (const name of reached.map(roomOf)) if (name !== room) all.add(name);
    imports.set(room, all);
  }
  return imports;
}

function roomOf(at: string): string {
  return at.split("/")[0] ?? at;
}
