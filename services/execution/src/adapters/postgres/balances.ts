import type { Mode } from '@switchyard/model';
import type { Queryable, Tx } from '@switchyard/persistence';
import type { DueAccount, TellingPace, ToldAccount } from '../../ports/account-records.js';

interface DueRow {
  readonly account_id: string;
  readonly user_id: string;
  readonly mode: Mode;
  readonly lease: string;
}

export const takeDueBalances = async (db: Queryable, leaseMs: number, most: number): Promise<readonly DueAccount[]> => {
  const { rows } = await db.query<DueRow>(TAKE_DUE, [leaseMs, most]);
  return rows.map(({ account_id, user_id, mode, lease }) => ({ accountId: account_id, userId: user_id, mode, lease }));
};

export const nextBalancesInMs = async (db: Queryable): Promise<number | undefined> =>
  (await db.query<{ in_ms: number | null }>(NEXT_DUE)).rows[0]?.in_ms ?? undefined;

export const takesUsdtAsUsd = async (db: Queryable, accountId: string): Promise<boolean> =>
  (await db.query<{ usdt_as_usd: boolean }>(USDT_AS_USD, [accountId])).rows[0]?.usdt_as_usd === true;

/** The simulator tells the balances of simulated accounts itself. */
export const askForBalances = async (tx: Tx, accountIds: readonly string[], intervalMs: number): Promise<void> => {
  if (accountIds.length > 0) await tx.query(ASK_FOR_BALANCES, [[...new Set(accountIds)], intervalMs]);
};

export const toldBalances = async (
  tx: Tx,
  told: readonly ToldAccount[],
  { intervalMs, refreshMs, leaseMs, onceMoreMs }: TellingPace,
): Promise<void> => {
  await tx.query(TOLD, [
    told.map(({ accountId }) => accountId),
    told.map(({ lease }) => lease),
    told.map(({ askedAt }) => askedAt.toISOString()),
    intervalMs,
    refreshMs,
    leaseMs,
    onceMoreMs,
  ]);
};

const TAKE_DUE = {
  name: 'execution-take-due-balances',
  text: `
    update accounts a set balance_due_at = now() + $1::float8 * interval '1 ms'
    from (
      select account_id from accounts where mode <> 'simulated' and balance_due_at <= now() order by balance_due_at limit $2 for update skip locked
    ) due
    where a.account_id = due.account_id
    returning a.account_id, a.user_id, a.mode, a.balance_due_at::text as lease`,
};
const NEXT_DUE = {
  name: 'execution-next-due-balances',
  text: `
    select (extract(epoch from min(balance_due_at) - now()) * 1000)::float8 as in_ms
    from accounts where mode <> 'simulated' and balance_due_at is not null`,
};
const USDT_AS_USD = { name: 'execution-usdt-as-usd', text: 'select usdt_as_usd from accounts where account_id = $1' };
const ASK_FOR_BALANCES = {
  name: 'execution-ask-for-balances',
  text: `
    update accounts a
    set balance_due_at = least(a.balance_due_at, greatest(now(), a.balance_asked_at + $2::float8 * interval '1 ms')),
        funds_moved_at = now()
    from (select account_id from accounts where account_id = any ($1::text[]) and mode <> 'simulated' order by account_id for update) l
    where a.account_id = l.account_id`,
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
