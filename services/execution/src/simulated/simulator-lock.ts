import type { Tx } from '@switchyard/persistence';
import { AS_CLAIM } from '../adapters/postgres/trading-states.js';

/**
 * One simulator at a time, over all replicas: simulated orders are filled in the order of the queue, and simulated balances change and are
 * told in one place. `false` where another is at it: nobody waits, for a connection would wait with him. Held until the transaction ends;
 * transaction-level, so that a pooler between us and the database does no harm. Whoever gets it is known as one that takes tasks, too.
 */
export const tryLockSimulator = async (tx: Tx): Promise<boolean> => {
  const [, { rows }] = await Promise.all([tx.query(BY_KEYS), tx.query<{ locked: boolean }>(TRY_LOCK)]);
  return rows[0]?.locked === true;
};

// The schema tells the venues of one database apart.
const KEY = "hashtextextended('switchyard:simulator:' || current_schema(), 0)";
const TRY_LOCK = {
  name: 'execution-try-lock-simulator',
  text: `select pg_try_advisory_xact_lock(${KEY}) as locked, ${AS_CLAIM}`,
};
// A plan is kept, and may have been made when there were so few tasks that reading them all was cheapest.
const BY_KEYS = { name: 'execution-by-keys', text: 'set local enable_seqscan = off' };
