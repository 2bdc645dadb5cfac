import { AccountsSetup, accounts } from '@switchyard/accounts-service';
import { parseConfig } from '@switchyard/config';
import { createLogger, createMetrics } from '@switchyard/observability';
import { openPlatform, startService } from '@switchyard/runtime';
import { userOf } from '../pipeline/users.js';
import { PARTITIONS } from '../pipeline/system.js';

const LANES = 8;

/** Has the one account of each of so many users follow a strategy, and makes a token that may publish it. */
export const ensureFollowers = async (
  env: NodeJS.ProcessEnv,
  strategyId: string,
  users: number,
  venue: string,
): Promise<string> => {
  const config = parseConfig(accounts.config, env);
  if (!config.ok) throw new Error(`accounts: ${JSON.stringify(config.problems)}`);
  const platform = await openPlatform({
    databaseUrl: env['DATABASE_URL'] ?? '',
    transport: 'postgres',
    partitions: PARTITIONS,
    instance: 'bench-followers',
    others: true,
    poolSize: LANES,
    logger: createLogger({ service: 'bench', level: 'warn', pretty: true }),
    metrics: createMetrics({ service: 'bench', process: false }),
    traced: false,
  });
  const service = await startService(accounts, config.config, platform);
  try {
    const setup = service.app.get(AccountsSetup);
    let next = 0;
    const lane = async (): Promise<void> => {
      while (next < users) {
        const userId = userOf('simulated', next);
        next += 1;
        await setup.ensureSubscription(
          userId,
          { strategyId, accountId: `${userId}-${venue}` },
          { paused: false, scaling: { kind: 'multiplier', factor: '0.5' }, maxQuote: '1000' },
        );
      }
    };
    await Promise.all(Array.from({ length: LANES }, lane));
    await setup.ensureUser({ userId: 'publisher', enabled: true, mode: 'simulated' });
    return await setup.ensureToken({ userId: 'publisher', role: 'trader', name: 'bench', publishes: strategyId });
  } finally {
    await service.stop();
    await platform.close();
  }
};
