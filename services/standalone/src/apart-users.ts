import type { VenueName } from '@switchyard/exchanges';
import { AccountsSetup, accounts } from '@switchyard/accounts-service';
import { createMetrics, type Logger } from '@switchyard/observability';
import { openPlatform, startService } from '@switchyard/runtime';
import { ensureDemoData, type Tokens } from './demo/demo-data.js';
import type { StandaloneSettings } from './settings.js';
import { configOf } from './standalone.js';

export interface UsersOptions {
  readonly settings: StandaloneSettings;
  readonly databaseUrl: string;
  readonly env: NodeJS.ProcessEnv;
  readonly venues: ReadonlyMap<VenueName, string>;
  readonly demo: boolean;
  readonly logger: Logger;
}

/** The accounts service runs here for a moment, to make the users that are missing; its process goes on from what it stored. */
export async function usersApart({ settings, databaseUrl, env, venues, demo, logger }: UsersOptions): Promise<Tokens> {
  const platform = await openPlatform({
    databaseUrl,
    transport: 'postgres',
    partitions: settings.log.partitions,
    instance: 'accounts-setup',
    others: true,
    poolSize: 4,
    logger,
    metrics: createMetrics({ service: 'setup', process: false }),
    traced: false,
  });
  try {
    const service = await startService(accounts, configOf(accounts, env), platform);
    try {
      return await ensureDemoData(service.app.get(AccountsSetup), { ...settings, venues, demo });
    } finally {
      await service.stop();
    }
  } finally {
    await platform.close();
  }
}
