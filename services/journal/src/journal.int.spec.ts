import { beforeEach, describe, expect, it } from '@jest/globals';
import type { OrderFailed, OrderFilled, PositionOpened } from '@switchyard/contracts';
import type { LogEvent } from '@switchyard/log';
import type { Database, Tx } from '@switchyard/persistence';
import { testDatabase } from '@switchyard/persistence/testing';
import fc from 'fast-check';
import { textArray } from './adapters/array-literal.js';
import { JournalEffects } from './adapters/journal-effects.js';
import { journal } from './index.js';
import { closingOf, eventOf, filledOrder } from './testing/filled-order.js';

const postgres = testDatabase();
let db: Database;

beforeEach(async () => {
  db = await postgres.open('journal', { folder: journal.migrations! });
  await db.query('truncate orders, executions, positions, balances, failed_orders');
});

/** Each inner list is one transaction. */
const record = async (...transactions: readonly (readonly LogEvent[])[]): Promise<void> => {
  const effects = new JournalEffects(() => undefined);
  for (const events of transactions) {
    const recordedAt = new Date().toISOString();
    await db.transaction((tx: Tx) =>
      effects.apply(
        tx,
        events.map((event) => ({ event, recordedAt })),
      ),
    );
  }
};

const readModels = async () => {
  const all = async (sql: string) => (await db.query(sql)).rows;
  return {
    orders: await all('select * from api_orders order by order_id'),
    executions: await all('select * from api_executions order by trade_id'),
    positions: await all('select * from api_positions order by position_id'),
    balances: await all('select * from api_balances'),
  };
};

describe('the journal', () => {
  it('lists a filled order with its fills, its position and the balance after it', async () => {
    await record(filledOrder());
    const { orders, executions, positions, balances } = await readModels();
    expect(orders).toMatchObject([
      {
        order_id: 'child-sig-1',
        status: 'filled',
        filled_quantity: '0.03',
        venue_order_id: 'venue-sig-1',
        dry_run: true,
      },
      { order_id: 'parent-sig-1', status: 'filled', filled_quantity: '0.03', average_price: '64020', venue: null },
    ]);
    expect(executions).toMatchObject([
      { trade_id: 't-1', quantity: '0.01', price: '64000', fee_currency: 'BTC' },
      { trade_id: 't-2', quantity: '0.02', price: '64030' },
    ]);
    expect(positions).toMatchObject([
      { status: 'open', quantity: '0.02998', average_entry_price: '64020', fees: { BTC: '0.00002' } },
    ]);
    expect(balances).toMatchObject([{ account_id: 'binance-of-user-42', balances: [{ currency: 'BTC' }] }]);
  });

  it('comes to the same lists however topics interleave and transactions are cut', async () => {
    await record(filledOrder());
    const expected = await readModels();
    await fc.assert(
      fc.asyncProperty(
        fc.shuffledSubarray([...filledOrder()], { minLength: filledOrder().length }),
        fc.array(fc.boolean(), { minLength: 9, maxLength: 9 }),
        async (events, cuts) => {
          const transactions: LogEvent[][] = [[]];
          for (const [i, event] of events.entries()) {
            if (cuts[i] === true) transactions.push([]);
            transactions.at(-1)!.push(event);
          }
          await db.query('truncate orders, executions, positions, balances, failed_orders');
          await record(...transactions.filter(({ length }) => length > 0));
          expect(await readModels()).toEqual(expected);
        },
      ),
      { numRuns: 25 },
    );
  });

  it('keeps a closed position closed when its opening is told late', async () => {
    const story = filledOrder();
    const opening = story.find(({ topic }) => topic === 'PositionOpened')!;
    const closing = eventOf('PositionClosed', 'user-42', closingOf(opening.payload as PositionOpened), {
      id: 'closing',
      partition: 7,
      source: 'reconciliation/7/1',
      sequence: 1,
      correlationId: 'sig-1',
    });
    await record([closing], [opening]);
    const { positions } = await readModels();
    expect(positions).toMatchObject([{ status: 'closed', realized_pnl: '29.4', quantity: '0.03' }]);
  });

  describe('two positions of one account in one millisecond', () => {
    const AT = '2026-11-21T02:47:10.030Z';
    const place = (id: string, source: string, sequence: number) => ({ id, partition: 7, source, sequence, time: AT });
    const fill = (n: number, side: 'buy' | 'sell', quantity: string, price: string): LogEvent => {
      const template = filledOrder().find(({ topic }) => topic === 'OrderFilled')!.payload as OrderFilled;
      const order = { orderId: `order-${n}`, parentOrderId: `parent-${n}`, tradeId: `t-${n}`, filledAt: AT };
      const payload = { ...template, ...order, side, quantity, price, fee: { amount: '1', currency: 'USDT' } };
      return eventOf('OrderFilled', 'user-42', payload, place(`fill-${n}`, 'execution-binance/7/1', n));
    };
    const opening = (n: number, quantity: string, price: string): LogEvent => {
      const template = filledOrder().find(({ topic }) => topic === 'PositionOpened')!.payload as PositionOpened;
      const payload: PositionOpened = {
        ...template,
        positionId: `position-${n}`,
        openedAt: AT,
        quantity,
        averageEntryPrice: price,
        fees: { USDT: '1' },
        orderId: `order-${n}`,
        tradeId: `t-${n}`,
        boughtQuantity: quantity,
        boughtValue: String(Number(quantity) * Number(price)),
      };
      return eventOf('PositionOpened', 'user-42', payload, place(`opening-${n}`, 'reconciliation/7/1', n));
    };
    const closing = (n: number, opened: LogEvent): LogEvent =>
      eventOf(
        'PositionClosed',
        'user-42',
        { ...closingOf(opened.payload as PositionOpened), quantity: '2' },
        place(`closing-${n}`, 'reconciliation/7/1', n),
      );
    const first = opening(1, '1', '100');
    const story = [
      fill(1, 'buy', '1', '100'),
      first,
      fill(2, 'buy', '1', '200'),
      fill(3, 'sell', '2', '150'),
      closing(1, first),
      fill(4, 'buy', '4', '300'),
      opening(4, '4', '300'),
      fill(5, 'buy', '1', '350'),
      fill(6, 'sell', '2', '310'),
    ];
    const expected = [
      { position_id: 'position-1', status: 'closed', quantity: '2' },
      {
        position_id: 'position-4',
        status: 'open',
        quantity: '3',
        average_entry_price: '310',
        fees: { USDT: '3' },
      },
    ];

    it.each([
      ['in one transaction', [story]],
      ['each event in its own', story.map((event) => [event])],
      ['fills before all that is told of positions', [story.filter(({ topic }) => topic === 'OrderFilled'), story]],
      [
        'positions before all fills',
        [
          story.filter(({ topic }) => topic !== 'OrderFilled'),
          ...story.filter(({ topic }) => topic === 'OrderFilled').map((event) => [event]),
        ],
      ],
    ])('have each their own fills: %s', async (_, transactions) => {
      await record(...transactions);
      expect((await readModels()).positions).toMatchObject(expected);
    });

    it('count a fill once that is told twice', async () => {
      await record(story, story.slice(5), [story.at(-1)!]);
      expect((await readModels()).positions).toMatchObject(expected);
    });
  });

  describe('lists for operators an order that failed', () => {
    const failure = (change: Partial<OrderFailed>): LogEvent => {
      const { orderId, parentOrderId, signalId, userId, accountId, venue, pair, side, dryRun } = filledOrder().find(
        ({ topic }) => topic === 'OrderFilled',
      )!.payload as OrderFilled;
      const payload: OrderFailed = {
        ...{ orderId, parentOrderId, signalId, userId, accountId, venue, pair, side, dryRun },
        orderVersion: 1,
        stage: 'execution',
        code: 'VENUE_UNREACHABLE',
        message: 'The venue could not be reached.',
        facts: {},
        retriable: true,
        status: 'failed',
        cumulativeQuantity: '0',
        failedAt: '2026-11-21T02:47:10.025Z',
        ...change,
      };
      return eventOf('OrderFailed', 'user-42', payload, {
        id: 'failed',
        partition: 7,
        source: 'execution-binance/7/1',
        sequence: 1,
        correlationId: 'sig-1',
      });
    };
    const routed = filledOrder().filter(({ topic }) => ['OrderApproved', 'OrderRouted.binance'].includes(topic));
    const listed = async () => (await db.query('select order_id, code from api_failed_orders')).rows;

    it('because the venue could not be reached, and not because of the order itself', async () => {
      await record([...routed, failure({})]);
      expect(await listed()).toEqual([{ order_id: 'child-sig-1', code: 'VENUE_UNREACHABLE' }]);
      await db.query('truncate failed_orders');
      await record([failure({ code: 'INSUFFICIENT_FUNDS' }), failure({ status: 'rejected' })]);
      expect(await listed()).toEqual([]);
    });

    it('no longer once the order turns up after all, or another venue made it good', async () => {
      await record(
        [...routed, failure({})],
        filledOrder().filter(({ topic }) => topic === 'OrderFilled'),
      );
      expect(await listed()).toEqual([]);
      await db.query('truncate orders, failed_orders');
      await record(
        [...routed, failure({})],
        filledOrder().filter(({ topic }) => topic === 'OrderCompleted'),
      );
      expect(await listed()).toEqual([]);
    });
  });

  it('writes several users of one transaction, each to their own rows', async () => {
    await record([
      ...filledOrder('a', 'user-1', 0),
      ...filledOrder('b', 'user-2', 1),
      ...filledOrder('c', 'user-1', 0),
    ]);
    const { rows } = await db.query('select user_id, count(*)::int as n from api_orders group by 1 order by 1');
    expect(rows).toEqual([
      { user_id: 'user-1', n: 4 },
      { user_id: 'user-2', n: 2 },
    ]);
  });

  it('writes text of any kind through its array literals', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('NULL', 'null', '', '{}', '"', '\\', 'a,b'))),
        async (texts) => {
          const values = texts.map((text) => text.replaceAll('\0', '').toWellFormed());
          const { rows } = await db.query<{ values: string[] }>('select $1::text[] as values', [textArray(values)]);
          expect(rows[0]!.values).toEqual(values);
        },
      ),
      { numRuns: 50 },
    );
    const { rows } = await db.query('select $1::text[] as values', [textArray(['a', undefined])]);
    expect(rows).toEqual([{ values: ['a', null] }]);
  });
});
