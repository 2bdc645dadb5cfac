import type { Balance } from '@switchyard/exchanges';
import type { Logger } from '@switchyard/observability';
import { isInfrastructureError } from '@switchyard/persistence';
import type { AccountClients } from '../adapters/account-clients.js';
import type { Round } from '../loop.js';
import type { ExecutionMetrics } from '../metrics.js';
import type { DueAccount } from '../ports/account-records.js';
import { BalanceQueue, LEASE_MS, type TellingParts } from './balance-queue.js';
import { plainNumber } from './venue-number.js';

export interface BalanceParts extends TellingParts {
  readonly clients: AccountClients;
  readonly metrics: ExecutionMetrics;
  readonly logger: Logger;
  /** Accounts at a time. */
  readonly batch: number;
}

/**
 * Tells the balances that accounts have at the venue: when an account first appears, soon after each of its orders moved them, and now and
 * then: deposits, withdrawals and trades by hand pass by our books. After orders it asks twice, for the first answer may be older than the
 * end of the parent order, and risk takes up no snapshot that was asked for before that.
 */
export class BalanceKeeper {
  readonly #parts: BalanceParts;
  readonly #queue: BalanceQueue;

  constructor(parts: BalanceParts) {
    this.#parts = parts;
    this.#queue = new BalanceQueue(parts);
  }

  /** One batch of accounts that are due. */
  async round(): Promise<Round> {
    const { store, batch } = this.#parts;
    const due = await store.takeDueBalances(LEASE_MS, batch);
    const told = await Promise.allSettled(due.map((account) => this.#tell(account)));
    for (const outcome of told) if (outcome.status === 'rejected') throw outcome.reason;
    if (due.length >= batch) return { found: due.length, nextInMs: 0 };
    const inMs = await store.nextBalancesInMs();
    return { found: due.length, nextInMs: inMs === undefined ? undefined : Math.max(1, Math.ceil(inMs)) };
  }

  async #tell(account: DueAccount): Promise<void> {
    const { clients, clock, metrics, logger } = this.#parts;
    try {
      const found = await clients.of(account);
      const askedAt = new Date(clock.now());
      const answer = found.kind === 'client' ? await found.client.balances() : found;
      if (answer.kind !== 'answered') {
        // Asked again when the lease ends; meanwhile risk keeps what it knew.
        metrics.balancesFetched('failed');
        const why = answer.kind === 'refused' ? answer.refusal.code : (answer.code ?? answer.reason);
        logger.warn({ accountId: account.accountId, userId: account.userId, why }, 'balances could not be fetched');
        return;
      }
      await this.#queue.tell({ account, askedAt, balances: answer.value.map(balanceOfVenue) });
      metrics.balancesFetched('told');
    } catch (error) {
      // The whole round waits for the database, and says so once.
      if (isInfrastructureError(error)) throw error;
      metrics.failed('balances');
      logger.error({ err: error, accountId: account.accountId }, 'balances could not be told');
    }
  }
}

export const balanceOfVenue = ({ asset, total, free, locked }: Balance) => ({
  currency: asset,
  total: plainNumber(total),
  free: plainNumber(free),
  locked: plainNumber(locked),
});
