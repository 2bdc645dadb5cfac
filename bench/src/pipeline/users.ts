import { AccountsSetup, accounts } from '@switchyard/accounts-service';
import { parseConfig } from '@switchyard/config';
import type { VenueName } from '@switchyard/exchanges';
import { createLogger, createMetrics } from '@switchyard/observability';
import { openPlatform, startService } from '@switchyard/runtime';
import type { Mode } from './options.js';
import { PARTITIONS } from './system.js';
import { fundsAt, openAtVenue } from './venue-accounts.js';

export const userOf = (mode: Mode, index: number): string => `bench-${mode}-${String(index).padStart(4, '0')}`;

/** Raised as far as they go: what is measured is work, not refusals. */
export const LIMITS = {
  tradesPerSecond: 1_000_000,
  burst: 1_000_000,
  maxOpenPositions: 100,
  maxOrdersPerDay: 1_000_000_000,
  maxOrderQuantity: '1000000000',
  maxPositionQuantity: '1000000000000',
  maxBalancePercent: 100,
  maxSectorPercent: 1_000,
  maxSignalAgeS: 3_600,
} as const;

export interface UsersOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly venues: ReadonlyMap<VenueName, string>;
  readonly users: Readonly<Record<Mode, number>>;
}

/** Makes users with an account at each venue, in the mode that they are for; the services learn of them from the log. */
export const ensureUsers = async ({ env, venues, users }: UsersOptions): Promise<void> => {
  const config = parseConfig(accounts.config, env);
  if (!config.ok) throw new Error(`accounts: ${JSON.stringify(config.problems)}`);
  const platform = await openPlatform({
    databaseUrl: env['DATABASE_URL'] ?? '',
    transport: 'postgres',
    partitions: PARTITIONS,
    instance: 'bench-setup',
    others: true,
    poolSize: 8,
    logger: createLogger({ service: 'bench', level: 'warn', pretty: true }),
    metrics: createMetrics({ service: 'bench', process: false }),
    traced: false,
  });
  const service = await startService(accounts, config.config, platform);
  try {
    const setup = service.app.get(AccountsSetup);
    for (const mode of ['simulated', 'paper'] as const) {
      await inParallel(8, users[mode], async (index) => {
        const userId = userOf(mode, index);
        await setup.ensureUser({ userId, enabled: true, mode, limits: LIMITS });
        for (const [venue, url] of venues)
          await setup.ensureAccount(userId, {
            ...{ accountId: `${userId}-${venue}`, venue, mode, market: 'spot', usdtAsUsd: true, timeZone: 'UTC' },
            testnet: undefined,
            ...(mode === 'simulated'
              ? { startingBalances: fundsAt(venue) }
              : { startingBalances: undefined, credentials: await openAtVenue(venue, url, userId) }),
          });
      });
    }
  } finally {
    await service.stop();
    await platform.close();
  }
};

const inParallel = async (lanes: number, count: number, work: (index: number) => Promise<void>): Promise<void> => {
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < count) {
      const index = next;
      next += 1;
      await work(index);
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
};
