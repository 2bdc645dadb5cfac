import type { EffectsPort } from '@switchyard/log';
import type { Statement, Tx } from '@switchyard/persistence';
import type { WaitingExit } from '@switchyard/risk-domain';

/** All exits of a user that wait, after an event of that user. */
export interface HeldExitsEffect {
  readonly userId: string;
  readonly atMs: number;
  readonly exits: readonly WaitingExit[];
}

/** Keeps, in the stage's own transactions, the exits that wait and when each is looked at next: one statement a transaction. */
export class HeldExitsTable implements EffectsPort<Tx> {
  apply(tx: Tx, effects: readonly unknown[]): Promise<void> {
    const users = new Map((effects as readonly HeldExitsEffect[]).map((effect) => [effect.userId, effect]));
    const rows = [...users.values()].flatMap(({ userId, atMs, exits }) =>
      exits.map((exit) => ({ ...exit, userId, atMs })),
    );
    // Its failure is the transaction's.
    void tx.query(KEEP, [
      [...users.keys()],
      rows.map(({ userId }) => userId),
      rows.map(({ parentOrderId }) => parentOrderId),
      rows.map(({ signalId }) => signalId),
      rows.map(({ atMs }) => new Date(atMs).toISOString()),
      rows.map(({ dueMs }) => (dueMs === undefined ? 'infinity' : new Date(dueMs).toISOString())),
    ]);
    return Promise.resolve();
  }
}

// A user's list is whole at each event: what it does not name waits no longer. The rows dropped and the rows written are never the same.
const KEEP: Statement = {
  name: 'risk-keep-held-exits',
  text: `
    WITH given AS (
      SELECT * FROM unnest($2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::timestamptz[])
        AS exit (user_id, parent_order_id, signal_id, held_at, due_at)
    ), dropped AS (
      DELETE FROM held_exits h USING unnest($1::text[]) AS u (user_id)
      WHERE h.user_id = u.user_id
        AND NOT EXISTS (SELECT FROM given g WHERE g.user_id = h.user_id AND g.parent_order_id = h.parent_order_id)
    )
    INSERT INTO held_exits AS h (user_id, parent_order_id, signal_id, held_at, due_at) SELECT * FROM given
    ON CONFLICT (user_id, parent_order_id) DO UPDATE SET due_at = excluded.due_at WHERE h.due_at <> excluded.due_at`,
};
