import { createHash } from 'node:crypto';
import type { Tx } from '@switchyard/persistence';
import type { AuditRow } from '../audit/audit-row.js';
import { rowHash } from '../audit/row-hash.js';
import { bareArray, textArray } from './array-literal.js';

/** A statement's parameters stay below this, whatever a stranger's values weigh. */
const MAX_BYTES = 8 * 1024 * 1024;
const MAX_ROWS = 2_000;

/**
 * Appends rows at the ends of their chains. The heads are moved first: that locks them, and hands out the dense numbers that the
 * hashes cover. A chain has one writer because its partition has one owner (the stage's epoch); the row lock is the second net.
 *
 * What the door published twice is written once: strangers write beside it, so that no watermark tells a repeat (its publisher died
 * after it had sent, and its heir sent again; or it was not decided in time, and got new numbers), but the event's id and bytes do. The
 * numbers of the other copies are kept in `audit_repeats`.
 * @returns how many rows were written
 */
export const appendAudit = async (tx: Tx, all: readonly AuditRow[]): Promise<number> => {
  if (all.length === 0) return 0;
  const { rows, next } = await moveHeads(tx, withoutRepeats(all));
  if (rows.length < all.length) noteRepeats(tx, all, new Set(rows));
  for (let from = 0; from < rows.length;) {
    const until = endOfSlice(rows, from);
    const written = insert(tx, rows, from, until, next);
    // The last slice leaves with the commit; before it, one at a time bounds what waits in memory.
    if (until < rows.length) await written;
    from = until;
  }
  return rows.length;
};

/** Written at a door by ourselves: its id is the event's own. A stranger's record has an id made of its place in the log. */
const mayRepeat = ({ topic, source, signalId, userId }: AuditRow): boolean =>
  topic === DOOR && source?.startsWith('signal-validation/') === true && signalId !== undefined && userId !== undefined;

const DOOR = 'TradingSignalGenerated';

/** Both copies may come in one transaction. */
const withoutRepeats = (rows: readonly AuditRow[]): readonly AuditRow[] => {
  const seen = new Map<string, Uint8Array>();
  return rows.filter((row) => {
    if (!mayRepeat(row)) return true;
    const place = `${row.chain} ${row.eventId}`;
    const before = seen.get(place);
    if (before !== undefined && Buffer.compare(before, row.value) === 0) return false;
    seen.set(place, row.value);
    return true;
  });
};

const NOTE_REPEATS = {
  name: 'journal:repeats',
  text: `insert into audit_repeats (chain, topic, source, sequence, event_id, recorded_at)
         select r.chain, '${DOOR}', r.source, r.sequence, r.event_id, $5::timestamptz
         from (select unnest($1::int[]) as chain, unnest($2::text[]) as source, unnest($3::bigint[]) as sequence,
                      unnest($4::text[]) as event_id) r`,
};

/** Its failure is the transaction's: the commit throws it. */
const noteRepeats = (tx: Tx, all: readonly AuditRow[], written: ReadonlySet<AuditRow>): void => {
  const repeats = all.filter((row) => !written.has(row));
  void tx.query(NOTE_REPEATS, [
    bareArray(repeats.map(({ chain }) => chain)),
    textArray(repeats.map(({ source }) => source)),
    bareArray(repeats.map(({ sequence }) => sequence)),
    textArray(repeats.map(({ eventId }) => eventId)),
    repeats[0]?.recordedAt,
  ]);
};

const MOVE_HEADS = {
  name: 'journal:heads',
  text: `insert into audit_heads as h (chain, row) select * from unnest($1::int[], $2::bigint[])
         on conflict (chain) do update set row = h.row + excluded.row returning chain, row, null as known`,
};

/**
 * The same, where some rows may be in their chain already: those are found by their signal and user, which have few rows, and not counted.
 * `chain + 0`, because a plan made while the table was empty took the chain's own index and walked the whole chain for each row.
 * `known`: their numbers among the rows that were asked about, from 1.
 */
const MOVE_HEADS_OF_DOORS = {
  name: 'journal:heads-of-doors',
  text: `with known as materialized (
           select d.nr, d.chain
           from (select unnest($3::int[]) as chain, unnest($4::text[]) as signal_id, unnest($5::text[]) as event_id,
                        unnest($7::text[]) as user_id, generate_subscripts($3::int[], 1) as nr) d
           cross join lateral (
             select from audit a
             where a.signal_id = d.signal_id collate "C" and a.user_id = d.user_id collate "C" and a.chain + 0 = d.chain and a.event_id = d.event_id and a.topic = '${DOOR}'
               and sha256(a.value) = substring($6::bytea from d.nr * 32 - 31 for 32)
             limit 1
           ) a
         ), moved as (
           insert into audit_heads as h (chain, row)
           select n.chain, n.rows - (select count(*) from known k where k.chain = n.chain)
           from unnest($1::int[], $2::bigint[]) as n (chain, rows)
           on conflict (chain) do update set row = h.row + excluded.row returning chain, row
         )
         select m.chain, m.row, (select array_agg(k.nr) from known k where k.chain = m.chain) as known from moved m`,
};

interface MovedHead {
  readonly chain: number;
  readonly row: string;
  readonly known: readonly number[] | null;
}

/** What is to be written, and the number of each chain's next row. */
const moveHeads = async (
  tx: Tx,
  rows: readonly AuditRow[],
): Promise<{ readonly rows: readonly AuditRow[]; readonly next: Map<number, number> }> => {
  const counts = countsOf(rows);
  // Ascending, as everything that locks several of anything here.
  const chains = [...counts.keys()].sort((a, b) => a - b);
  const sizes = [bareArray(chains), bareArray(chains.map((chain) => counts.get(chain)))];
  const doors = rows.filter(mayRepeat);
  const moved =
    doors.length === 0
      ? await tx.query<MovedHead>(MOVE_HEADS, sizes)
      : await tx.query<MovedHead>(MOVE_HEADS_OF_DOORS, [
          ...sizes,
          bareArray(doors.map(({ chain }) => chain)),
          textArray(doors.map(({ signalId }) => signalId)),
          textArray(doors.map(({ eventId }) => eventId)),
          Buffer.concat(doors.map(({ value }) => createHash('sha256').update(value).digest())),
          textArray(doors.map(({ userId }) => userId)),
        ]);
  const known = new Set(moved.rows.flatMap((head) => (head.known ?? []).map((nr) => doors[nr - 1])));
  const fresh = known.size === 0 ? rows : rows.filter((row) => !known.has(row));
  const written = known.size === 0 ? counts : countsOf(fresh);
  return {
    rows: fresh,
    next: new Map(moved.rows.map(({ chain, row }) => [chain, Number(row) - (written.get(chain) ?? 0) + 1])),
  };
};

const countsOf = (rows: readonly AuditRow[]): Map<number, number> => {
  const counts = new Map<number, number>();
  for (const { chain } of rows) counts.set(chain, (counts.get(chain) ?? 0) + 1);
  return counts;
};

const endOfSlice = (rows: readonly AuditRow[], from: number): number => {
  let bytes = 0;
  let until = from;
  while (until < rows.length && until - from < MAX_ROWS) {
    bytes += rows[until]?.value.length ?? 0;
    if (bytes > MAX_BYTES && until > from) break;
    until += 1;
  }
  return until;
};

/** Values and hashes travel as two binary strings with offsets: bytea in an array would be written in hex, twice as long. */
const INSERT = {
  name: 'journal:audit',
  text: `insert into audit (chain, row, topic, key, user_id, signal_id, event_id, type, source, sequence, causation_id, time,
                            content_type, recorded_at, hash, value, reason)
         select r.chain, r.row, r.topic, r.key, r.user_id, r.signal_id, r.event_id, r.type, r.source, r.sequence, r.causation_id,
                r.time, r.content_type, $13::timestamptz, substring($14::bytea from r.nr::int * 32 - 31 for 32),
                substring($15::bytea from r.start for r.length), r.reason
         from (select unnest($1::int[]) as chain, unnest($2::bigint[]) as row, unnest($3::text[]) as topic, unnest($4::text[]) as key,
                      unnest($5::text[]) as user_id, unnest($6::text[]) as signal_id, unnest($7::text[]) as event_id,
                      unnest($8::text[]) as type, unnest($9::text[]) as source, unnest($10::bigint[]) as sequence,
                      unnest($11::text[]) as causation_id, unnest($12::text[]) as time, unnest($16::text[]) as content_type,
                      unnest($17::int[]) as start, unnest($18::int[]) as length, unnest($19::text[]) as reason,
                      generate_subscripts($17::int[], 1) as nr) r`,
};

const insert = (
  tx: Tx,
  all: readonly AuditRow[],
  from: number,
  until: number,
  next: Map<number, number>,
): Promise<unknown> => {
  const rows = from === 0 && until === all.length ? all : all.slice(from, until);
  const numbers: number[] = [];
  let hashes = '';
  const starts: number[] = [];
  let start = 1;
  for (const row of rows) {
    const at = next.get(row.chain) ?? 0;
    next.set(row.chain, at + 1);
    numbers.push(at);
    hashes += rowHash(row, at);
    starts.push(start);
    start += row.value.length;
  }
  const column = (pick: (row: AuditRow) => string | undefined): string => textArray(rows.map(pick));
  return tx.query(INSERT, [
    bareArray(rows.map(({ chain }) => chain)),
    bareArray(numbers),
    column(({ topic }) => topic),
    column(({ key }) => key),
    column(({ userId }) => userId),
    column(({ signalId }) => signalId),
    column(({ eventId }) => eventId),
    column(({ type }) => type),
    column(({ source }) => source),
    bareArray(rows.map(({ sequence }) => sequence)),
    column(({ causationId }) => causationId),
    column(({ time }) => time),
    rows[0]?.recordedAt,
    Buffer.from(hashes, 'hex'),
    Buffer.concat(rows.map(({ value }) => value)),
    column(({ contentType }) => contentType),
    bareArray(starts),
    bareArray(rows.map(({ value }) => value.length)),
    column(({ reason }) => reason),
  ]);
};
