import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AccountsSetup, accounts } from '@switchyard/accounts-service';
import { gateway } from '@switchyard/gateway-service';
import { journal } from '@switchyard/journal-service';
import { createLogger, createMetrics } from '@switchyard/observability';
import { openPlatform, startService, type RunningService } from '@switchyard/runtime';
import { signalValidation } from '@switchyard/signal-validation-service';
import { run } from '../index.js';

const PARTITIONS = 2;

export interface Ran {
  readonly exit: number;
  readonly out: string;
  readonly err: string;
  /** What `--json` printed. */
  readonly json: any;
}

export interface TestDeployment {
  readonly url: string;
  readonly dataDir: string;
  /** Runs a command line, as one that has the deployment's tokens file. */
  readonly sy: (line: string | readonly string[], given?: Given) => Promise<Ran>;
  stop(): Promise<void>;
}

export interface Given {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly input?: string;
}

/** For specs: the real gateway, accounts, signal validation and journal over a real Postgres log, and a user `demo` with an account. */
export const startDeployment = async (databaseUrl: string): Promise<TestDeployment> => {
  const dataDir = await mkdtemp(join(tmpdir(), 'switchyard-cli-'));
  const platform = await openPlatform({
    databaseUrl,
    transport: 'postgres',
    partitions: PARTITIONS,
    instance: 'spec',
    others: false,
    poolSize: 4,
    logger: createLogger({ service: 'spec', level: 'fatal' }),
    metrics: createMetrics({ service: 'spec', process: false }),
    traced: false,
  });
  await platform.compacted.put([{ topic: 'MarketSnapshot', key: 'binance/BTC-USD', version: 1, payload: snapshot() }]);
  const listen = { host: '127.0.0.1', port: 0 };
  const users = await startService(
    accounts,
    accounts.config.parse({
      SWITCHYARD_KEY_ENCRYPTION_KEY: Buffer.alloc(32, 7).toString('base64'),
      SWITCHYARD_APPROVALS_REQUIRED: 'flatten_all',
      // No executor runs here that could say that it keeps a state.
      SWITCHYARD_TRADING_STATE_TIMEOUT_MS: '50',
    }),
    platform,
    listen,
  );
  const services: RunningService[] = [
    await startService(journal, journal.config.parse({ SWITCHYARD_JOURNAL_SEAL_INTERVAL_MS: '50' }), platform),
    await startService(signalValidation, signalValidation.config.parse({}), platform),
    users,
    await startService(
      gateway,
      gateway.config.parse({
        SWITCHYARD_ACCOUNTS_URL: users.url,
        SWITCHYARD_PARTITIONS: String(PARTITIONS),
        SWITCHYARD_TOKEN_CACHE_MS: '1',
      }),
      platform,
      listen,
    ),
  ];
  await writeFile(join(dataDir, 'tokens.json'), JSON.stringify(await tokensOf(users.app.get(AccountsSetup))));
  const url = services.at(-1)?.url ?? '';
  return {
    url,
    dataDir,
    sy: async (line, { env = {}, input = '' } = {}) => {
      let [out, err] = ['', ''];
      const exit = await run(typeof line === 'string' ? line.split(' ') : line, {
        env: { SWITCHYARD_URL: url, SWITCHYARD_DATA_DIR: dataDir, DATABASE_URL: databaseUrl, ...env },
        cwd: dataDir,
        out: (text) => (out += text),
        err: (text) => (err += text),
        input: () => Promise.resolve(input),
      });
      return { exit, out, err, json: line.includes('--json') ? JSON.parse(out) : undefined };
    },
    stop: async () => {
      for (const service of services.reverse()) await service.stop();
      await platform.close();
      await rm(dataDir, { recursive: true });
    },
  };
};

const tokensOf = async (setup: AccountsSetup): Promise<Readonly<Record<string, string>>> => {
  const tokens: Record<string, string> = {};
  for (const [userId, role] of [
    ['admin', 'admin'],
    ['operator', 'operator'],
    ['demo', 'trader'],
  ] as const) {
    await setup.ensureUser({ userId, enabled: true, mode: 'paper' });
    tokens[userId] = await setup.ensureToken({ userId, role, name: 'tokens.json' });
  }
  await setup.ensureAccount('demo', {
    accountId: 'demo-binance',
    venue: 'binance',
    mode: 'paper',
    market: 'spot',
    testnet: undefined,
    usdtAsUsd: true,
    timeZone: 'UTC',
    startingBalances: undefined,
    credentials: { apiKey: 'demo', secret: 'demo' },
  });
  return tokens;
};

const snapshot = () => ({
  venue: 'binance',
  pair: 'BTC-USD',
  instrument: {
    venueSymbol: 'BTCUSDT',
    base: 'BTC',
    quote: 'USDT',
    tickSize: '0.01',
    lotSize: '0.00001',
    minQuantity: '0.00001',
    minNotional: '5',
  },
  fees: { maker: '0.001', taker: '0.001' },
  bids: [['63999', '2']],
  asks: [['64001', '2']],
  bookHash: 'hash',
  version: 1,
  receivedAt: new Date().toISOString(),
});
