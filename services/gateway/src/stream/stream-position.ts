/**
 * How far somebody has read the audit trail: the last row of each chain. As an event's id it is opaque to clients: the rows in base 36,
 * chain 0 first, with dots between: `1-a.0.5k`.
 */
export type StreamPosition = ReadonlyMap<number, number>;

const VERSION = '1';
const MAX_CHAINS = 1_000;
const ID = /^1-[0-9a-z]{1,11}(\.[0-9a-z]{1,11})*$/;

export const writePosition = (position: StreamPosition): string => {
  const rows: string[] = [];
  for (const [chain, row] of position) {
    while (rows.length <= chain) rows.push('0');
    rows[chain] = row.toString(36);
  }
  return `${VERSION}-${rows.join('.')}`;
};

/** Undefined for anything that is not a position. */
export const readPosition = (id: string): StreamPosition | undefined => {
  if (!ID.test(id)) return undefined;
  const rows = id.slice(VERSION.length + 1).split('.');
  return rows.length > MAX_CHAINS ? undefined : new Map(rows.map((row, chain) => [chain, Number.parseInt(row, 36)]));
};
