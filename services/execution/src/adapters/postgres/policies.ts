import type { AccountPolicyChanged } from '@switchyard/contracts';
import type { AccountPolicy } from '@switchyard/model';
import type { Tx } from '@switchyard/persistence';

const SIMULATED_DEFAULT = { USDT: '100000' };

export const storePolicies = async (
  tx: Tx,
  venue: string,
  policies: readonly AccountPolicyChanged[],
): Promise<void> => {
  if (policies.length === 0) return;
  const rows = policies.flatMap((policy) =>
    (policy.accounts as readonly AccountPolicy[])
      .filter((account) => account.venue === venue)
      .map((account) => ({ policy, account })),
  );
  await Promise.all([
    tx.query(STORE_ACCOUNTS, [
      rows.map(({ account }) => account.accountId),
      rows.map(({ policy }) => policy.userId),
      rows.map(({ policy }) => policy.version),
      rows.map(({ account }) => account.mode),
      rows.map(({ policy, account }) => policy.enabled && account.enabled),
      rows.map(({ account }) => account.usdtAsUsd),
      rows.map(({ account }) => JSON.stringify(account.startingBalances ?? SIMULATED_DEFAULT)),
    ]),
    tx.query(RETIRE_ACCOUNTS, [
      policies.map(({ userId }) => userId),
      policies.map(({ version }) => version),
      rows.map(({ account }) => account.accountId),
    ]),
  ]);
};

// Balances are asked for when an account first appears, and when it is enabled again. An account's mode never changes: it is part of what
// the account is, so a policy that says otherwise is not believed.
const STORE_ACCOUNTS = {
  name: 'execution-store-accounts',
  text: `
    with given as (
      select * from unnest($1::text[], $2::text[], $3::bigint[], $4::text[], $5::boolean[], $6::boolean[], $7::json[])
        as g (account_id, user_id, version, mode, enabled, usdt_as_usd, starting_balances)
    ), started as (
      insert into simulated_balances (account_id, currency, total)
      select account_id, b.key, b.value::numeric from given, json_each_text(starting_balances) b
      where mode = 'simulated' and not exists (select from accounts known where known.account_id = given.account_id)
      order by account_id, b.key
      on conflict do nothing
    )
    insert into accounts as a (account_id, user_id, version, mode, enabled, usdt_as_usd, starting_balances, balance_due_at)
    select account_id, user_id, version, mode, enabled, usdt_as_usd, starting_balances, case when enabled then now() end
    from given order by account_id
    on conflict (account_id) do update
      set version = excluded.version, enabled = excluded.enabled, usdt_as_usd = excluded.usdt_as_usd,
          balance_due_at = case when excluded.enabled and not a.enabled then now() else a.balance_due_at end
      where excluded.version > a.version and excluded.user_id = a.user_id and excluded.mode = a.mode`,
};

// An account that the newer policy does not name any more takes no entries.
const RETIRE_ACCOUNTS = {
  name: 'execution-retire-accounts',
  text: `
    update accounts a set enabled = false, version = p.version
    from unnest($1::text[], $2::bigint[]) as p (user_id, version)
    where a.user_id = p.user_id and a.version < p.version and a.account_id <> all ($3::text[])`,
};
