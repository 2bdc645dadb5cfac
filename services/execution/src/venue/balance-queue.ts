import type { BalanceUpdated } from '@switchyard/contracts';
import type { OutgoingEvent } from '@switchyard/log';
import { isInfrastructureError } from '@switchyard/persistence';
import type { DueAccount } from '../ports/account-records.js';
import { pause, type Clock } from '../ports/clock.js';
import type { ExecutionStore, ExecutionUnit } from '../ports/execution-store.js';

/** What an account held when it was asked. */
export interface Snapshot {
  readonly account: DueAccount;
  readonly askedAt: Date;
  readonly balances: BalanceUpdated['balances'];
}

export interface TellingParts {
  readonly store: ExecutionStore;
  readonly venue: string;
  readonly clock: Clock;
  /** An account is asked about at most this often. */
  readonly intervalMs: number;
  /** An enabled account is asked about at least this often, more or less a fifth: what comes and goes beside us is seen so. */
  readonly refreshMs: number;
}

const MAX_BATCH = 100;
/**
 * How long an answer that follows on another waits for more. No order waits for it: its own outcome is stored before, and elsewhere. One
 * that comes alone is told at once: it may be the first of an account, before which nothing can be approved.
 */
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
  #toldAt = Number.NEGATIVE_INFINITY;

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
      const { clock } = this.#parts;
      const follows = clock.monotonic() - this.#toldAt < GATHER_MS;
      if (follows && this.#waiting.length < MAX_BATCH) await pause(clock, GATHER_MS);
      await this.#tell(this.#waiting.splice(0, MAX_BATCH));
      this.#toldAt = clock.monotonic();
    }
    this.#running = undefined;
  }

  async #tell(batch: readonly Waiting[]): Promise<void> {
    try {
      const snapshots = batch.map(({ snapshot }) => snapshot);
      await this.#parts.store.transaction((unit) => tellBalances(unit, this.#parts, snapshots));
      for (const { resolve } of batch) resolve();
    } catch (error) {
      if (batch.length === 1 || isInfrastructureError(error)) for (const { reject } of batch) reject(error);
      else for (const waiting of batch) await this.#tell([waiting]);
    }
  }
}

/** Appends the balances of these accounts and notes when each is to be asked again. */
const tellBalances = async (
  unit: ExecutionUnit,
  { venue, clock, intervalMs, refreshMs }: TellingParts,
  snapshots: readonly Snapshot[],
): Promise<void> => {
  const updatedAt = new Date(clock.now()).toISOString();
  await unit.append(snapshots.map((snapshot) => eventOf(venue, snapshot, updatedAt)));
  await unit.toldBalances(
    snapshots.map(({ account: { accountId, lease }, askedAt }) => ({ accountId, lease, askedAt })),
    { intervalMs, refreshMs, leaseMs: LEASE_MS, onceMoreMs: ONCE_MORE_MS },
  );
};

const eventOf = (venue: string, { account, askedAt, balances }: Snapshot, updatedAt: string): OutgoingEvent => ({
  topic: 'BalanceUpdated',
  type: 'BalanceUpdated',
  key: account.userId,
  payload: {
    userId: account.userId,
    accountId: account.accountId,
    venue,
    mode: account.mode,
    balances,
    askedAt: askedAt.toISOString(),
    updatedAt,
  } satisfies BalanceUpdated,
  cause: { id: `balance/${account.accountId}/${account.lease}` },
});

/** An account that was taken is due again after this, should whoever took it die. */
export const LEASE_MS = 15_000;
/** From funds that moved to the second ask. */
const ONCE_MORE_MS = 1_500;
