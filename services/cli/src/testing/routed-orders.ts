import { bookHashOf, bookText, type MarketSnapshot, type OrderApproved } from '@switchyard/contracts';
import { journal } from '@switchyard/journal-service';
import { append } from '@switchyard/log-postgres';
import { createLogger, createMetrics } from '@switchyard/observability';
import { openDatabase, type Database } from '@switchyard/persistence';
import { routing } from '@switchyard/routing-service';
import { openPlatform, startService } from '@switchyard/runtime';

/** The real routing and journal over a real Postgres log, and whatever the other stages would say. */
export interface RoutedOrders {
  /** The database's owner, who may do what nobody should. */
  readonly root: Database;
  /** Appends events of one stage, in their order. */
  say(stage: string, ...events: readonly (readonly [topic: string, payload: Payload])[]): Promise<void>;
  /** Ends the services; the database stays as it is. */
  stop(): Promise<void>;
}

export interface Payload {
  readonly userId: string;
  readonly signalId: string;
}

export const VENUES = ['binance', 'kraken', 'okx'] as const;

export const startRouting = async (databaseUrl: string): Promise<RoutedOrders> => {
  const platform = await openPlatform({
    databaseUrl,
    transport: 'postgres',
    partitions: 1,
    instance: 'spec',
    others: false,
    poolSize: 4,
    logger: createLogger({ service: 'spec', level: 'fatal' }),
    metrics: createMetrics({ service: 'spec', process: false }),
    traced: false,
  });
  await platform.compacted.put(
    VENUES.map((venue, at) => ({
      topic: 'MarketSnapshot',
      key: `${venue}/BTC-USD`,
      version: 1,
      payload: snapshot(venue, 64_000 + at * 3),
    })),
  );
  const venues = { SWITCHYARD_VENUES: VENUES.join(',') };
  const services = [
    await startService(
      journal,
      journal.config.parse({ ...venues, SWITCHYARD_JOURNAL_SEAL_INTERVAL_MS: '50' }),
      platform,
    ),
    // The clock of a slow machine stales no book.
    await startService(routing, routing.config.parse({ ...venues, SWITCHYARD_MARKET_FRESH_MS: '3600000' }), platform),
  ];
  const root = await openDatabase({ url: databaseUrl, schema: 'journal', applicationName: 'spec' });
  let said = 0;
  return {
    root,
    say: async (stage, ...events) => {
      const records = events.map(([topic, payload]) => {
        said += 1;
        return {
          shard: 0,
          topic,
          partition: 0,
          record: {
            key: payload.userId,
            id: `${stage}-${said}`,
            type: topic.split('.')[0] ?? topic,
            time: new Date().toISOString(),
            correlationId: payload.signalId,
            value: Buffer.from(JSON.stringify(payload)),
          },
        };
      });
      await root.query('INSERT INTO log.shards (deployment, partition) VALUES ($1, 0) ON CONFLICT DO NOTHING', [stage]);
      platform.hub.committed(await root.transaction((tx) => append(tx, stage, records)));
    },
    stop: async () => {
      for (const service of services.reverse()) await service.stop();
      await platform.close();
    },
  };
};

/** 2 at the touch and 3 beyond: more than 2.5 has no venue for itself. */
const snapshot = (venue: string, price: number): MarketSnapshot => {
  const book: Pick<MarketSnapshot, 'bids' | 'asks'> = {
    bids: [[String(price - 10), '5']],
    asks: [
      [String(price), '2'],
      [String(price + 8), '3'],
    ],
  };
  return {
    venue,
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
    ...book,
    bookHash: bookHashOf(bookText(book)),
    version: 1,
    receivedAt: new Date().toISOString(),
  };
};

/** An approved buy, with an account at each venue. */
export const approval = (name: string, change: Partial<OrderApproved> = {}): OrderApproved => ({
  parentOrderId: `parent-${name}`,
  signalId: name,
  userId: 'ann',
  pair: 'BTC-USD',
  side: 'buy',
  signalType: 'entry',
  orderType: 'market',
  quantity: '4',
  reduceOnly: false,
  mode: 'paper',
  caps: VENUES.map(capAt),
  sizing: { basis: 'base' },
  riskScore: 12,
  generatedAt: new Date().toISOString(),
  approvedAt: new Date().toISOString(),
  dryRun: true,
  ...change,
});

export const capAt = (venue: string): OrderApproved['caps'][number] => ({
  accountId: `ann-${venue}`,
  venue,
  mode: 'paper',
  quantity: '10',
  reserved: '800000',
  currency: 'USDT',
});
