/** Columns by their heads; what is absent is a dash. */
export const table = (
  heads: readonly string[],
  rows: readonly (readonly unknown[])[],
  nothing = 'Nothing.',
): string => {
  if (rows.length === 0) return `${nothing}\n`;
  const cells = [heads, ...rows.map((row) => row.map(cell))];
  const widths = heads.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  return cells
    .map(
      (row) =>
        `${row
          .map((text, i) => text.padEnd(widths[i] ?? 0))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
};

/** Names and values, one a line. */
export const card = (fields: Readonly<Record<string, unknown>>): string => {
  const shown = Object.entries(fields).filter(([, value]) => value !== undefined);
  const width = Math.max(0, ...shown.map(([name]) => name.length));
  return shown.map(([name, value]) => `${name.padEnd(width)}  ${cell(value)}\n`).join('');
};

/** Control characters come from strangers: none may move the cursor, or make one line look like two. */
const cell = (value: unknown): string => {
  if (value === undefined || value === null || value === '') return '-';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, ' ');
};
