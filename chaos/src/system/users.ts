import { AccountsSetup, accounts } from '@switchyard/accounts-service';
import { parseConfig } from '@switchyard/config';
import { simulatedCredentials, VENUES, type VenueName } from '@switchyard/exchanges';
import { createLogger, createMetrics } from '@switchyard/observability';
import { openPlatform, startService } from '@switchyard/runtime';
import { STRATEGY_ID } from '../load/strategy.js';
import type { PaperVenue } from './paper-venue.js';

/** An account in mode paper. */
export interface Account {
  readonly venue: VenueName;
  readonly accountId: string;
  /** By which the venue knows it; another at each venue. */
  readonly accountKey: string;
}

/** A user of the run: accounts at several venues, and a token. */
export interface User {
  readonly userId: string;
  readonly accounts: readonly Account[];
  /** Rich enough for orders that one venue's book does not hold. */
  readonly isLarge: boolean;
  readonly token: string;
}

/** So wide that little but funds refuses an order: what is tested is work, not refusals. */
const LIMITS = {
  tradesPerSecond: 1_000,
  burst: 1_000,
  maxOpenPositions: 100,
  maxOrdersPerDay: 1_000_000_000,
  maxBalancePercent: 100,
  maxSectorPercent: 1_000,
  maxSignalAgeS: 300,
} as const;
/** In the venue's own dollar. */
const FUNDS = '1000000';
const LARGE_FUNDS = '20000000';
const LARGE_EVERY = 6;
const FEWEST_VENUES = 3;

export interface UsersOptions {
  /** Of the accounts service. */
  readonly env: NodeJS.ProcessEnv;
  readonly databaseUrl: string;
  readonly partitions: number;
  readonly venues: ReadonlyMap<VenueName, PaperVenue>;
  readonly count: number;
  /** Whether each follows the strategy of the run, with the first of its accounts. */
  readonly follows: boolean;
}

/** Who halts, publishes for the strategy, and subscribes the others. */
const OPERATOR = 'chaos-operator';

/** Everybody of a run. */
export interface People {
  readonly users: readonly User[];
  /** Of an admin. */
  readonly adminToken: string;
}

/** Makes the users that are missing. The accounts service runs here for a moment; its process goes on from what it stored. */
export async function ensureUsers({
  env,
  databaseUrl,
  partitions,
  venues,
  count,
  follows,
}: UsersOptions): Promise<People> {
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
      for (let i = 1; i <= count; i += 1) users.push(await ensureUser(setup, venues, i, follows));
      await setup.ensureUser({ userId: OPERATOR, enabled: true, mode: 'paper', limits: {} });
      return { users, adminToken: await setup.ensureToken({ userId: OPERATOR, role: 'admin', name: 'chaos' }) };
    } finally {
      await service.stop();
    }
  } finally {
    await platform.close();
  }
}

const ensureUser = async (
  setup: AccountsSetup,
  venues: ReadonlyMap<VenueName, PaperVenue>,
  number: number,
  follows: boolean,
): Promise<User> => {
  const userId = `chaos-${number}`;
  const isLarge = number % LARGE_EVERY === 0;
  await setup.ensureUser({ userId, enabled: true, mode: 'paper', limits: LIMITS });
  const accounts: Account[] = [];
  for (const venue of venuesOf(number, [...venues.keys()], isLarge)) {
    const accountId = `${userId}-${venue}`;
    const credentials = simulatedCredentials(venue, userId);
    const dollar = VENUES[venue].capabilities.quoteAliases['USD'] ?? 'USD';
    await venues.get(venue)?.openAccount(credentials, { [dollar]: isLarge ? LARGE_FUNDS : FUNDS });
    await setup.ensureAccount(userId, {
      ...{ accountId, venue, mode: 'paper', market: 'spot', usdtAsUsd: true, timeZone: 'UTC', credentials },
      ...{ testnet: undefined, startingBalances: undefined },
    });
    accounts.push({ venue, accountId, accountKey: credentials.apiKey });
  }
  const [followed] = accounts;
  if (follows && followed !== undefined)
    await setup.ensureSubscription(
      userId,
      { strategyId: STRATEGY_ID, accountId: followed.accountId },
      { paused: false, scaling: { kind: 'multiplier', factor: '1' } },
    );
  const token = await setup.ensureToken({ userId, role: 'trader', name: 'chaos' });
  return { userId, accounts, isLarge, token };
};

/** From three venues to all of them, beginning with another one for each user. */
const venuesOf = (number: number, venues: readonly VenueName[], all: boolean): readonly VenueName[] => {
  const count = all ? venues.length : FEWEST_VENUES + (number % Math.max(1, venues.length - FEWEST_VENUES + 1));
  return venues.map((_, i) => venues[(number + i) % venues.length] ?? 'binance').slice(0, count);
};
