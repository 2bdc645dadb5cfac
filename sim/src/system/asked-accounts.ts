import { topicOf, type VenueStateRequested } from '@switchyard/contracts';
import { deriveId, type EffectsPort, type MemoryTx, type OutgoingEvent } from '@switchyard/log';
import type { Pair } from '@switchyard/model';
import type { AccountEffect } from '@switchyard/reconciliation-service';
import type { World } from '../kernel/world.js';
import type { SimStage } from '../log/sim-stage.js';

const TABLE = 'accounts';
const EVERY_MS = 1_000;
/** More often than a deployment: a run lasts minutes. */
const INTERVAL_MS = 15_000;
const SETTLE_MS = 5_000;
const LOOKBACK_MS = 900_000;

/** An account, and when it is asked about next. */
export interface AskedAccount {
  readonly accountId: string;
  readonly userId: string;
  readonly venue: string;
  readonly pairs: readonly string[];
  readonly nextMs: number;
  readonly drifts: number;
  readonly openOrders: number;
  /** Reports compared since it was first heard of. */
  readonly compared: number;
}

/** Reconciliation's table of accounts, as its statements keep it in Postgres. */
export const askedAccountsTable: EffectsPort<MemoryTx> = {
  apply: (tx, effects) => {
    for (const effect of effects as readonly AccountEffect[]) {
      if (effect.kind === 'policy') {
        for (const { accountId, venue } of effect.accounts) {
          const known = tx.get(TABLE, accountId) as AskedAccount | undefined;
          const fresh = {
            accountId,
            userId: effect.userId,
            venue,
            pairs: [],
            nextMs: 0,
            drifts: 0,
            openOrders: 0,
            compared: 0,
          };
          tx.put(TABLE, accountId, known ?? fresh);
        }
        continue;
      }
      const account = tx.get(TABLE, effect.accountId) as AskedAccount | undefined;
      if (account === undefined) continue;
      tx.put(TABLE, effect.accountId, effect.kind === 'active' ? active(account, effect) : compared(account, effect));
    }
    return Promise.resolve();
  },
};

const active = (account: AskedAccount, { pair, atMs }: AccountEffect & { readonly kind: 'active' }): AskedAccount => ({
  ...account,
  pairs: [...new Set([...account.pairs, pair])].sort(),
  nextMs: Math.min(account.nextMs, atMs + INTERVAL_MS),
});

const compared = (
  account: AskedAccount,
  { openOrders, pending, drifts, atMs }: AccountEffect & { readonly kind: 'compared' },
): AskedAccount => ({
  ...account,
  openOrders,
  drifts,
  compared: account.compared + 1,
  nextMs: Math.min(account.nextMs, pending ? atMs + SETTLE_MS : Infinity),
});

export const askedAccounts = (stage: SimStage): readonly AskedAccount[] =>
  [...stage.memory.table(TABLE).values()] as readonly AskedAccount[];

/** Reconciliation's inquirer: asks execution for the state of the accounts that are due. */
export const askAboutAccounts = (world: World, stage: SimStage): void => {
  setInterval(() => {
    const now = Date.now();
    const due = askedAccounts(stage).filter(({ nextMs }) => nextMs <= now);
    if (due.length === 0) return;
    world
      .effect('reconciliation: ask', () => {
        stage.append(
          due.map((account) => requestFor(account, now)),
          (tx) => {
            for (const account of due) {
              const current = tx.get(TABLE, account.accountId) as AskedAccount;
              tx.put(TABLE, account.accountId, { ...current, nextMs: now + INTERVAL_MS });
            }
          },
        );
      })
      .catch(() => undefined);
  }, EVERY_MS);
};

const requestFor = ({ accountId, userId, venue, pairs }: AskedAccount, now: number): OutgoingEvent => {
  const requestedAt = new Date(now).toISOString();
  const payload: VenueStateRequested = {
    requestId: deriveId('venue-state-request', accountId, requestedAt),
    userId,
    accountId,
    venue,
    since: new Date(now - LOOKBACK_MS).toISOString(),
    pairs: [...pairs] as Pair[],
    requestedAt,
  };
  const topic = topicOf('VenueStateRequested', venue);
  return { topic, type: 'VenueStateRequested', key: userId, payload, cause: { id: payload.requestId } };
};
