import type { ReconciliationDrift, VenueStateReported } from '@switchyard/contracts';
import { deriveId, type OutgoingEvent, type Unit } from '@switchyard/log';
import type { Logger } from '@switchyard/observability';
import { compareAccount, type CompareSettings, type Drift } from '@switchyard/position-domain';
import type { AccountEffect } from '../adapters/accounts-table.js';
import type { ReconciliationMetrics } from '../metrics.js';
import { ACCOUNT, accountIn, newAccount } from './account-document.js';

/** Compares a venue's report with the books of its account, and tells each difference that stands, once. */
export class CompareState {
  constructor(
    private readonly settings: CompareSettings,
    private readonly metrics: Pick<ReconciliationMetrics, 'drifts' | 'compared'>,
    private readonly logger: Pick<Logger, 'warn'>,
  ) {}

  reported(report: VenueStateReported, unit: Unit): void {
    const { accountId, userId, venue } = report;
    const nowMs = unit.now.getTime();
    const account = accountIn(unit, accountId) ?? newAccount(accountId, userId, venue, nowMs);
    const missing = new Set(report.missing.map(({ what }) => what));
    const { books, drifts, pending } = compareAccount(
      account.books,
      {
        requestedAt: report.requestedAt,
        // A part that was asked for in pieces, of which one is missing, is missing.
        openOrders: missing.has('open_orders') ? undefined : report.openOrders,
        balances: missing.has('balances') ? undefined : report.balances,
        fills: missing.has('fills') ? undefined : report.fills,
      },
      this.settings,
    );
    this.metrics.compared.inc({ venue, report: missing.size === 0 ? 'whole' : 'in_part' });
    for (const drift of drifts) {
      unit.emit(driftEvent(report, drift, unit.now.toISOString()));
      this.metrics.drifts.inc({ venue, kind: drift.kind });
      const { kind, expected, actual, facts } = drift;
      this.logger.warn(
        { code: 'RECONCILIATION_DRIFT', accountId, venue, kind, expected, actual, facts },
        'our books and the venue differ',
      );
    }
    if (books !== account.books) unit.put(ACCOUNT, accountId, { ...account, books });
    const openOrders = Object.keys(books.orders).length;
    const standing = Object.values(books.suspects).filter(({ reported: told }) => told).length;
    const effect: AccountEffect = {
      kind: 'compared',
      accountId,
      openOrders,
      pending: pending > 0,
      drifts: standing,
      atMs: nowMs,
    };
    unit.effect(effect);
  }
}

const driftEvent = (report: VenueStateReported, drift: Drift, detectedAt: string): OutgoingEvent => {
  const { userId, accountId, venue, requestId, requestedAt } = report;
  const payload: ReconciliationDrift = {
    driftId: deriveId('drift', accountId, drift.signature, requestId),
    userId,
    accountId,
    venue,
    kind: drift.kind,
    expected: drift.expected,
    actual: drift.actual,
    facts: { ...drift.facts, requestId, requestedAt },
    detectedAt,
  };
  return { topic: 'ReconciliationDrift', type: 'ReconciliationDrift', key: userId, payload, role: drift.signature };
};
