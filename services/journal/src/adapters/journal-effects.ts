import type { EffectsPort, LogEvent } from '@switchyard/log';
import type { Tx } from '@switchyard/persistence';
import { auditRowOf } from '../audit/audit-row.js';
import { Changes } from '../read-models/changes.js';
import { appendAudit } from './audit-table.js';
import { applyBalances } from './balances-table.js';
import { applyExecutions } from './executions-table.js';
import { applyFailedOrders } from './failed-orders-table.js';
import { applyOrders } from './orders-table.js';
import { applyPositions, foldPositions } from './positions-table.js';

/** What the journal's handlers leave for its tables: the event, and when it was recorded (RFC 3339). */
export interface Recorded {
  readonly event: LogEvent;
  readonly recordedAt: string;
}

/**
 * Writes a whole transaction's events: one statement per table, however many events. The order of tables is always the same.
 * After the commit `written` is told the number of rows, for those who wait for news, and `saw` each event, for figures.
 */
export class JournalEffects implements EffectsPort<Tx> {
  constructor(
    private readonly written: (rows: number) => void,
    private readonly saw: (event: LogEvent) => void = () => undefined,
  ) {}

  async apply(tx: Tx, effects: readonly unknown[]): Promise<void> {
    const recorded = effects as readonly Recorded[];
    const changes = new Changes();
    for (const { event } of recorded) changes.add(event);
    // One question each; everything that follows from the answers leaves with the commit.
    const [rows] = await Promise.all([
      appendAudit(
        tx,
        recorded.map(({ event, recordedAt }) => auditRowOf(event, recordedAt)),
      ),
      applyOrders(tx, changes.orders),
    ]);
    applyExecutions(tx, changes.fills);
    applyFailedOrders(tx, changes.failures);
    applyPositions(tx, changes.positions);
    foldPositions(tx, changes.moved);
    applyBalances(tx, changes.balances);
    tx.afterCommit(() => {
      this.written(rows);
      for (const { event } of recorded) this.saw(event);
    });
  }
}
