import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { KeyRing } from '@switchyard/auth';
import type { OrderRouted } from '@switchyard/contracts';
import { startPaperExchange, type LedgerRow, type PaperExchange } from '@switchyard/paper-exchange-service';
import { LatencyProfiler } from '@switchyard/observability';
import { testDatabase } from '@switchyard/persistence/testing';
import { until } from '@switchyard/testing';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { OpenedVenue } from '../adapters/opened-venue.js';
import type { Executor } from '../executor.js';
import { clientOrderIdOf, openHarness, type Harness } from '../testing/harness.js';
import { ScriptedVenue } from '../testing/scripted-venue.js';

/** ccxt's real class, over HTTP, against the simulated venue; keys really sealed and opened; the executor running by itself. */
const postgres = testDatabase();
const ring = KeyRing.of([randomBytes(32)]);
const key = { apiKey: 'paper-key-1', secret: 'planted-paper-secret' };
let harness: Harness;
let paper: PaperExchange;
let dataDir: string;
let executor: Executor;
let access: OpenedVenue;
let profiler: LatencyProfiler;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'execution-paper-'));
  harness = await openHarness(postgres);
  paper = await startPaperExchange({
    venue: 'binance',
    port: 0,
    dataDir,
    accounts: [{ accountKey: key.apiKey, secret: key.secret, balances: { USDT: '100000' } }],
  });
}, 30_000);
afterAll(async () => {
  await paper.close();
  await rm(dataDir, { recursive: true, force: true });
});

const start = async (): Promise<void> => {
  profiler = new LatencyProfiler();
  access = new OpenedVenue({
    venue: 'binance',
    origin: paper.url,
    rules: { liveTradingEnabled: false, simulatedOrigins: [], allowedLiveOrigins: [] },
  });
  executor = harness.replica(
    new ScriptedVenue(),
    { sendWithinMs: 500, venueWindowMs: 300, balanceIntervalMs: 200 },
    {
      access,
      profiler,
      keys: {
        open: ({ userId, accountId, venue, sealedDataKey, sealed }) =>
          Promise.resolve(ring.openCredentials({ userId, accountId, venue }, sealedDataKey, sealed)),
      },
    },
  );
  await harness.account('acc-1', 'user-1', 'paper');
  const dataKey = await ring.newDataKey('user-1');
  await harness.seal(
    'acc-1',
    dataKey,
    await ring.sealCredentials({ userId: 'user-1', accountId: 'acc-1', venue: 'binance' }, dataKey, key),
  );
  await executor.start();
};
afterEach(async () => {
  await fetch(`${paper.url}/_faults`, { method: 'DELETE' });
  await executor.stop();
  await harness.reset();
});

const ledgerOf = async (order: OrderRouted): Promise<readonly LedgerRow[]> => {
  const response = await fetch(`${paper.url}/_ledger`);
  const { orders } = (await response.json()) as { orders: readonly LedgerRow[] };
  return orders.filter(({ clientOrderId }) => clientOrderId === clientOrderIdOf(order.orderId));
};
const buy = async (more: Partial<OrderRouted> = {}): Promise<OrderRouted> => {
  const [order] = await harness.route({ quantity: '0.01', ...more });
  executor.ring({ venue: true, simulator: false, accounts: true });
  return order!;
};
const endOf = async (order: OrderRouted): Promise<readonly string[]> => {
  await until(async () =>
    ['filled', 'failed', 'rejected', 'cancelled', 'expired'].includes(
      String((await harness.row(order.orderId))['status']),
    ),
  );
  return (await harness.events(order.orderId)).map(({ type }) => type);
};

describe('over HTTP to a simulated Binance', () => {
  it('an order is placed and filled, and the account’s balances are told', async () => {
    await start();
    const order = await buy();
    expect((await endOf(order))[0]).toBe('OrderPlaced');
    const fills = (await harness.events(order.orderId)).filter(({ type }) => type === 'OrderFilled');
    const [row] = await ledgerOf(order);
    expect(fills.map(({ payload }) => payload['tradeId'])).toEqual(row!.fills.map(({ tradeId }) => tradeId));
    await until(async () => (await harness.events()).filter(({ type }) => type === 'BalanceUpdated').length >= 2);
    expect(harness.lines.join('\n')).not.toContain('planted-paper-secret');
    const took = new Map(profiler.summaries().map((told) => [told.stage, told]));
    const [submission, acknowledgement, execution] = ['submission', 'acknowledgement', 'execution'].map((stage) =>
      took.get(`binance.${stage}`)!,
    );
    for (const stage of [submission, acknowledgement, execution]) expect(stage).toMatchObject({ count: 1 });
    expect(execution!.max).toBeGreaterThanOrEqual((submission!.min + acknowledgement!.min) * 0.99);
  });

  it.each(['reset_after', 'truncated_200', 'empty_200', 'http_504_after'])(
    'an order whose reply is lost (%s) is found, and sent once',
    async (fault) => {
      await start();
      await fetch(`${paper.url}/_faults`, {
        method: 'POST',
        body: JSON.stringify({ fault, match: { method: 'POST' }, count: 1 }),
      });
      const order = await buy();
      const types = await endOf(order);
      expect(types[0]).toBe('OrderPlaced');
      expect(types.at(-1)).toBe('OrderFilled');
      expect(await ledgerOf(order)).toHaveLength(1);
      const { rows } = await harness.db.query<{ status: string }>(
        'select status from execution_logs where action = $1 and task_id = $2',
        ['place', order.orderId],
      );
      // On a busy machine its time to send may run out before it is written: nothing was sent then.
      expect(rows.filter(({ status }) => status !== 'notSent')).toEqual([{ status: 'outcomeUnknown' }]);
    },
  );

  it('an order that the venue never took is proven so, and never sent again', async () => {
    await start();
    await fetch(`${paper.url}/_faults`, {
      method: 'POST',
      body: JSON.stringify({ fault: 'reset_before', match: { method: 'POST' }, count: 1 }),
    });
    const order = await buy();
    expect(await endOf(order)).toEqual(['OrderFailed']);
    expect((await harness.events(order.orderId))[0]!.payload).toMatchObject({
      code: 'NEVER_ARRIVED',
      retriable: false,
    });
    expect(await ledgerOf(order)).toHaveLength(0);
  });

  it('an order is sent though the venue does not tell its time, and is in doubt for longer', async () => {
    await fetch(`${paper.url}/_faults`, {
      method: 'POST',
      body: JSON.stringify({ fault: 'reset_before', match: { path: '/api/v3/time' }, count: 100 }),
    });
    await start();
    const order = await buy();
    expect((await endOf(order)).at(-1)).toBe('OrderFilled');
    const { send_by, venue_expiry } = await harness.row(order.orderId);
    expect(Number(venue_expiry) - Number(send_by)).toBe(60_300);
  });

  it('an order that the venue refuses fails with the venue’s code', async () => {
    await start();
    const order = await buy({ quantity: '100' });
    expect(await endOf(order)).toEqual(['OrderFailed']);
    expect((await harness.events(order.orderId))[0]!.payload).toMatchObject({
      code: 'INSUFFICIENT_FUNDS',
      status: 'rejected',
      facts: { venueCode: '-2010' },
    });
  });
});
