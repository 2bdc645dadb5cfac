import type { EffectsPort } from '@switchyard/log';
import type { Statement, Tx } from '@switchyard/persistence';
import type { Follower } from '@switchyard/signal';
import type { FanOut } from './fan-out.js';

/** What the stage's decisions leave for the fan-out: whom a user's accounts follow from now on, and signals to copy. */
export type FanOutEffect =
  | { readonly type: 'followers'; readonly userId: string; readonly followers: readonly Follower[] }
  | { readonly type: 'fanOut'; readonly fanOut: FanOut };

/** Stores them in the stage's own transaction: two statements at most, which leave with its commit. */
export class FanOutEffects implements EffectsPort<Tx> {
  /** @param wake told after a commit that there is something to copy */
  constructor(private readonly wake: () => void) {}

  apply(tx: Tx, effects: readonly unknown[]): Promise<void> {
    const all = effects as readonly FanOutEffect[];
    const users = new Map(all.flatMap((effect) => (effect.type === 'followers' ? [[effect.userId, effect]] : [])));
    const fanOuts = all.flatMap((effect) => (effect.type === 'fanOut' ? [effect.fanOut] : []));
    // Their failure is the transaction's.
    if (users.size > 0) {
      const rows = [...users.values()].flatMap(({ followers }) => followers);
      void tx.query(FOLLOW, [
        [...users.keys()],
        rows.map(({ subscription }) => subscription.strategyId),
        rows.map(({ userId }) => userId),
        rows.map(({ accountId }) => accountId),
        rows.map((follower) => JSON.stringify(follower)),
      ]);
    }
    if (fanOuts.length > 0) {
      void tx.query(BEGIN, [
        fanOuts.map(({ strategyId }) => strategyId),
        fanOuts.map(({ signal }) => signal.signalId),
        fanOuts.map((fanOut) => JSON.stringify(fanOut)),
      ]);
      tx.afterCommit(this.wake);
    }
    return Promise.resolve();
  }
}

// A user's list is whole at each version: what it does not name is not followed any more.
const FOLLOW: Statement = {
  name: 'validation_follow',
  text: `
    WITH given AS (
      SELECT * FROM unnest($2::text[], $3::text[], $4::text[], $5::text[]) AS f (strategy_id, user_id, account_id, follower)
    ), gone AS (
      DELETE FROM followers f USING unnest($1::text[]) AS u (user_id)
      WHERE f.user_id = u.user_id AND NOT EXISTS (
        SELECT FROM given g WHERE g.strategy_id = f.strategy_id AND g.account_id = f.account_id AND g.user_id = f.user_id
      )
    )
    INSERT INTO followers AS f (strategy_id, user_id, account_id, follower) SELECT * FROM given
    ON CONFLICT (strategy_id, account_id, user_id) DO UPDATE SET follower = excluded.follower WHERE f.follower <> excluded.follower`,
};

const BEGIN: Statement = {
  name: 'validation_begin_fan_out',
  text: `INSERT INTO fan_outs (strategy_id, signal_id, decision)
         SELECT f.strategy_id, f.signal_id, f.decision
         FROM unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY AS f (strategy_id, signal_id, decision, place) ORDER BY f.place`,
};
