import { setTimeout as delay } from 'node:timers/promises';
import { decodeRecords, parseSource, type StoredBatch } from '@switchyard/log';
import type { Database, Tx } from '@switchyard/persistence';
import { EXIT, Failure } from './failure.js';

export interface Missing {
  /** `deployment/shard/generation`, as the alert names it. */
  readonly source: string;
  readonly topic: string;
  readonly partition: number;
  /** The first number that its readers have not seen. */
  readonly from: number;
}

export interface Republished {
  readonly events: number;
  /** The last number sent. */
  readonly through: number;
}

/** Batches read at a time. */
const PAGE = 200;

/**
 * Sends a source's stored events of one topic and partition again, from a number on, to the end of the broker's log: readers who miss one
 * take it there, and all that follow it; who has them drops them by their numbers (ADR 4).
 *
 * The source's shard is locked meanwhile, so that nothing new of it can come between: what a reader meets behind a gap it doesn't keep.
 * `settleMs` lets what its owner was sending arrive first.
 *
 * Throws `Failure` where nothing of it is stored, or its first events are not stored any more.
 */
export const republish = (
  db: Database,
  missing: Missing,
  send: (batches: readonly StoredBatch[]) => Promise<void>,
  settleMs: number,
): Promise<Republished> =>
  db.transaction(async (tx) => {
    await lockShard(tx, missing);
    await delay(settleMs);
    let [events, through] = [0, missing.from - 1];
    for (;;) {
      const batches = await storedAfter(tx, missing, through);
      const [first] = batches;
      if (first === undefined) break;
      if (first.firstSequence > through + 1) throw notStored(missing, through + 1, first.firstSequence - 1);
      await send(batches);
      const last = batches.at(-1) ?? first;
      events += batches.reduce((sum, { records }) => sum + records.length, 0);
      through = last.firstSequence + last.records.length - 1;
    }
    if (events === 0) throw notStored(missing, missing.from, undefined);
    return { events, through };
  });

const lockShard = async (tx: Tx, { source }: Missing): Promise<void> => {
  const parsed = parseSource(source);
  if (parsed === undefined)
    throw new Failure(EXIT.usage, `"${source}" is no source: it is DEPLOYMENT/SHARD/GENERATION, such as risk/7/1.`);
  const { rowCount } = await tx.query(
    'SELECT FROM log.shards WHERE deployment = $1 AND partition = $2 AND generation = $3 FOR UPDATE',
    [parsed.deployment, parsed.shard, parsed.generation],
  );
  if (rowCount === 0) throw new Failure(EXIT.refused, `There is no source ${source} in this database.`);
};

/** Dense: a batch that doesn't follow the one before ends the page. */
const storedAfter = async (tx: Tx, missing: Missing, through: number): Promise<readonly StoredBatch[]> => {
  const { source, topic, partition } = missing;
  const { rows } = await tx.query<BatchColumns>(STORED, [topic, partition, source, through, PAGE]);
  const batches = rows.map((row) => ({
    source,
    topic,
    partition,
    batch: Number(row.batch),
    firstSequence: Number(row.first_sequence),
    records: decodeRecords(row.records),
  }));
  const hole = batches.findIndex(({ firstSequence }, i) => {
    const before = batches[i - 1];
    return before !== undefined && firstSequence !== before.firstSequence + before.records.length;
  });
  return hole < 0 ? batches : batches.slice(0, hole);
};

interface BatchColumns {
  readonly batch: string;
  readonly first_sequence: string;
  readonly records: Buffer;
}

const STORED = `
  SELECT batch, first_sequence, records FROM log.batches
  WHERE topic = $1 AND partition = $2 AND source = $3 AND last_sequence > $4 ORDER BY first_sequence LIMIT $5`;

const notStored = ({ source, topic, partition }: Missing, from: number, to: number | undefined): Failure =>
  new Failure(
    EXIT.refused,
    `${topic} ${from}${to === undefined ? ' and later' : ` to ${to}`} of ${source}, partition ${partition}, ${to === undefined ? 'are' : 'is'} not stored: nothing more was sent. What was sent on is kept for ten minutes; look for it in the audit trail, by its source and number.`,
    { from, ...(to === undefined ? {} : { to }) },
  );
