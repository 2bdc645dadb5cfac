import type { Queryable } from '@switchyard/persistence';
import { z } from 'zod';
import type { AuditQuery } from '../openapi/requests.js';
import { AUDIT_COLUMNS, auditRecord, type AuditColumns, type AuditRecord } from './audit-record.js';
import { Conditions } from './conditions.js';
import { decodeCursor, encodeCursor, pageOf, type Page } from './cursor.js';

/** Rows of one signal at most: a parent of a thousand slices has its story told to here. */
const MAX_STORY = 5_000;

/** Reads the journal's audit trail, newest first. */
export class AuditTrail {
  constructor(private readonly db: Queryable) {}

  /** All rows of a signal in the order of recording; `userId` undefined: of every user's signal of that name. */
  async ofSignal(signalId: string, userId: string | undefined): Promise<readonly AuditRecord[]> {
    const conditions = new Conditions().add('a.signal_id = ?', signalId).add('a.user_id = ?', userId);
    return this.rows(
      `select ${AUDIT_COLUMNS} from journal.api_audit a ${conditions.where} order by a.chain, a.row limit ${MAX_STORY}`,
      conditions.parameters,
    );
  }

  /** What became of signals with these ids, of whichever users: how many were refused, are orders under way, are done. */
  async outcomesOf(
    signalIds: readonly string[],
  ): Promise<{ readonly refused: number; readonly working: number; readonly done: number }> {
    const { rows } = await this.db.query<{ refused: number; working: number; done: number }>(OUTCOMES, [signalIds]);
    return rows[0] ?? { refused: 0, working: 0, done: 0 };
  }

  async list(userId: string | undefined, query: AuditQuery): Promise<Page<AuditRecord>> {
    return userId === undefined && query.signalId === undefined ? this.ofAll(query) : this.ofSome(userId, query);
  }

  /** A user's or a signal's rows lie in one chain, but for dead letters: by row, then chain. */
  private async ofSome(userId: string | undefined, query: AuditQuery): Promise<Page<AuditRecord>> {
    const after = decodeCursor(ONE_PLACE, query.cursor);
    const conditions = new Conditions()
      .add('a.user_id = ?', userId)
      .add('a.signal_id = ?', query.signalId)
      .add('a.topic = ?', query.topic)
      .add('a.recorded_at >= ?', query.from)
      .add('(a.row, a.chain) < (?, ?)', after?.row, after?.chain);
    const rows = await this.rows(
      `select ${AUDIT_COLUMNS} from journal.api_audit a ${conditions.where}
       order by a.row desc, a.chain desc limit ${conditions.parameter(query.limit + 1)}`,
      conditions.parameters,
    );
    return pageOf(
      rows,
      query.limit,
      (row) => row,
      ({ chain, row }) => ({ chain, row }),
    );
  }

  /** Every chain from its end, merged by time; the cursor holds a place in each chain. */
  private async ofAll(query: AuditQuery): Promise<Page<AuditRecord>> {
    const after = decodeCursor(PLACES, query.cursor) ?? {};
    const inner = new Conditions()
      .add('a.chain = h.chain')
      .add('a.topic = ?', query.topic)
      .add('a.recorded_at >= ?', query.from);
    const places = inner.parameter(JSON.stringify(after));
    const since = query.from === undefined ? undefined : inner.parameter(query.from);
    const limit = inner.parameter(query.limit + 1);
    const rows = await this.rows(
      `select a.* from journal.api_heads h
       ${since === undefined ? '' : FIRST_SINCE(since)}
       cross join lateral (
         select ${AUDIT_COLUMNS} from journal.api_audit a ${inner.where}
           and a.row < coalesce((${places}::jsonb ->> h.chain::text)::bigint, h.row + 1)
           ${since === undefined ? '' : 'and a.row >= coalesce(s.first_row, 1)'}
         order by a.row desc limit ${limit}) a
       order by a.recorded_at desc, a.chain desc, a.row desc limit ${limit}`,
      inner.parameters,
    );
    const shown = rows.slice(0, query.limit);
    const next: Record<string, number> = { ...after };
    for (const { chain, row } of shown) next[chain] = row;
    return { items: shown, ...(rows.length > query.limit ? { nextCursor: encodeCursor(next) } : {}) };
  }

  private async rows(text: string, parameters: readonly unknown[]): Promise<readonly AuditRecord[]> {
    const { rows } = await this.db.query<AuditColumns>(text, parameters);
    return rows.map(auditRecord);
  }
}

const OUTCOMES = {
  name: 'gateway:outcomes',
  text: `
    select count(*) filter (where done)::int as done,
           count(*) filter (where working and not done)::int as working,
           count(*) filter (where refused and not working and not done)::int as refused
    from (
      select bool_or(a.topic = 'OrderCompleted') as done, bool_or(a.topic = 'OrderApproved') as working,
             bool_or(a.topic = 'SignalRejected') as refused
      from journal.api_audit a
      where a.signal_id = any ($1::text[]) and a.topic in ('SignalRejected', 'OrderApproved', 'OrderCompleted')
      group by a.user_id, a.signal_id
    ) copies`,
};

/** Seals find where a time begins in a chain: rows of earlier batches are older. */
const FIRST_SINCE = (from: string): string =>
  `left join lateral (select b.last_row + 1 as first_row from journal.api_batches b
                      where b.chain = h.chain and b.sealed_at < ${from} order by b.sealed_at desc limit 1) s on true`;

const ONE_PLACE = z.object({ chain: z.number().int(), row: z.number().int() });
const PLACES = z.record(z.string().regex(/^\d+$/), z.number().int());
