import type { Queryable } from '@switchyard/persistence';
import type { EvidenceReader } from '../audit/evidence.js';
import type { StoredRow } from '../audit/verify.js';
import {
  BATCH_COLUMNS,
  postgresAuditReader,
  ROW_COLUMNS,
  sealedBatch,
  storedRow,
  type BatchColumns,
  type RowColumns,
} from './postgres-audit-reader.js';

/** The trail in the journal's own tables; `db` has the journal's schema in its search path. */
export const postgresEvidence = (db: Queryable): EvidenceReader => ({
  ...postgresAuditReader(db),

  async batchFor(chain, row) {
    const { rows } = await db.query<BatchColumns>(
      `select ${BATCH_COLUMNS} from audit_batches where chain = $1 and first_row <= $2 order by batch desc limit 1`,
      [chain, row],
    );
    return rows[0] && sealedBatch(rows[0]);
  },
});

/** What our own services said of a user's signal, of these types, in the order in which it was recorded. */
export const rowsOfSignal = async (
  db: Queryable,
  { signalId, userId }: Pick<NamedOrder, 'signalId' | 'userId'>,
  types: readonly string[],
): Promise<readonly StoredRow[]> => {
  const { rows } = await db.query<RowColumns>(
    `select ${ROW_COLUMNS} from audit
     where signal_id = $1 and user_id = $2 and type = any($3) and source is not null order by chain, row`,
    [signalId, userId, types],
  );
  return rows.map(storedRow);
};

/** How the journal's list names an order: a way to its rows, and no evidence itself. */
export interface NamedOrder {
  readonly orderId: string;
  readonly parentOrderId: string;
  readonly signalId: string;
  readonly userId: string;
}

/** Orders with this id, be it ours, the one that we gave the venue, or the venue's own; several venues may give the same. */
export const ordersNamed = async (db: Queryable, id: string): Promise<readonly NamedOrder[]> => {
  const { rows } = await db.query<{ order_id: string; parent_order_id: string; signal_id: string; user_id: string }>(
    `select order_id, parent_order_id, signal_id, user_id from orders
     where order_id = $1 or client_order_id = $1 or venue_order_id = $1 order by order_id limit 100`,
    [id],
  );
  return rows.map((row) => ({
    orderId: row.order_id,
    parentOrderId: row.parent_order_id,
    signalId: row.signal_id,
    userId: row.user_id,
  }));
};
