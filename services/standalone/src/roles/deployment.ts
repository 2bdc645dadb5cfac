import { AccountsSetup, accounts } from '@switchyard/accounts-service';
import { newToken, type Role } from '@switchyard/auth';
import { gateway } from '@switchyard/gateway-service';
import { journal } from '@switchyard/journal-service';
import { StageEventLog } from '@switchyard/log-postgres';
import { createLogger, createMetrics } from '@switchyard/observability';
import { openDatabase } from '@switchyard/persistence';
import { openPlatform, startService, type RunningService } from '@switchyard/runtime';
import { signalValidation } from '@switchyard/signal-validation-service';
import { RestClient } from '../testing/rest-client.js';
import { servedRoutes } from './served-routes.js';

const PARTITIONS = 2;

/** What nobody may ever be answered. */
export const SECRETS = ['planted-matrix-key-77c1', 'planted-matrix-secret-9e02', 'planted-matrix-passphrase-4d8b'];

export interface Doors {
  readonly routes: readonly string[];
  /** The gateway, as whoever has this token. */
  as(token: string | undefined): RestClient;
  /** A new user, with an account that has keys, and a token of that role. */
  person(userId: string, role: Role): Promise<string>;
  /** An order and a signal of a user, as the journal knows them. */
  traded(userId: string): Promise<{ readonly orderId: string; readonly signalId: string }>;
  stop(): Promise<void>;
}

/** For specs: the real gateway, accounts, signal validation and journal over one Postgres log. */
export const openDoors = async (databaseUrl: string): Promise<Doors> => {
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
      SWITCHYARD_TRADING_STATE_TIMEOUT_MS: '20',
      SWITCHYARD_VENUES: 'binance',
    }),
    platform,
    listen,
  );
  const services: RunningService[] = [
    users,
    await startService(journal, journal.config.parse({ SWITCHYARD_JOURNAL_SEAL_INTERVAL_MS: '50' }), platform),
    await startService(signalValidation, signalValidation.config.parse({}), platform),
  ];
  const door = await startService(
    gateway,
    gateway.config.parse({
      SWITCHYARD_ACCOUNTS_URL: users.url,
      SWITCHYARD_PARTITIONS: String(PARTITIONS),
      SWITCHYARD_TOKEN_CACHE_MS: '1',
    }),
    platform,
    listen,
  );
  services.push(door);
  const setup = users.app.get(AccountsSetup);
  const stages = await openDatabase({ url: databaseUrl, schema: 'log', applicationName: 'spec' });
  await stages.query(
    'insert into log.shards (deployment, partition) select $1, generate_series(0, $2 - 1) on conflict do nothing',
    ['routing', PARTITIONS],
  );
  const routing = new StageEventLog(stages, 'routing', PARTITIONS, platform.hub, platform.compacted);
  return {
    routes: [...new Set([...servedRoutes(door.app), ...servedRoutes(users.app)])],
    as: (token) => new RestClient(door.url ?? '', token),
    person: async (userId, role) => {
      await setup.ensureUser({ userId, enabled: true, mode: 'paper' });
      const [apiKey = '', secret = '', passphrase = ''] = SECRETS;
      await setup.ensureAccount(userId, {
        accountId: `${userId}-binance`,
        venue: 'binance',
        mode: 'paper',
        market: 'spot',
        testnet: undefined,
        usdtAsUsd: true,
        timeZone: 'UTC',
        startingBalances: undefined,
        credentials: { apiKey: `${apiKey}-${userId}`, secret, passphrase },
      });
      return setup.ensureToken({ userId, role, name: 'matrix', token: newToken() });
    },
    traded: async (userId) => {
      const signalId = `signal-of-${userId}`;
      const orderId = `order-of-${userId}`;
      await stages.transaction((tx) =>
        routing.append(tx as never, [
          {
            topic: 'OrderRouted.binance',
            type: 'OrderRouted',
            key: userId,
            payload: routed(userId, signalId, orderId),
            cause: { id: `cause-${orderId}`, correlationId: signalId },
          },
        ]),
      );
      return { orderId, signalId };
    },
    stop: async () => {
      for (const service of services.reverse()) await service.stop();
      await stages.close();
      await platform.close();
    },
  };
};

const routed = (userId: string, signalId: string, orderId: string) => ({
  orderId,
  parentOrderId: `parent-${orderId}`,
  signalId,
  userId,
  accountId: `${userId}-binance`,
  venue: 'binance',
  pair: 'BTC-USD',
  venueSymbol: 'BTCUSDT',
  side: 'buy',
  signalType: 'entry',
  orderType: 'limit',
  quantity: '0.01',
  limitPrice: '60000',
  timeInForce: 'gtc',
  mode: 'paper',
  decision: { sentence: 'Binance is the only venue with an account.', venues: [] },
  routedAt: new Date().toISOString(),
  dryRun: true,
});

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
