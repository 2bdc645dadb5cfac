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
  /** A report was compared: what is open, whether a difference waits for a second look, and how many stand that were told. */
  | {
      readonly kind: 'compared';
      readonly accountId: string;
      readonly openOrders: number;
      readonly pending: boolean;
      readonly drifts: number;
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

  /** Awaits none of its statements: a failure is the transaction's. */
  apply(tx: Tx, effects: readonly unknown[]): Promise<void> {
    const all = effects as readonly AccountEffect[];
    // A policy is whole at each version: of several of one user the last says all.
    const policies = new Map(all.flatMap((effect) => (effect.kind === 'policy' ? [[effect.userId, effect]] : [])));
    if (policies.size > 0) void tx.query(POLICIES, policyColumns([...policies.values()]));
    const active = all.filter((effect) => effect.kind === 'active');
    if (active.length > 0)
      void tx.query(ACTIVE, [
        active.map(({ accountId }) => accountId),
        active.map(({ pair }) => pair),
        active.map(({ atMs }) => atIso(atMs + this.times.activeMs)),
        active.map(({ atMs }) => atIso(atMs + this.times.intervalMs)),
      ]);
    const compared = new Map(all.flatMap((effect) => (effect.kind === 'compared' ? [[effect.accountId, effect]] : [])));
    if (compared.size > 0) {
      const last = [...compared.values()];
      void tx.query(COMPARED, [
        last.map(({ accountId }) => accountId),
        last.map(({ openOrders }) => openOrders),
        last.map(({ pending, atMs }) => (pending ? atIso(atMs + this.times.settleMs) : 'infinity')),
        last.map(({ drifts }) => drifts),
      ]);
    }
    return Promise.resolve();
  }
}

const policyColumns = (policies: readonly (AccountEffect & { readonly kind: 'policy' })[]): readonly unknown[] => {
  const accounts = policies.flatMap(({ userId, version, accounts }) =>
    accounts.map((account) => ({ ...account, userId, version })),
  );
  return [
    policies.map(({ userId }) => userId),
    policies.map(({ version }) => version),
    accounts.map(({ accountId }) => accountId),
    accounts.map(({ userId }) => userId),
    accounts.map(({ venue }) => venue),
    accounts.map(({ enabled }) => enabled),
    accounts.map(({ version }) => version),
    FIRST_WITHIN_MS,
  ];
};

const atIso = (ms: number): string => new Date(ms).toISOString();

// What a policy does not name is gone. The rows that are dropped and those that are written are never the same.
const POLICIES: Statement = {
  name: 'reconciliation-policies',
  text: `
    WITH policies AS (
      SELECT * FROM unnest($1::text[], $2::bigint[]) AS policy (user_id, version)
    ), given AS (
      SELECT * FROM unnest($3::text[], $4::text[], $5::text[], $6::boolean[], $7::bigint[])
        AS account (account_id, user_id, venue, enabled, version)
    ), dropped AS (
      DELETE FROM accounts a USING policies p
      WHERE a.user_id = p.user_id AND a.policy_version < p.version
        AND NOT EXISTS (SELECT FROM given WHERE given.account_id = a.account_id)
    )
    INSERT INTO accounts AS a (account_id, user_id, venue, enabled, policy_version, next_request_at)
    SELECT account_id, user_id, venue, enabled, version, now() + random() * $8 * interval '1 millisecond' FROM given
    ON CONFLICT (account_id) DO UPDATE
      SET enabled = excluded.enabled, policy_version = excluded.policy_version,
          next_request_at = CASE WHEN excluded.enabled AND NOT a.enabled THEN excluded.next_request_at ELSE a.next_request_at END,
          resting = a.resting AND (a.enabled OR NOT excluded.enabled)
      WHERE a.policy_version < excluded.policy_version`,
};

const ACTIVE: Statement = {
  name: 'reconciliation-accounts-active',
  text: `
    UPDATE accounts a
    SET pairs = ARRAY (SELECT DISTINCT unnest(a.pairs || news.pairs) ORDER BY 1),
        active_until = greatest(a.active_until, news.until),
        next_request_at = least(a.next_request_at, news.next), resting = false
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
    SET open_orders = news.open_orders, drifts = news.drifts, next_request_at = least(a.next_request_at, news.next),
        resting = a.resting AND news.next = 'infinity'
    FROM unnest($1::text[], $2::int[], $3::timestamptz[], $4::int[]) AS news (account_id, open_orders, next, drifts)
    WHERE a.account_id = news.account_id`,
};
