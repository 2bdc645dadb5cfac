import { AccountsSetup, accounts } from '@switchyard/accounts-service';
import { parseConfig } from '@switchyard/config';
import { createLogger, createMetrics } from '@switchyard/observability';
import { openPlatform, startService } from '@switchyard/runtime';
import { LIMITS } from '../pipeline/users.js';
import { openAtVenue, fundsAt } from '../pipeline/venue-accounts.js';
import { PARTITIONS, type System } from '../pipeline/system.js';

export interface Person {
  readonly userId: string;
  readonly mode: 'simulated' | 'paper';
  /** Names the person's account at the venue and its key; default the user's id. */
  readonly mark?: string;
}

/** Makes people with an account at Binance and a token each. @returns the tokens by user */
export const makePeople = async (
  system: System,
  people: readonly Person[],
): Promise<{ readonly tokens: ReadonlyMap<string, string>; readonly keys: ReadonlyMap<string, string> }> => {
  const config = parseConfig(accounts.config, system.env);
  if (!config.ok) throw new Error(`accounts: ${JSON.stringify(config.problems)}`);
  const platform = await openPlatform({
    databaseUrl: system.databaseUrl,
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
  const url = system.venues.get('binance') ?? '';
  const tokens = new Map<string, string>();
  const keys = new Map<string, string>();
  try {
    const setup = service.app.get(AccountsSetup);
    const make = async ({ userId, mode, mark = userId }: Person): Promise<void> => {
      await setup.ensureUser({ userId, enabled: true, mode, limits: LIMITS });
      const credentials = mode === 'paper' ? await openAtVenue('binance', url, mark) : undefined;
      if (credentials !== undefined) keys.set(userId, credentials.apiKey);
      await setup.ensureAccount(userId, {
        ...{ accountId: `${userId}-binance`, venue: 'binance', mode, market: 'spot', usdtAsUsd: true, timeZone: 'UTC' },
        testnet: undefined,
        startingBalances: mode === 'simulated' ? fundsAt('binance') : undefined,
        credentials,
      });
      tokens.set(userId, await setup.ensureToken({ userId, role: 'trader', name: 'bench' }));
    };
    const waiting = [...people];
    const lane = async (): Promise<void> => {
      for (let person = waiting.pop(); person !== undefined; person = waiting.pop()) await make(person);
    };
    await Promise.all(Array.from({ length: 8 }, lane));
    return { tokens, keys };
  } finally {
    await service.stop();
    await platform.close();
  }
};
