import type { AccountPolicyChanged } from '@switchyard/contracts';
import type { Subscription } from '@switchyard/model';
import type { Queryable } from '@switchyard/persistence';

/** What a user may say of a strategy that an account follows. */
export type Terms = Omit<Subscription, 'strategyId' | 'accountId'>;

export interface StoredSubscription {
  readonly strategyId: string;
  readonly accountId: string;
  readonly terms: Terms;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

interface Row {
  readonly strategy_id: string;
  readonly account_id: string;
  readonly terms: Terms;
  readonly created_at: Date;
  readonly updated_at: Date;
}

const COLUMNS = 'strategy_id, account_id, terms, created_at, updated_at';

const subscriptionOf = (row: Row): StoredSubscription => ({
  strategyId: row.strategy_id,
  accountId: row.account_id,
  terms: row.terms,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
});

/** Of a user, in the order of strategies and accounts. */
export const subscriptionsOf = async (db: Queryable, userId: string): Promise<readonly StoredSubscription[]> => {
  const { rows } = await db.query<Row>(
    {
      name: 'subscriptions-of',
      text: `select ${COLUMNS} from subscriptions where user_id = $1 order by strategy_id, account_id`,
    },
    [userId],
  );
  return rows.map(subscriptionOf);
};

/** What the stages are told of it. */
export const toldOf = ({ strategyId, accountId, terms }: StoredSubscription): Told =>
  ({ strategyId, accountId, ...terms }) as Told;

type Told = NonNullable<AccountPolicyChanged['subscriptions']>[number];

/** Which of a user's subscriptions is meant. */
export interface SubscriptionKey {
  readonly strategyId: string;
  readonly accountId: string;
}

export const insertSubscription = async (
  db: Queryable,
  userId: string,
  { strategyId, accountId }: SubscriptionKey,
  terms: Terms,
): Promise<void> => {
  await db.query('insert into subscriptions (user_id, strategy_id, account_id, terms) values ($1, $2, $3, $4)', [
    userId,
    strategyId,
    accountId,
    JSON.stringify(terms),
  ]);
};

/** @returns false where nothing changed: the terms are what they were. */
export const updateSubscription = async (
  db: Queryable,
  userId: string,
  { strategyId, accountId }: SubscriptionKey,
  terms: Terms,
): Promise<boolean> => {
  const { rowCount } = await db.query(
    `update subscriptions set terms = $4::jsonb, updated_at = now()
     where user_id = $1 and strategy_id = $2 and account_id = $3 and terms <> $4::jsonb`,
    [userId, strategyId, accountId, JSON.stringify(terms)],
  );
  return rowCount > 0;
};

export const deleteSubscription = async (
  db: Queryable,
  userId: string,
  { strategyId, accountId }: SubscriptionKey,
): Promise<void> => {
  await db.query('delete from subscriptions where user_id = $1 and strategy_id = $2 and account_id = $3', [
    userId,
    strategyId,
    accountId,
  ]);
};

/** An account that is removed follows nothing any more. */
export const deleteSubscriptionsOfAccount = async (db: Queryable, accountId: string): Promise<void> => {
  await db.query('delete from subscriptions where account_id = $1', [accountId]);
};
