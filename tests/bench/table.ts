/** Rows of text as aligned columns: the first two to the left, figures to the right. */
export function renderTable(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, cell.length);
  }
  const lines = rows.map((row) => {
    const cells = row.map((cell, column) => {
      const width = widths[column] ?? 0;
      return column < 2 ? cell.padEnd(width) : cell.padStart(width);
    });
    return `  ${cells.join("  ").trimEnd()}`;
  });
  return lines.join("\n");
}

/** A figure of three digits or so; `–` for what was not measured. */
export function formatFigure(value: number | undefined): string {
  if (value === undefined || Number.isNaN(value)) return "–";
  if (value === Number.POSITIVE_INFINITY) return "never";
  if (Math.abs(value) >= 100) return value.toFixed(0);
  return value.toFixed(Math.abs(value) >= 10 ? 1 : 2);
}

export function formatMegabytes(bytes: number): string {
  return formatFigure(bytes / 1e6);
}

export function formatPercent(share: number): string {
  return `${(share * 100).toFixed(0)} %`;
}
