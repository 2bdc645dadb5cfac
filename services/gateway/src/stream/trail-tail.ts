import type { Queryable } from '@switchyard/persistence';
import { AUDIT_COLUMNS, auditRecord, type AuditColumns, type AuditRecord } from '../journal/audit-record.js';
import type { StreamPosition } from './stream-position.js';

/** Rows of one chain in one page. */
const PAGE = 200;

export interface TailPage {
  readonly records: readonly AuditRecord[];
  /** Up to where the chains are read when the page is handed over. */
  readonly position: StreamPosition;
}

/** Reads the audit trail forward, all chains at once. */
export class TrailTail {
  constructor(private readonly db: Queryable) {}

  async heads(): Promise<StreamPosition> {
    const { rows } = await this.db.query<{ chain: number; row: string }>(HEADS);
    return new Map(rows.map(({ chain, row }) => [chain, Number(row)]));
  }

  /** The next rows after `from`, up to `to`. @param users whose rows; undefined: everybody's */
  async page(from: StreamPosition, to: StreamPosition, users: readonly string[] | undefined): Promise<TailPage> {
    const behind = [...to].filter(([chain, row]) => row > (from.get(chain) ?? 0));
    if (behind.length === 0) return { records: [], position: from };
    const { rows } = await this.db.query<AuditColumns>(users === undefined ? PAGE_OF_ALL : PAGE_OF_USERS, [
      behind.map(([chain]) => chain),
      behind.map(([chain]) => from.get(chain) ?? 0),
      behind.map(([, row]) => row),
      ...(users === undefined ? [] : [users]),
    ]);
    const records = rows.map(auditRecord);
    const counts = Map.groupBy(records, ({ chain }) => chain);
    const position = new Map(from);
    for (const [chain, row] of behind) {
      const read = counts.get(chain) ?? [];
      position.set(chain, read.length < PAGE ? row : (read.at(-1)?.row ?? row));
    }
    return { records, position };
  }
}

const HEADS = { name: 'gateway:heads', text: 'select chain, row from journal.api_heads order by chain' };

const pageText = (whose: string): string =>
  `select a.* from unnest($1::int[], $2::bigint[], $3::bigint[]) as c (chain, after, upto)
   cross join lateral (
     select ${AUDIT_COLUMNS} from journal.api_audit a
     where a.chain = c.chain and a.row > c.after and a.row <= c.upto ${whose} order by a.row limit ${PAGE}) a
   order by a.chain, a.row`;

const PAGE_OF_ALL = { name: 'gateway:tail', text: pageText('') };
const PAGE_OF_USERS = { name: 'gateway:tail-users', text: pageText('and a.user_id = any ($4::text[])') };
