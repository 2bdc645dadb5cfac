import type { BalanceUpdated } from '@switchyard/contracts';
import type { Balance } from '@switchyard/exchanges';
import type { OutgoingEvent } from '@switchyard/log';
import type { Mode } from '@switchyard/model';
import { decimal, plain } from '@switchyard/money';
import type { Logger } from '@switchyard/observability';
import { isInfrastructureError, type Database, type Tx } from '@switchyard/persistence';
import type { AccountClients } from '../adapters/account-clients.js';
import type { Round } from '../loop.js';
import type { ExecutionMetrics } from '../metrics.js';
import type { EventAppender } from '../orders/save.js';
import type { Clock } from '../ports/clock.js';
import { lockSimulator } from '../simulated/simulator-lock.js';
import { plainNumber } from './venue-number.js';

export interface BalanceParts {
  readonly db: Database;
  readonly venue: string;
  readonly clients: AccountClients;
  readonly clock: Clock;
  readonly log: EventAppender;
  readonly metrics: ExecutionMetrics;
  readonly logger: Logger;
  /** Accounts at a time. */
  readonly batch: number;
  /** An account is asked about at most this often. */
  readonly intervalMs: number;
  /** An enabled account at a venue is asked about at least this often, more or less a fifth: what comes and goes beside us is seen so. */
  readonly refreshMs: number;
}

interface DueAccount {
  readonly account_id: string;
  readonly user_id: string;
  readonly mode: Mode;
  readonly lease: string;
}

/**
 * Tells each account's balances: when it first appears, soon after each of its orders moved them, and now and then where they are a
 * venue's: deposits, withdrawals and trades by hand pass by our books. After orders it asks twice, for the first answer may be older than
 * the end of the parent order, and risk takes up no snapshot that was asked for before that.
 */
export class BalanceKeeper {
  readonly #parts: BalanceParts;

  constructor(parts: BalanceParts) {
    this.#parts = parts;
  }

  /** One batch of accounts that are due. */
  async round(): Promise<Round> {
    const { db, batch } = this.#parts;
    const { rows } = await db.query<DueAccount>(TAKE_DUE, [LEASE_MS, batch]);
    const simulated = rows.filter(({ mode }) => mode === 'simulated');
    if (simulated.length > 0) await this.#tellSimulated(simulated);
    const told = await Promise.allSettled(
      rows.filter(({ mode }) => mode !== 'simulated').map((account) => this.#tell(account)),
    );
    for (const outcome of told) if (outcome.status === 'rejected') throw outcome.reason;
    if (rows.length >= batch) return { found: rows.length, nextInMs: 0 };
    const next = await db.query<{ in_ms: number | null }>(NEXT_DUE);
    const inMs = next.rows[0]?.in_ms;
    return {
      found: rows.length,
      nextInMs: inMs === null || inMs === undefined ? undefined : Math.max(1, Math.ceil(inMs)),
    };
  }

  async #tell(account: DueAccount): Promise<void> {
    const { clients, clock, db, metrics, logger } = this.#parts;
    try {
      const found = await clients.of({ accountId: account.account_id, userId: account.user_id, mode: account.mode });
      const askedAt = new Date(clock.now());
      const answer = found.kind === 'client' ? await found.client.balances() : found;
      if (answer.kind !== 'answered') {
        // Asked again when the lease ends; meanwhile risk keeps what it knew.
        metrics.balancesFetched('failed');
        const why = answer.kind === 'refused' ? answer.refusal.code : (answer.code ?? answer.reason);
        logger.warn({ accountId: account.account_id, userId: account.user_id, why }, 'balances could not be fetched');
        return;
      }
      await db.transaction((tx) => this.#store(tx, [{ account, askedAt, balances: answer.value.map(balanceOfVenue) }]));
      metrics.balancesFetched('told');
    } catch (error) {
      // The whole round waits for the database, and says so once.
      if (isInfrastructureError(error)) throw error;
      metrics.failed('balances');
      logger.error({ err: error, accountId: account.account_id }, 'balances could not be told');
    }
  }

  /** Under the simulator's lock, so that no fill is half in the figures. */
  async #tellSimulated(accounts: readonly DueAccount[]): Promise<void> {
    const { db, clock } = this.#parts;
    await db.transaction(async (tx) => {
      await lockSimulator(tx);
      const askedAt = new Date(clock.now());
      const { rows } = await tx.query<{ account_id: string; currency: string; total: string; locked: string }>(
        READ_SIMULATED,
        [accounts.map(({ account_id }) => account_id)],
      );
      const snapshots = accounts.map((account) => ({
        account,
        askedAt,
        balances: rows.filter(({ account_id }) => account_id === account.account_id).map(fromTable),
      }));
      await this.#store(tx, snapshots);
    });
  }

  async #store(tx: Tx, snapshots: readonly Snapshot[]): Promise<void> {
    const updatedAt = new Date(this.#parts.clock.now()).toISOString();
    await this.#parts.log.append(
      tx,
      snapshots.map((snapshot) => eventOf(this.#parts.venue, snapshot, updatedAt)),
    );
    await tx.query(TOLD, [
      snapshots.map(({ account }) => account.account_id),
      snapshots.map(({ account }) => account.lease),
      snapshots.map(({ askedAt }) => askedAt.toISOString()),
      this.#parts.intervalMs,
      this.#parts.refreshMs,
      LEASE_MS,
      ONCE_MORE_MS,
    ]);
  }
}

interface Snapshot {
  readonly account: DueAccount;
  readonly askedAt: Date;
  readonly balances: BalanceUpdated['balances'];
}

const eventOf = (venue: string, { account, askedAt, balances }: Snapshot, updatedAt: string): OutgoingEvent => ({
  topic: 'BalanceUpdated',
  type: 'BalanceUpdated',
  key: account.user_id,
  payload: {
    userId: account.user_id,
    accountId: account.account_id,
    venue,
    mode: account.mode,
    balances,
    askedAt: askedAt.toISOString(),
    updatedAt,
  } satisfies BalanceUpdated,
  cause: { id: `balance/${account.account_id}/${account.lease}` },
});

export const balanceOfVenue = ({ asset, total, free, locked }: Balance) => ({
  currency: asset,
  total: plainNumber(total),
  free: plainNumber(free),
  locked: plainNumber(locked),
});

const fromTable = ({
  currency,
  total,
  locked,
}: {
  readonly currency: string;
  readonly total: string;
  readonly locked: string;
}) => ({
  currency,
  total: plain(decimal(total)),
  free: plain(decimal(total).minus(decimal(locked))),
  locked: plain(decimal(locked)),
});

/** An account that was taken is due again after this, should whoever took it die. */
const LEASE_MS = 15_000;
/** From funds that moved to the second ask. */
const ONCE_MORE_MS = 1_500;

const TAKE_DUE = {
  name: 'execution-take-due-balances',
  text: `
    update accounts a set balance_due_at = now() + $1::float8 * interval '1 ms'
    from (select account_id from accounts where balance_due_at <= now() order by balance_due_at limit $2 for update skip locked) due
    where a.account_id = due.account_id
    returning a.account_id, a.user_id, a.mode, a.balance_due_at::text as lease`,
};
const NEXT_DUE = {
  name: 'execution-next-due-balances',
  text: `select (extract(epoch from min(balance_due_at) - now()) * 1000)::float8 as in_ms from accounts where balance_due_at is not null`,
};
const READ_SIMULATED = {
  name: 'execution-read-simulated-balances',
  text: 'select account_id, currency, total, locked from simulated_balances where account_id = any ($1::text[]) order by currency',
};
// What was asked for meanwhile stays due. A lease says when its account was taken, by the database's clock. Each account has a period of
// its own, within a fifth of the common one, so that accounts that came together do not go on being asked together.
const TOLD = {
  name: 'execution-balances-told',
  text: `
    update accounts a
    set balance_asked_at = t.asked_at,
        balance_due_at = case
          when a.balance_due_at <> t.lease then a.balance_due_at
          when a.mode = 'simulated' then null
          when t.lease - $6::float8 * interval '1 ms' < a.funds_moved_at + $7::float8 * interval '1 ms'
            then greatest(a.funds_moved_at + $7::float8 * interval '1 ms', t.asked_at + $4::float8 * interval '1 ms')
          when a.enabled
            then now() + $5::float8 * (0.8 + 0.4 * (hashtextextended(a.account_id, 0) & 1023) / 1023) * interval '1 ms'
        end
    from (
      select n.* from accounts l join unnest($1::text[], $2::timestamptz[], $3::timestamptz[]) as n (account_id, lease, asked_at)
        using (account_id) order by account_id for update of l
    ) t
    where a.account_id = t.account_id`,
};
