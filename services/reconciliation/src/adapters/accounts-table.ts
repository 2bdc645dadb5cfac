import type { EffectsPort } from '@switchyard/log';
import type { Statement, Tx } from '@switchyard/persistence';

/** What the stage tells the table of accounts. */
export type AccountEffect =
  | {
      readonly kind: 'policy';
      readonly userId: string;
      readonly version: number;
      readonly accounts: readonly { readonly accountId: string; readonly venue: string; readonly enabled: boolean }[];
    }
  /** An order of the account was heard of. */
  | { readonly kind: 'active'; readonly accountId: string; readonly pair: string; readonly atMs: number }
  /** A report was compared: what is open, and whether a difference waits for a second look. */
  | {
      readonly kind: 'compared';
      readonly accountId: string;
      readonly openOrders: number;
      readonly pending: boolean;
      readonly atMs: number;
    };

export interface AccountTimes {
  readonly intervalMs: number;
  readonly activeMs: number;
  readonly settleMs: number;
}

/** New accounts are asked about within this time, spread over it. Milliseconds. */
const FIRST_WITHIN_MS = 3_000;

/** Keeps the accounts and when each is asked about next, in the stage's own transactions: at most one statement a kind. */
export class AccountsTable implements EffectsPort<Tx> {
  constructor(private readonly times: AccountTimes) {}

  async apply(tx: Tx, effects: readonly unknown[]): Promise<void> {
    const all = effects as readonly AccountEffect[];
    for (const policy of all) if (policy.kind === 'policy') await this.#policy(tx, policy);
    const active = all.filter((effect) => effect.kind === 'active');
    if (active.length > 0)
      await tx.query(ACTIVE, [
        active.map(({ accountId }) => accountId),
        active.map(({ pair }) => pair),
        active.map(({ atMs }) => atIso(atMs + this.times.activeMs)),
        active.map(({ atMs }) => atIso(atMs + this.times.intervalMs)),
      ]);
    const compared = new Map(all.flatMap((effect) => (effect.kind === 'compared' ? [[effect.accountId, effect]] : [])));
    if (compared.size > 0) {
      const last = [...compared.values()];
      await tx.query(COMPARED, [
        last.map(({ accountId }) => accountId),
        last.map(({ openOrders }) => openOrders),
        last.map(({ pending, atMs }) => (pending ? atIso(atMs + this.times.settleMs) : 'infinity')),
      ]);
    }
  }

  async #policy(tx: Tx, { userId, version, accounts }: AccountEffect & { readonly kind: 'policy' }): Promise<void> {
    const accountIds = accounts.map(({ accountId }) => accountId);
    await tx.query(UPSERT, [
      accountIds,
      accounts.map(({ venue }) => venue),
      accounts.map(({ enabled }) => enabled),
      userId,
      version,
      FIRST_WITHIN_MS,
    ]);
    await tx.query(DROP_OTHERS, [userId, accountIds, version]);
  }
}

const atIso = (ms: number): string => new Date(ms).toISOString();

const UPSERT: Statement = {
  name: 'reconciliation-upsert-accounts',
  text: `
    INSERT INTO accounts AS a (account_id, user_id, venue, enabled, policy_version, next_request_at)
    SELECT account_id, $4, venue, enabled, $5, now() + random() * $6 * interval '1 millisecond'
    FROM unnest($1::text[], $2::text[], $3::boolean[]) AS given (account_id, venue, enabled)
    ON CONFLICT (account_id) DO UPDATE
      SET enabled = excluded.enabled, policy_version = excluded.policy_version,
          next_request_at = CASE WHEN excluded.enabled AND NOT a.enabled THEN excluded.next_request_at ELSE a.next_request_at END
      WHERE a.policy_version < excluded.policy_version`,
};

// A policy is whole at each version: what it does not name is gone.
const DROP_OTHERS: Statement = {
  name: 'reconciliation-drop-accounts',
  text: 'DELETE FROM accounts WHERE user_id = $1 AND account_id <> ALL ($2::text[]) AND policy_version < $3',
};

const ACTIVE: Statement = {
  name: 'reconciliation-accounts-active',
  text: `
    UPDATE accounts a
    SET pairs = ARRAY (SELECT DISTINCT unnest(a.pairs || news.pairs) ORDER BY 1),
        active_until = greatest(a.active_until, news.until),
        next_request_at = least(a.next_request_at, news.next)
    FROM (
      SELECT account_id, array_agg(pair) AS pairs, max(until) AS until, min(next) AS next
      FROM unnest($1::text[], $2::text[], $3::timestamptz[], $4::timestamptz[]) AS given (account_id, pair, until, next)
      GROUP BY account_id
    ) news
    WHERE a.account_id = news.account_id`,
};

const COMPARED: Statement = {
  name: 'reconciliation-accounts-compared',
  text: `
    UPDATE accounts a
    SET open_orders = news.open_orders, next_request_at = least(a.next_request_at, news.next)
    FROM unnest($1::text[], $2::int[], $3::timestamptz[]) AS news (account_id, open_orders, next)
    WHERE a.account_id = news.account_id`,
};
