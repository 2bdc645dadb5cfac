import { decodeRecords } from '@switchyard/log';
import type { Queryable } from '@switchyard/persistence';

/** What the log's own numbers say, summed: no event is read for it, so that looking costs next to nothing. */
export interface Tally {
  /** Signals that have come to their end: refused, or their parent order completed. */
  readonly ended: number;
  /** Of these, what the journal has stored too: only then the work is done. */
  readonly journaled: number;
}

const ENDS = ['SignalRejected', 'OrderCompleted'];

export const tally = async (db: Queryable): Promise<Tally> => {
  const { rows } = await db.query<{ ended: number | null; journaled: number | null }>(TALLY, [ENDS]);
  const [row] = rows;
  return { ended: row?.ended ?? 0, journaled: row?.journaled ?? 0 };
};

const TALLY = {
  name: 'bench_tally',
  text: `
    SELECT (SELECT sum(last_sequence)::float8 FROM log.heads WHERE topic = ANY ($1)) AS ended,
           (SELECT sum(sequence)::float8 FROM log.watermarks WHERE group_name = 'journal' AND topic = ANY ($1)) AS journaled`,
};

/** Parent orders by status as the journal shows them, and refusals by code, an example of each told: what became of the load. */
export const endings = async (
  db: Queryable,
  since: Date,
  tell: (example: string) => void,
): Promise<ReadonlyMap<string, number>> => {
  const found = new Map<string, number>();
  const add = (name: string, count: number): void => {
    found.set(name, (found.get(name) ?? 0) + count);
  };
  const { rows: orders } = await db.query<{ status: string; count: number }>(
    `SELECT status, count(*)::float8 AS count FROM journal.orders WHERE order_id = parent_order_id AND created_at >= $1 GROUP BY status`,
    [since],
  );
  for (const { status, count } of orders) add(status, count);
  const { rows: refused } = await db.query<{ records: Buffer }>(
    `SELECT records FROM log.batches WHERE topic IN ('SignalRejected', 'OrderFailed') AND created_at >= $1`,
    [since],
  );
  for (const { records } of refused)
    for (const { type, value } of decodeRecords(records)) {
      const text = Buffer.from(value).toString();
      const { code } = JSON.parse(text) as { readonly code: string };
      const name = `${type === 'OrderFailed' ? 'failed' : 'refused'} ${code}`;
      if (!found.has(name)) tell(text.slice(0, 1_000));
      add(name, 1);
    }
  return found;
};

/** Mean bytes of an event as stored, by topic. */
export const eventBytes = async (db: Queryable): Promise<ReadonlyMap<string, number>> => {
  const { rows } = await db.query<{ topic: string; bytes: number }>(
    `SELECT topic, sum(length(records))::float8 / sum(last_sequence - first_sequence + 1)::float8 AS bytes FROM log.batches GROUP BY topic`,
  );
  return new Map(rows.map(({ topic, bytes }) => [topic, Math.round(bytes)]));
};
