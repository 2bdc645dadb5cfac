import { decodeRecords } from '@switchyard/log';
import type { Queryable, Tx } from '@switchyard/persistence';

/**
 * Keys that a stage can't go on with, and their events: what an operator sees of them and may do about them, from any process. The stage
 * itself handles what is released (runner.ts); nothing here handles an event.
 */
export interface ParkedKey {
  /** `parked-` and 32 hex digits: the same as long as the key stays parked, another one when it is parked again. */
  readonly id: string;
  /** The service whose stage can't go on. */
  readonly group: string;
  readonly partition: number;
  readonly key: string;
  /** What the stage said of the event that it could not handle. */
  readonly reason: string;
  /** RFC 3339 in UTC, microseconds: exact enough to go on after. */
  readonly since: string;
  /** How many events wait. */
  readonly events: number;
  /** How often the first of them was tried again. */
  readonly attempts: number;
  /** A release was asked for, and its owner has not come to it. */
  readonly releasing: boolean;
  /** The first event that waits: the one that could not be handled. */
  readonly first: ParkedEventRef | undefined;
}

/** An event by its place, without its content: the audit trail has that. */
export interface ParkedEventRef {
  readonly topic: string;
  readonly eventId: string;
  /** Absent for what a stranger wrote. */
  readonly source?: string;
  readonly sequence?: number;
}

export interface ParkedQuery {
  /** Only this key's. */
  readonly key?: string;
  /** Only what is older than this place in the list. */
  readonly after?: { readonly at: string; readonly id: string };
  readonly limit: number;
}

/** Newest first. */
export const listParked = async (db: Queryable, { key, after, limit }: ParkedQuery): Promise<readonly ParkedKey[]> => {
  const { rows } = await db.query<ParkedColumns>(LIST, [key ?? null, after?.at ?? null, after?.id ?? null, limit]);
  return rows.map(parkedKey);
};

export const findParked = async (db: Queryable, id: string): Promise<ParkedKey | undefined> => {
  const { rows } = await db.query<ParkedColumns>(FIND, [id]);
  return rows.map(parkedKey)[0];
};

export interface ParkedCount {
  readonly keys: number;
  readonly events: number;
}

/** How much is parked in each of these groups; groups with nothing are left out. */
export const countParked = async (
  db: Queryable,
  groups: readonly string[],
): Promise<ReadonlyMap<string, ParkedCount>> => {
  const { rows } = await db.query<{ group_name: string; keys: number; events: string }>(COUNT, [groups]);
  return new Map(rows.map(({ group_name, keys, events }) => [group_name, { keys, events: Number(events) }]));
};

/**
 * Asks the key's owner to handle its events in their order. Wake the owner after the commit (`LogHub.wakeOwner`); it looks every few
 * seconds by itself.
 * @returns whether the key was still parked
 */
export const releaseParked = async (tx: Tx, { group, partition, key }: ParkedKey): Promise<boolean> => {
  const { rowCount } = await tx.query(
    'UPDATE log.parked_keys SET release = true WHERE group_name = $1 AND partition = $2 AND key = $3',
    [group, partition, key],
  );
  return rowCount > 0;
};

export interface Discarded {
  /** At most `MAX_REFS` of them. */
  readonly refs: readonly ParkedEventRef[];
  readonly count: number;
  /** Events that still wait; they are released with it. */
  readonly left: number;
}

/** References to discarded events are bounded: an operator's act is one event of the log. */
export const MAX_REFS = 100;

/**
 * Drops the first event that waits, the one that can't be handled, or all of them, and releases what is left. Takes the shard's lock, as
 * the stage does, so that nothing is dropped that is being handled.
 * @returns undefined where the key is not parked any more, or its release is under way
 */
export const discardParked = async (
  tx: Tx,
  { id, group, partition, key }: ParkedKey,
  which: 'first' | 'all',
): Promise<Discarded | undefined> => {
  await tx.query('SELECT FROM log.shards WHERE deployment = $1 AND partition = $2 FOR UPDATE', [group, partition]);
  const now = await findParked(tx, id);
  if (now === undefined || now.releasing) return undefined;
  const { rows } = await tx.query<DroppedColumns>(DROP, [group, partition, key, which === 'all' ? null : 1, MAX_REFS]);
  const count = Number(rows[0]?.dropped ?? 0);
  const left = Math.max(0, now.events - count);
  await tx.query(left === 0 ? UNPARK : RELEASE_REST, [group, partition, key]);
  return { refs: rows.map(refOf), count, left };
};

interface EventColumns {
  readonly topic: string;
  readonly source: string | null;
  readonly sequence: string;
  readonly record: Buffer;
}

interface ParkedColumns {
  readonly id: string;
  readonly group_name: string;
  readonly partition: number;
  readonly key: string;
  readonly reason: string;
  readonly since: string;
  readonly release: boolean;
  readonly events: string;
  readonly attempts: number | null;
  readonly topic: string | null;
  readonly source: string | null;
  readonly sequence: string | null;
  readonly record: Buffer | null;
}

interface DroppedColumns extends EventColumns {
  readonly dropped: string;
}

const refOf = ({ topic, source, sequence, record }: EventColumns): ParkedEventRef => ({
  topic,
  eventId: decodeRecords(record)[0]?.id ?? '',
  ...(source === null ? {} : { source, sequence: Number(sequence) }),
});

const parkedKey = (row: ParkedColumns): ParkedKey => {
  const { topic, source, sequence, record } = row;
  return {
    id: row.id,
    group: row.group_name,
    partition: row.partition,
    key: row.key,
    reason: row.reason,
    since: row.since,
    events: Number(row.events),
    attempts: row.attempts ?? 0,
    releasing: row.release,
    first: topic === null || record === null ? undefined : refOf({ topic, source, sequence: sequence ?? '0', record }),
  };
};

const PARKED_ID = `'parked-' || left(encode(sha256(convert_to(
  k.group_name || '/' || k.partition || '/' || extract(epoch FROM k.parked_at) || '/' || k.key, 'UTF8')), 'hex'), 32)`;
const PARKED = `
  SELECT ${PARKED_ID} AS id, k.group_name, k.partition, k.key, k.reason, k.release, k.parked_at,
         to_char(k.parked_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS since
  FROM log.parked_keys k`;
const WITH_EVENTS = `
  SELECT p.*, waiting.events, head.attempts, head.topic, head.source, head.sequence, head.record
  FROM picked p
  CROSS JOIN LATERAL (
    SELECT count(*) AS events FROM log.parked_events e
    WHERE e.group_name = p.group_name AND e.partition = p.partition AND e.key = p.key
  ) waiting
  LEFT JOIN LATERAL (
    SELECT e.attempts, e.topic, e.source, e.sequence, e.record FROM log.parked_events e
    WHERE e.group_name = p.group_name AND e.partition = p.partition AND e.key = p.key ORDER BY e.id LIMIT 1
  ) head ON true`;

// Few keys are parked at any time: their ids are computed, not stored.
const LIST = `
  WITH picked AS (
    SELECT * FROM (${PARKED}) k
    WHERE ($1::text IS NULL OR k.key = $1)
      AND ($2::timestamptz IS NULL OR (k.parked_at, k.id COLLATE "C") < ($2::timestamptz, $3::text))
    ORDER BY k.parked_at DESC, k.id COLLATE "C" DESC LIMIT $4
  ) ${WITH_EVENTS} ORDER BY p.parked_at DESC, p.id COLLATE "C" DESC`;
const FIND = `WITH picked AS (SELECT * FROM (${PARKED}) k WHERE k.id = $1) ${WITH_EVENTS}`;
const COUNT = `
  SELECT k.group_name, count(*)::int AS keys,
         (SELECT count(*) FROM log.parked_events e WHERE e.group_name = k.group_name) AS events
  FROM log.parked_keys k WHERE k.group_name = ANY ($1) GROUP BY k.group_name`;
const DROP = `
  WITH dropped AS (
    DELETE FROM log.parked_events WHERE id = ANY (ARRAY (
      SELECT e.id FROM log.parked_events e WHERE e.group_name = $1 AND e.partition = $2 AND e.key = $3 ORDER BY e.id LIMIT $4
    )) RETURNING id, topic, source, sequence, record
  )
  SELECT topic, source, sequence, record, count(*) OVER () AS dropped FROM dropped ORDER BY id LIMIT $5`;
const UNPARK = 'DELETE FROM log.parked_keys WHERE group_name = $1 AND partition = $2 AND key = $3';
const RELEASE_REST = 'UPDATE log.parked_keys SET release = true WHERE group_name = $1 AND partition = $2 AND key = $3';
