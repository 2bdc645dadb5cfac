import type { AccountPolicyChanged } from '@switchyard/contracts';
import type { EffectsPort } from '@switchyard/log';
import type { AccountPolicy } from '@switchyard/model';
import type { Tx } from '@switchyard/persistence';
import type { NewTask } from './task.js';

/** What a stage transaction leaves in the executor's own tables. */
export type ExecutionEffect =
  | { readonly kind: 'enqueue'; readonly task: NewTask }
  | { readonly kind: 'policy'; readonly policy: AccountPolicyChanged };

/** Told of new work, once the stage's transaction has committed. */
export type Doorbell = (work: {
  readonly venue: boolean;
  readonly simulator: boolean;
  readonly accounts: boolean;
}) => void;

const SIMULATED_DEFAULT = { USDT: '100000' };

/** One statement for all new tasks of a batch, one for all policies. Repeats change nothing. */
export class ExecutionEffects implements EffectsPort<Tx> {
  readonly #venue: string;
  readonly #ring: Doorbell;

  constructor(venue: string, ring: Doorbell) {
    this.#venue = venue;
    this.#ring = ring;
  }

  async apply(tx: Tx, effects: readonly unknown[]): Promise<void> {
    const tasks: NewTask[] = [];
    const policies = new Map<string, AccountPolicyChanged>();
    for (const effect of effects as readonly ExecutionEffect[]) {
      if (effect.kind === 'enqueue') tasks.push(effect.task);
      else if (effect.policy.version > (policies.get(effect.policy.userId)?.version ?? 0)) {
        policies.set(effect.policy.userId, effect.policy);
      }
    }
    if (policies.size > 0) await this.#storePolicies(tx, [...policies.values()]);
    if (tasks.length > 0) this.#enqueue(tx, tasks);
    tx.afterCommit(() => {
      this.#ring({
        venue: tasks.some(({ executor }) => executor === 'venue'),
        simulator: tasks.some(({ executor }) => executor === 'simulator'),
        accounts: policies.size > 0,
      });
    });
  }

  /** Leaves with the commit: nothing of the stage's transaction waits for it. */
  #enqueue(tx: Tx, tasks: readonly NewTask[]): void {
    void tx.query(ENQUEUE, [
      tasks.map(({ taskId }) => taskId),
      tasks.map(({ eventType }) => eventType),
      tasks.map(({ executor }) => executor),
      tasks.map(({ userId }) => userId),
      tasks.map(({ accountId }) => accountId),
      tasks.map(({ lane }) => lane),
      tasks.map(({ tradeId }) => tradeId ?? null),
      tasks.map(({ parentOrderId }) => parentOrderId ?? null),
      tasks.map(({ signalId }) => signalId ?? null),
      tasks.map(({ priority }) => priority),
      tasks.map(({ payload }) => JSON.stringify(payload)),
      tasks.map(({ causeId }) => causeId),
      tasks.map(({ traceparent }) => traceparent ?? null),
      tasks.map(({ sendBy }) => sendBy ?? null),
    ]);
  }

  async #storePolicies(tx: Tx, policies: readonly AccountPolicyChanged[]): Promise<void> {
    const rows = policies.flatMap((policy) =>
      (policy.accounts as readonly AccountPolicy[])
        .filter(({ venue }) => venue === this.#venue)
        .map((account) => ({ policy, account })),
    );
    await tx.query(STORE_ACCOUNTS, [
      rows.map(({ account }) => account.accountId),
      rows.map(({ policy }) => policy.userId),
      rows.map(({ policy }) => policy.version),
      rows.map(({ account }) => account.mode),
      rows.map(({ policy, account }) => policy.enabled && account.enabled),
      rows.map(({ account }) => account.usdtAsUsd),
      rows.map(({ account }) => JSON.stringify(account.startingBalances ?? SIMULATED_DEFAULT)),
    ]);
    await tx.query(RETIRE_ACCOUNTS, [
      policies.map(({ userId }) => userId),
      policies.map(({ version }) => version),
      rows.map(({ account }) => account.accountId),
    ]);
  }
}

// Ordered as given: `seq` is the queue's order. A task that exists is left as it is.
const ENQUEUE = {
  name: 'execution-enqueue',
  text: `
    insert into execution_tasks
      (task_id, event_type, executor, user_id, account_id, lane, trade_id, parent_order_id, signal_id, priority, payload, cause_id, traceparent,
       send_by)
    select task_id, event_type, executor, user_id, account_id, lane, trade_id, parent_order_id, signal_id, priority, payload, cause_id, traceparent,
           send_by
    from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[],
                $10::smallint[], $11::json[], $12::text[], $13::text[], $14::timestamptz[])
      with ordinality as n (task_id, event_type, executor, user_id, account_id, lane, trade_id, parent_order_id, signal_id,
                            priority, payload, cause_id, traceparent, send_by, place)
    order by place
    on conflict (task_id) do nothing`,
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
