import type { BalanceUpdated } from '@switchyard/contracts';
import type { Tx } from '@switchyard/persistence';
import { bareArray, textArray } from './array-literal.js';

const PUT = {
  name: 'journal:balances',
  text: `insert into balances as b (account_id, user_id, venue, mode, balances, asked_at, updated_at)
         select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::jsonb[], $6::timestamptz[], $7::timestamptz[])
         on conflict (account_id) do update set
           balances = excluded.balances, asked_at = excluded.asked_at, updated_at = excluded.updated_at
         where b.asked_at <= excluded.asked_at`,
};

/** Of each account, what its venue said last. */
export const applyBalances = (tx: Tx, balances: ReadonlyMap<string, BalanceUpdated>): void => {
  if (balances.size === 0) return;
  const sorted = [...balances.values()].sort((a, b) => (a.accountId < b.accountId ? -1 : 1));
  void tx.query(PUT, [
    textArray(sorted.map(({ accountId }) => accountId)),
    textArray(sorted.map(({ userId }) => userId)),
    textArray(sorted.map(({ venue }) => venue)),
    textArray(sorted.map(({ mode }) => mode)),
    textArray(sorted.map((event) => JSON.stringify(event.balances))),
    bareArray(sorted.map(({ askedAt }) => askedAt)),
    bareArray(sorted.map(({ updatedAt }) => updatedAt)),
  ]);
};
