import type { BalanceUpdated } from '@switchyard/contracts';
import type { OutgoingEvent } from '@switchyard/log';
import type { Mode } from '@switchyard/model';
import { isInfrastructureError, type Database, type Tx } from '@switchyard/persistence';
import type { EventAppender } from '../orders/save.js';
import type { Clock } from '../ports/clock.js';

/** What an account held when it was asked. */
export interface Snapshot {
  readonly account: DueAccount;
  readonly askedAt: Date;
  readonly balances: BalanceUpdated['balances'];
}

/** An account that was taken to be asked; `lease` says until when nobody else takes it. */
export interface DueAccount {
  readonly account_id: string;
  readonly user_id: string;
  readonly mode: Mode;
  readonly lease: string;
}

export interface TellingParts {
  readonly db: Database;
  readonly venue: string;
  readonly clock: Clock;
  readonly log: EventAppender;
  /** An account is asked about at most this often. */
  readonly intervalMs: number;
  /** An enabled account is asked about at least this often, more or less a fifth: what comes and goes beside us is seen so. */
  readonly refreshMs: number;
}

const MAX_BATCH = 100;
/** How long an answer waits for others at most. Nobody waits for it: an order's own outcome is stored before, and elsewhere. */
const GATHER_MS = 30;

interface Waiting {
  readonly snapshot: Snapshot;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Tells what venues answered, many accounts to a transaction: a transaction of its own for each would cost more than the answer, and hold
 * the log's shards against everybody's fills. One that can't be told fails alone.
 */
export class BalanceQueue {
  readonly #parts: TellingParts;
  readonly #waiting: Waiting[] = [];
  #running: Promise<void> | undefined;

  constructor(parts: TellingParts) {
    this.#parts = parts;
  }

  /** Resolves once it is committed. Where it is not, the account is due again when its lease ends. */
  tell(snapshot: Snapshot): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ snapshot, resolve, reject });
      this.#running ??= this.#run();
    });
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0) {
      if (this.#waiting.length < MAX_BATCH) await new Promise((resolve) => setTimeout(resolve, GATHER_MS));
      await this.#store(this.#waiting.splice(0, MAX_BATCH));
    }
    this.#running = undefined;
  }

  async #store(batch: readonly Waiting[]): Promise<void> {
    try {
      const snapshots = batch.map(({ snapshot }) => snapshot);
      await this.#parts.db.transaction((tx) => tellBalances(tx, this.#parts, snapshots));
      for (const { resolve } of batch) resolve();
    } catch (error) {
      if (batch.length === 1 || isInfrastructureError(error)) for (const { reject } of batch) reject(error);
      else for (const waiting of batch) await this.#store([waiting]);
    }
  }
}

/** Appends the balances of these accounts and notes when each is to be asked again. */
const tellBalances = async (
  tx: Tx,
  { venue, clock, log, intervalMs, refreshMs }: TellingParts,
  snapshots: readonly Snapshot[],
): Promise<void> => {
  const updatedAt = new Date(clock.now()).toISOString();
  await log.append(
    tx,
    snapshots.map((snapshot) => eventOf(venue, snapshot, updatedAt)),
  );
  await tx.query(TOLD, [
    snapshots.map(({ account }) => account.account_id),
    snapshots.map(({ account }) => account.lease),
    snapshots.map(({ askedAt }) => askedAt.toISOString()),
    intervalMs,
    refreshMs,
    LEASE_MS,
    ONCE_MORE_MS,
  ]);
};

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

/** An account that was taken is due again after this, should whoever took it die. */
export const LEASE_MS = 15_000;
/** From funds that moved to the second ask. */
const ONCE_MORE_MS = 1_500;

// What was asked for meanwhile stays due. A lease says when its account was taken, by the database's clock. Each account has a period of
// its own, within a fifth of the common one, so that accounts that came together do not go on being asked together.
const TOLD = {
  name: 'execution-balances-told',
  text: `
    update accounts a
    set balance_asked_at = t.asked_at,
        balance_due_at = case
          when a.balance_due_at <> t.lease then a.balance_due_at
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
