import type { Queryable } from '@switchyard/persistence';

/** A position that is open, as the journal has it. */
export interface OpenPosition {
  readonly userId: string;
  readonly accountId: string;
  readonly venue: string;
  readonly mode: string;
  readonly pair: string;
  readonly quantity: string;
}

/** More than anybody closes by hand; a run takes the next when these are closed. */
const MOST = 1_000;

/** The open positions in a scope: everybody's, a venue's or a user's. */
export const openPositions = async (db: Queryable, scope: string): Promise<readonly OpenPosition[]> => {
  const [kind, name = null] = scope.split(/:(.*)/s);
  const { rows } = await db.query<Record<'user_id' | 'account_id' | 'venue' | 'mode' | 'pair' | 'quantity', string>>(
    OPEN,
    [kind === 'user' ? name : null, kind === 'venue' ? name : null, MOST],
  );
  return rows.map(({ user_id: userId, account_id: accountId, venue, mode, pair, quantity }) => ({
    ...{ userId, accountId, venue, mode, pair, quantity },
  }));
};

const OPEN = `
  select user_id, account_id, venue, mode, pair, trim_scale(sum(quantity))::text as quantity from journal.api_positions
  where status = 'open' and ($1::text is null or user_id = $1) and ($2::text is null or venue = $2)
  group by 1, 2, 3, 4, 5 order by user_id, account_id, pair limit $3`;
