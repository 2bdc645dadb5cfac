import { AccountsSetup, accounts } from '@switchyard/accounts-service';
import { parseConfig } from '@switchyard/config';
import { deriveId } from '@switchyard/log';
import { createLogger, createMetrics } from '@switchyard/observability';
import { openPlatform, startService } from '@switchyard/runtime';
import type { Mode } from './options.js';
import { PARTITIONS } from './system.js';

export const userOf = (mode: Mode, index: number): string => `bench-${mode}-${String(index).padStart(4, '0')}`;

/** Raised as far as they go: what is measured is work, not refusals. */
const LIMITS = {
  tradesPerSecond: 1_000_000,
  burst: 1_000_000,
  maxOpenPositions: 100,
  maxOrdersPerDay: 1_000_000_000,
  maxOrderQuantity: '1000000000',
  maxPositionQuantity: '1000000000000',
  maxBalancePercent: 100,
  maxSignalAgeS: 3_600,
} as const;

const FUNDS = { USDT: '1000000000' } as const;

export interface UsersOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly venueUrl: string;
  readonly users: Readonly<Record<Mode, number>>;
}

/** Makes users with one Binance account each, in the mode that they are for; the services learn of them from the log. */
export const ensureUsers = async ({ env, venueUrl, users }: UsersOptions): Promise<void> => {
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
        await setup.ensureAccount(userId, {
          accountId: `${userId}-binance`,
          venue: 'binance',
          mode,
          market: 'spot',
          testnet: undefined,
          usdtAsUsd: true,
          timeZone: 'UTC',
          ...(mode === 'simulated'
            ? { startingBalances: FUNDS }
            : { startingBalances: undefined, credentials: await openAtVenue(venueUrl, userId) }),
        });
      });
    }
  } finally {
    await service.stop();
    await platform.close();
  }
};

const openAtVenue = async (venueUrl: string, userId: string) => {
  const apiKey = deriveId('bench-key', userId);
  const secret = deriveId('bench-secret', userId);
  const body = { accountKey: apiKey, secret, balances: FUNDS };
  await post(`${venueUrl}/_accounts`, body);
  return { apiKey, secret };
};

/** Books so deep that no order of the load is too large for them, and that stand still. */
export const setDeepBooks = async (venueUrl: string): Promise<void> => {
  const books = { BTCUSDT: [7_000, '0.01'], ETHUSDT: [400, '0.01'], LTCUSDT: [120, '0.01'] } as const;
  for (const [symbol, [mid, tick]] of Object.entries(books)) {
    const level = (side: 1 | -1, depth: number): readonly [string, string] => [
      (mid + side * Number(tick) * (depth + 1)).toFixed(2),
      '1000000',
    ];
    await post(`${venueUrl}/_book`, {
      symbol,
      bids: Array.from({ length: 20 }, (_, depth) => level(-1, depth)),
      asks: Array.from({ length: 20 }, (_, depth) => level(1, depth)),
    });
  }
};

const post = async (url: string, body: unknown): Promise<void> => {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${await response.text()}`);
  await response.body?.cancel();
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
