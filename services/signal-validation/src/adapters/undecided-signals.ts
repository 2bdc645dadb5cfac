import { decodeRecords, type LogRecord, type OutgoingRecord } from '@switchyard/log';
import { append } from '@switchyard/log-postgres';
import type { Database, Tx } from '@switchyard/persistence';
import { identityKey } from '@switchyard/signal';

const DEPLOYMENT = 'signal-validation';
const TOPIC = 'TradingSignalGenerated';

/** Rows looked at by one statement, and how many such rounds a sweep does at most. */
const ROUND = 2_000;
const ROUNDS = 10;
/** Undecided rows judged in one round. */
const JUDGED = 200;
/** Longest wait before a row is looked at again, milliseconds. */
const MAX_WAIT_MS = 600_000;

export interface UndecidedOptions {
  /** How long a signal may be undecided before it is looked at, milliseconds; doubled at each further time. */
  readonly afterMs: number;
  /** Events appended again by one sweep, at most: a stage that lags must not be buried under copies of what it has not come to. */
  readonly maxAgain: number;
  /** How often the events of one admission are appended again before it is left to a person. */
  readonly maxTries: number;
}

export interface Swept {
  readonly decided: number;
  /** Events appended once more. */
  readonly again: number;
  /** Admissions whose events wait in line, or for an operator: nothing is lost, nothing is appended. */
  readonly waiting: number;
  /** Admissions that were appended as often as may be. */
  readonly stuck: number;
}

/**
 * What the REST door admitted and nobody decided: looked for, and appended again (guarantee G1). A copy decides nothing twice: it carries
 * the same identity, and what was decided meanwhile is a repeat.
 *
 * 1. One process at a time sweeps, whichever comes first.
 * 2. An event that still waits in line is not appended again; its readers and its publisher are woken. Over the Postgres log, where the
 *    admission and its event are one commit, that is all there is to mend.
 * 3. What is parked waits for its operator: a copy would only wait behind it.
 * 4. At most `maxAgain` events a sweep, the oldest first; each admission half as often as before, and not more than `maxTries` times.
 */
export class UndecidedSignals {
  constructor(
    private readonly db: Database,
    private readonly wake: () => void,
    private readonly options: UndecidedOptions,
  ) {}

  async sweep(): Promise<Swept> {
    const total = { decided: 0, again: 0, waiting: 0, stuck: 0 };
    for (let round = 0; round < ROUNDS; round++) {
      const { whole, ...swept } = await this.db.transaction((tx) =>
        this.round(tx, this.options.maxAgain - total.again),
      );
      total.decided += swept.decided;
      total.again += swept.again;
      total.waiting += swept.waiting;
      total.stuck += swept.stuck;
      if (whole || swept.decided + swept.again + swept.waiting + swept.stuck === 0) break;
    }
    if (total.again + total.waiting > 0) this.wake();
    return total;
  }

  /** Signals that were admitted so long ago that a sweep would have seen them decided. */
  async count(): Promise<number> {
    const { rows } = await this.db.query<{ signals: string }>(OLD, [(this.options.afterMs * 2) / 1_000]);
    return Number(rows[0]?.signals ?? 0);
  }

  /** `whole`: everything that was due was looked at. */
  private async round(tx: Tx, allowed: number): Promise<Swept & { readonly whole: boolean }> {
    const { rows: locks } = await tx.query<{ mine: boolean }>(
      "SELECT pg_try_advisory_xact_lock(hashtext('switchyard:undecided-signals')) AS mine",
    );
    if (locks[0]?.mine !== true) return { decided: 0, again: 0, waiting: 0, stuck: 0, whole: true };
    const times = [this.options.afterMs / 1_000, MAX_WAIT_MS / 1_000];
    const { rows: counts } = await tx.query<{ examined: number; decided: number }>(FORGET_DECIDED, [...times, ROUND]);
    const { rows: overdue } = await tx.query<OverdueRow>(OVERDUE, [...times, JUDGED]);
    const { examined = 0, decided = 0 } = counts[0] ?? {};
    const judged = this.judge(overdue, allowed);
    const { outgoing, looked, copied, waiting, stuck } = judged;
    await tx.query(SEEN, [looked, copied]);
    await append(tx, DEPLOYMENT, outgoing);
    return { decided, again: outgoing.length, waiting, stuck, whole: examined < ROUND && overdue.length < JUDGED };
  }

  /** What is beyond the allowance is left as it is, for the next sweep. One admission always goes, however many signals it holds. */
  private judge(overdue: readonly OverdueRow[], allowed: number) {
    const outgoing: OutgoingRecord[] = [];
    const looked: string[] = [];
    const copied: string[] = [];
    let waiting = 0;
    let stuck = 0;
    for (const { place, partition, tries, undecided, in_line, records } of overdue) {
      if (in_line || undecided.length === 0) waiting += 1;
      else if (tries >= this.options.maxTries || records === null) stuck += 1;
      else {
        const copies = copiesOf(records, new Set(undecided));
        if (outgoing.length > 0 ? outgoing.length + copies.length > allowed : allowed <= 0) continue;
        for (const record of copies) outgoing.push({ shard: partition, topic: TOPIC, partition, record });
        copied.push(place);
      }
      looked.push(place);
    }
    return { outgoing, looked, copied, waiting, stuck };
  }
}

const copiesOf = (records: Buffer, undecided: ReadonlySet<string>): readonly LogRecord[] =>
  decodeRecords(records).filter(({ key, correlationId: signalId = '' }) =>
    [identityKey({ userId: key, signalId }), identityKey({ strategyId: key, signalId })].some((id) =>
      undecided.has(id),
    ),
  );

interface OverdueRow {
  /** The row's place in its table, for as long as the sweep's transaction lasts. */
  readonly place: string;
  readonly partition: number;
  readonly tries: number;
  /** Identity keys that are still only admitted, and whose user or strategy is not parked here. */
  readonly undecided: readonly string[];
  /** Neither read by the stage nor sent to the broker: the event will come. */
  readonly in_line: boolean;
  /** The events; null where the log has dropped them. */
  readonly records: Buffer | null;
}

const DUE = `a.seen_at < now() - make_interval(secs => $1::float8)
  AND a.seen_at < now() - make_interval(secs => least($1::float8 * power(2, a.tries), $2::float8))`;

const FORGET_DECIDED = {
  name: 'validation_forget_decided',
  text: `
    WITH due AS MATERIALIZED (SELECT a.ctid, a.keys FROM admissions a WHERE ${DUE} ORDER BY a.seen_at LIMIT $3),
    gone AS (
      DELETE FROM admissions a USING due
      WHERE a.ctid = due.ctid AND NOT EXISTS (
        SELECT FROM unnest(due.keys) AS k (key)
        JOIN documents d ON d.kind = 'identity' AND d.key = k.key AND d.doc::json ->> 'status' = 'admitted'
      )
      RETURNING 1
    )
    SELECT (SELECT count(*) FROM due)::int AS examined, (SELECT count(*) FROM gone)::int AS decided`,
};

// The Postgres log's readers note how far they read; a broker's publisher notes how far it sent.
const OVERDUE = {
  name: 'validation_overdue',
  text: `
    SELECT a.ctid::text AS place, a.partition, a.tries, b.records,
           ARRAY (
             SELECT k.key FROM unnest(a.keys) AS k (key)
             JOIN documents d ON d.kind = 'identity' AND d.key = k.key AND d.doc::json ->> 'status' = 'admitted'
             WHERE NOT EXISTS (
               SELECT FROM log.parked_keys p
               WHERE p.group_name = '${DEPLOYMENT}' AND p.partition = a.partition AND p.key = owner_of(k.key)
             )
           ) AS undecided,
           NOT EXISTS (
             SELECT FROM log.watermarks w
             WHERE w.group_name = '${DEPLOYMENT}' AND w.topic = '${TOPIC}' AND w.partition = a.partition
               AND w.origin = split_part(a.source, '/', 1) || '/' || split_part(a.source, '/', 2)
               AND (w.generation, w.sequence) >= (split_part(a.source, '/', 3)::int, a.last_sequence)
           ) AND NOT EXISTS (
             SELECT FROM log.shards s
             WHERE s.deployment = '${DEPLOYMENT}' AND s.partition = a.partition AND s.published_through >= a.batch
           ) AS in_line
    FROM admissions a
    LEFT JOIN log.batches b
      ON b.topic = '${TOPIC}' AND b.partition = a.partition AND b.source = a.source AND b.first_sequence = a.first_sequence
    WHERE ${DUE} ORDER BY a.seen_at LIMIT $3`,
};

const SEEN = {
  name: 'validation_seen',
  text: `UPDATE admissions a SET seen_at = now(), tries = a.tries + (a.ctid = ANY ($2::text[]::tid[]))::int
         WHERE a.ctid = ANY ($1::text[]::tid[])`,
};

const OLD = {
  name: 'validation_undecided',
  text: `SELECT coalesce(sum(cardinality(keys)), 0) AS signals FROM admissions
         WHERE admitted_at < now() - make_interval(secs => $1::float8)`,
};
