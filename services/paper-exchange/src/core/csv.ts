import { readFileSync } from 'node:fs';

/** The folder of recordings: `data/`, beside `src/` and `dist/`. */
const dataFolder = new URL('../../data/', import.meta.url);

export const readRecording = (file: string): string => readFileSync(new URL(file, dataFolder), 'utf8');

export type CsvRow = Readonly<Record<string, string>>;

/** Rows of a plain CSV (a header, no quoting), by column name. */
export const readCsv = (file: string): readonly CsvRow[] => {
  const [header = '', ...lines] = readRecording(file).trimEnd().split('\n');
  const columns = header.trim().split(',');
  return lines.map((line) => {
    const cells = line.trim().split(',');
    return Object.fromEntries(columns.map((column, i) => [column, cells[i] ?? '']));
  });
};
