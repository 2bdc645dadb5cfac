import { AccountsSetup, accounts } from '@switchyard/accounts-service';
import { parseConfig } from '@switchyard/config';
import { deriveId } from '@switchyard/log';
import { createLogger, createMetrics } from '@switchyard/observability';
import { openPlatform, startService } from '@switchyard/runtime';
import type { PaperVenue } from './paper-venue.js';

/** A user of the run: an account at the simulated venue in mode paper, and a token. */
export interface User {
  readonly userId: string;
  readonly accountId: string;
  readonly accountKey: string;
  readonly token: string;
}

/** So wide that little but funds refuses an order: what is tested is work, not refusals. */
const LIMITS = {
  tradesPerSecond: 1_000,
  burst: 1_000,
  maxOpenPositions: 100,
  maxOrdersPerDay: 1_000_000_000,
  maxBalancePercent: 100,
  maxSignalAgeS: 300,
} as const;
const FUNDS = { USDT: '1000000' } as const;

export interface UsersOptions {
  /** Of the accounts service. */
  readonly env: NodeJS.ProcessEnv;
  readonly databaseUrl: string;
  readonly partitions: number;
  readonly venue: PaperVenue;
  readonly count: number;
}

/** Makes the users that are missing. The accounts service runs here for a moment; its process goes on from what it stored. */
export async function ensureUsers({
  env,
  databaseUrl,
  partitions,
  venue,
  count,
}: UsersOptions): Promise<readonly User[]> {
  const config = parseConfig(accounts.config, env);
  if (!config.ok) throw new Error(`accounts: ${JSON.stringify(config.problems)}`);
  const platform = await openPlatform({
    databaseUrl,
    transport: 'postgres',
    partitions,
    instance: 'accounts-setup',
    others: true,
    poolSize: 4,
    logger: createLogger({ service: 'chaos', level: 'error', pretty: true }),
    metrics: createMetrics({ service: 'chaos', process: false }),
    traced: false,
  });
  try {
    const service = await startService(accounts, config.config, platform);
    try {
      const setup = service.app.get(AccountsSetup);
      const users: User[] = [];
      for (let i = 1; i <= count; i += 1) users.push(await ensureUser(setup, venue, `chaos-${i}`));
      return users;
    } finally {
      await service.stop();
    }
  } finally {
    await platform.close();
  }
}

const ensureUser = async (setup: AccountsSetup, venue: PaperVenue, userId: string): Promise<User> => {
  const accountId = `${userId}-binance`;
  const credentials = { apiKey: deriveId('chaos-key', userId), secret: deriveId('chaos-secret', userId) };
  await venue.openAccount(credentials.apiKey, credentials.secret, FUNDS);
  await setup.ensureUser({ userId, enabled: true, mode: 'paper', limits: LIMITS });
  await setup.ensureAccount(userId, {
    ...{ accountId, venue: 'binance', mode: 'paper', market: 'spot', usdtAsUsd: true, timeZone: 'UTC', credentials },
    ...{ testnet: undefined, startingBalances: undefined },
  });
  const token = await setup.ensureToken({ userId, role: 'trader', name: 'chaos' });
  return { userId, accountId, accountKey: credentials.apiKey, token };
};
