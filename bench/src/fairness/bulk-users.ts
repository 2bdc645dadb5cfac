import { openKeyRing } from '@switchyard/auth';
import type { AccountPolicyChanged } from '@switchyard/contracts';
import { deriveId } from '@switchyard/log';
import { StageEventLog } from '@switchyard/log-postgres';
import { createLogger, createMetrics } from '@switchyard/observability';
import { openDatabase } from '@switchyard/persistence';
import { openPlatform } from '@switchyard/runtime';
import { join } from 'node:path';
import { PARTITIONS, type System } from '../pipeline/system.js';
import { LIMITS, userOf } from '../pipeline/users.js';
import { fundsAt } from '../pipeline/venue-accounts.js';

const AT_ONCE = 500;
const PATIENCE_MS = 300_000;

/**
 * Makes users of mode simulated with an account at Binance, from one number to another, as accounts stores them and tells of them, but
 * hundreds in a transaction; and waits until risk knows what each of them has.
 */
export const loadUsers = async (system: System, directory: string, from: number, to: number): Promise<void> => {
  const keys = await openKeyRing({ file: join(directory, 'kek'), create: true });
  const platform = await openPlatform({
    databaseUrl: system.databaseUrl,
    transport: 'postgres',
    partitions: PARTITIONS,
    instance: 'bench-users',
    others: true,
    poolSize: 4,
    logger: createLogger({ service: 'bench', level: 'warn', pretty: true }),
    metrics: createMetrics({ service: 'bench', process: false }),
    traced: false,
  });
  const db = await openDatabase({ url: system.databaseUrl, schema: 'accounts', applicationName: 'bench users' });
  const log = new StageEventLog(db, 'accounts', PARTITIONS, platform.hub, platform.compacted);
  try {
    for (let first = from; first < to; first += AT_ONCE) {
      const ids = Array.from({ length: Math.min(AT_ONCE, to - first) }, (_, n) => userOf('simulated', first + n));
      const dataKeys = await Promise.all(ids.map((userId) => keys.newDataKey(userId)));
      await db.transaction(async (tx) => {
        await tx.query(
          `insert into users (user_id, version, enabled, mode, limits, data_key)
           select user_id, 1, true, 'simulated', $3, data_key from unnest($1::text[], $2::bytea[]) as u (user_id, data_key)`,
          [ids, dataKeys, JSON.stringify(LIMITS)],
        );
        await tx.query(
          `insert into exchange_accounts (account_id, user_id, venue, mode, market, usdt_as_usd, time_zone, starting_balances)
           select user_id || '-binance', user_id, 'binance', 'simulated', 'spot', true, 'UTC', $2 from unnest($1::text[]) as user_id`,
          [ids, JSON.stringify(fundsAt('binance'))],
        );
        const events = ids.map((userId) => ({
          topic: 'AccountPolicyChanged',
          type: 'AccountPolicyChanged',
          key: userId,
          payload: policyOf(userId),
          cause: { id: deriveId('account-policy', userId, '1') },
        }));
        await log.append(tx, events);
      });
    }
    await known(system, to);
  } finally {
    await db.close();
    await platform.close();
  }
};

const policyOf = (userId: string): AccountPolicyChanged => ({
  userId,
  version: 1,
  enabled: true,
  mode: 'simulated',
  limits: LIMITS,
  accounts: [
    {
      accountId: `${userId}-binance`,
      venue: 'binance',
      mode: 'simulated',
      market: 'spot',
      enabled: true,
      usdtAsUsd: true,
      timeZone: 'UTC',
      startingBalances: fundsAt('binance'),
    },
  ],
  changedBy: 'bench',
  reason: 'loaded',
  changedAt: new Date().toISOString(),
});

const known = async (system: System, users: number): Promise<void> => {
  const db = await openDatabase({ url: system.databaseUrl, schema: 'log', applicationName: 'bench users' });
  try {
    const end = performance.now() + PATIENCE_MS;
    for (;;) {
      const { rows } = await db.query<{ known: string }>(
        `select count(*) as known from risk.documents where kind = 'user' and doc like '%"snapshot":%'`,
      );
      if (Number(rows[0]?.known) >= users) break;
      if (performance.now() > end) throw new Error(`risk knows ${rows[0]?.known ?? 0} users, not ${users}`);
      await new Promise((resolve) => setTimeout(resolve, 1_000));
    }
    // As users are who have been here for a while: the first look at each account, a hundred a second, lies behind them.
    await db.query(`update reconciliation.accounts set resting = true, next_request_at = now() + interval '1 hour'`);
  } finally {
    await db.close();
  }
};
