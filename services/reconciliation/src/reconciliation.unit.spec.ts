import 'reflect-metadata';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { EVENTS, type EventType } from '@switchyard/contracts';
import type { Batch, OutgoingEvent } from '@switchyard/log';
import { createLogger, createMetrics } from '@switchyard/observability';
import type { ConsumeOptions } from '@switchyard/runtime';
import { memoryBatch, type Documents } from '@switchyard/testing';
import { TermsBoard } from './adapters/terms-board.js';
import { reconciliationConfig } from './config.js';
import { AccountsConsumer } from './consumers/accounts.consumer.js';
import type { AccountDocument } from './handlers/account-document.js';
import { CompareState } from './handlers/compare-state.js';
import { KeepBooks } from './handlers/keep-books.js';
import { reconciliationMetrics } from './metrics.js';
import { account, at, failed, filled, placed, policy, report, snapshot } from './testing/given.js';

/** Runs a controller's handlers in memory, one event a transaction, each with the documents that its own `reads` names. */
class StageInMemory {
  documents: Documents = {};
  effects: unknown[] = [];
  now: Date;

  constructor(
    private readonly controller: object,
    now: string,
  ) {
    this.now = new Date(now);
  }

  /** Hands an event to the handler of its topic; gives what the handler emitted. */
  on(topic: string, payload: { readonly userId: string }): readonly OutgoingEvent[] {
    const { handle, reads } = this.#handlerOf(topic);
    const batch = memoryBatch<unknown>(topic, [{ key: payload.userId, payload }], {
      documents: this.documents,
      now: this.now,
      reads: reads ?? (() => []),
    });
    handle.call(this.controller, batch);
    this.documents = batch.documents;
    this.effects.push(...batch.effects);
    return batch.emitted;
  }

  #handlerOf(topic: string) {
    const prototype = Object.getPrototypeOf(this.controller) as Record<string, unknown>;
    for (const name of Object.getOwnPropertyNames(prototype)) {
      const handle = prototype[name] as (batch: Batch) => void;
      const patterns = Reflect.getMetadata('microservices:pattern', handle) as readonly string[] | undefined;
      if (patterns?.includes(topic) !== true) continue;
      const { reads } = Reflect.getMetadata('microservices:pattern_extras', handle) as ConsumeOptions<unknown>;
      return { handle, reads };
    }
    throw new Error(`nothing consumes ${topic}`);
  }
}

let stage: StageInMemory;

beforeEach(() => {
  const board = new TermsBoard({ tail: () => Promise.resolve() });
  board.put(snapshot);
  const metrics = reconciliationMetrics(createMetrics({ service: 'reconciliation', process: false }));
  const logger = createLogger({ service: 'reconciliation', level: 'silent' });
  const consumer = new AccountsConsumer(
    new KeepBooks(board, metrics),
    new CompareState(reconciliationConfig.parse({}).compare, metrics, logger),
  );
  stage = new StageInMemory(consumer, at(3));
});

/** Hands the event to its consumer; every event that comes out of it must keep its contract. */
const on = (type: string, payload: { readonly userId: string }) => {
  const emitted = stage.on(type, payload);
  for (const event of emitted) {
    const parsed = EVENTS[event.type as EventType].schema.safeParse(event.payload);
    expect(parsed.error).toBeUndefined();
    expect(event.key).toBe('user-1');
  }
  return emitted;
};
const document = () => stage.documents['account']?.['acc-1'] as AccountDocument | undefined;
const effects = () => stage.effects.splice(0) as readonly { readonly kind: string }[];

describe('positions', () => {
  it('open with the first fill and close with the result of the last', () => {
    on('AccountPolicyChanged', policy());
    on('OrderPlaced', placed());
    const [opened] = on('OrderFilled', filled());
    expect(opened).toMatchObject({
      topic: 'PositionOpened',
      payload: {
        accountId: 'acc-1',
        mode: 'paper',
        quantity: '0.1',
        averageEntryPrice: '50000',
        fees: { USDT: '5' },
        dryRun: true,
        signalId: 's1',
        orderId: 'o1',
        tradeId: 't1',
        boughtQuantity: '0.1',
        boughtValue: '5000',
      },
    });
    const exit = {
      orderId: 'o2',
      signalId: 's2',
      parentOrderId: 'p2',
      tradeId: 't2',
      side: 'sell' as const,
      price: '51000',
      filledAt: at(9),
    };
    const [closed] = on('OrderFilled', filled(exit));
    expect(closed).toMatchObject({
      topic: 'PositionClosed',
      payload: {
        averageExitPrice: '51000',
        realizedPnl: '90',
        dust: '0',
        fees: { USDT: '10' },
        signalId: 's2',
        closedAt: at(9),
      },
    });
    const id = (event: { readonly payload: unknown } | undefined) =>
      (event?.payload as { positionId: string }).positionId;
    expect(id(closed)).toBe(id(opened));
    expect(document()?.books.positions).toEqual({});
  });

  it('take the same fill once', () => {
    on('AccountPolicyChanged', policy());
    on('OrderFilled', filled());
    expect(on('OrderFilled', filled())).toEqual([]);
    expect(document()?.books.positions['BTC-USD']?.quantity).toBe('0.1');
  });

  it('take it once, too, where their document was written when trades were pairs of key and time', () => {
    on('AccountPolicyChanged', policy());
    on('OrderFilled', filled());
    const { books, ...rest } = document()!;
    const trades = books.trades.map((trade) => [trade.slice(0, trade.lastIndexOf('|')), Date.parse(at(2))]);
    expect(trades).toEqual([['BTCUSDT|t1|buy', Date.parse(at(2))]]);
    stage.documents = { ...stage.documents, account: { 'acc-1': { ...rest, books: { ...books, trades } } } };
    expect(on('OrderFilled', filled())).toEqual([]);
    on('OrderFilled', filled({ orderId: 'o2', tradeId: 't2' }));
    expect(document()?.books.trades.map((trade) => typeof trade)).toEqual(['string', 'string']);
    expect(document()?.books.positions['BTC-USD']?.quantity).toBe('0.2');
  });

  it('are told once the mode of their account is known, and not guessed before', () => {
    expect(on('OrderFilled', filled())).toEqual([]);
    expect(on('AccountPolicyChanged', policy({ accounts: [account('acc-1', { mode: 'live' })] }))).toMatchObject([
      { topic: 'PositionOpened', payload: { mode: 'live', dryRun: false } },
    ]);
    expect(document()).not.toHaveProperty('untold');
  });

  it('close as dust when an exit ends with less than the smallest order left', () => {
    on('AccountPolicyChanged', policy());
    on('OrderFilled', filled());
    const exit = {
      orderId: 'o2',
      tradeId: 't2',
      side: 'sell' as const,
      quantity: '0.09995',
      cumulativeQuantity: '0.09995',
      orderStatus: 'partially_filled' as const,
    };
    expect(on('OrderFilled', filled(exit))).toEqual([]);
    const cancelled = {
      ...failed({ orderId: 'o2', side: 'sell', cumulativeQuantity: '0.09995' }),
      reason: 'ioc',
      cancelledAt: at(4),
    };
    // 0.00005 BTC at 50,000 are 2.5, and the venue takes no order below 5.
    expect(on('OrderCancelled', cancelled)).toMatchObject([{ topic: 'PositionClosed', payload: { dust: '0.00005' } }]);
  });
});

describe('policies', () => {
  it('count by their highest version', () => {
    on('AccountPolicyChanged', policy({ version: 2, accounts: [account('acc-1', { mode: 'live' })] }));
    effects();
    on('AccountPolicyChanged', policy({ version: 1 }));
    on('AccountPolicyChanged', policy({ version: 2 }));
    expect(document()).toMatchObject({ mode: 'live' });
    expect(effects()).toEqual([]);
  });

  it('reach the table of accounts whole', () => {
    on('AccountPolicyChanged', policy({ accounts: [account('acc-1'), account('acc-2', { enabled: false })] }));
    expect(effects()).toEqual([
      {
        kind: 'policy',
        userId: 'user-1',
        version: 1,
        accounts: [
          { accountId: 'acc-1', venue: 'binance', enabled: true },
          { accountId: 'acc-2', venue: 'binance', enabled: false },
        ],
      },
    ]);
  });
});

describe('activity', () => {
  it('is told at a first order, for a new pair, and every half minute', () => {
    on('OrderPlaced', placed());
    expect(effects()).toMatchObject([{ kind: 'active', pair: 'BTC-USD' }]);
    on('OrderFilled', filled());
    expect(effects()).toEqual([]);
    on('OrderPlaced', placed({ orderId: 'o2', pair: 'ETH-USD' }));
    expect(effects()).toMatchObject([{ kind: 'active', pair: 'ETH-USD' }]);
    stage.now = new Date(at(40));
    on('OrderPlaced', placed({ orderId: 'o3' }));
    expect(effects()).toMatchObject([{ kind: 'active', pair: 'BTC-USD' }]);
  });

  it('is nothing that a parent order without a venue has', () => {
    expect(on('OrderFailed', failed({ stage: 'routing', accountId: undefined, venue: undefined }))).toEqual([]);
    expect(document()).toBeUndefined();
  });
});

describe('a report of the venue', () => {
  it('that agrees with the books tells nothing', () => {
    on('AccountPolicyChanged', policy());
    on('VenueStateReported', report(60));
    expect(on('VenueStateReported', report(120))).toEqual([]);
    expect(document()?.books.agreed?.totals).toEqual({ USDT: '10000' });
  });

  it('that differs twice is a drift, told once, and asked about again soon', () => {
    on('AccountPolicyChanged', policy());
    on('VenueStateReported', report(60));
    effects();
    const low = { balances: [{ currency: 'USDT', total: '9000', free: '9000', locked: '0' }] };
    expect(on('VenueStateReported', report(120, low))).toEqual([]);
    expect(effects()).toMatchObject([{ kind: 'compared', pending: true, openOrders: 0 }]);
    expect(on('VenueStateReported', report(126, low))).toMatchObject([
      {
        topic: 'ReconciliationDrift',
        payload: {
          kind: 'balance',
          expected: '10000',
          actual: '9000',
          facts: { currency: 'USDT', difference: '-1000', requestId: 'request-126' },
        },
      },
    ]);
    expect(effects()).toMatchObject([{ kind: 'compared', pending: false }]);
    expect(on('VenueStateReported', report(132, low))).toEqual([]);
  });

  it('follows the fills that it and we know', () => {
    on('AccountPolicyChanged', policy());
    on('VenueStateReported', report(-60));
    on('OrderPlaced', placed());
    on('OrderFilled', filled());
    const after = {
      balances: [
        { currency: 'USDT', total: '4995', free: '4995', locked: '0' },
        { currency: 'BTC', total: '0.1', free: '0.1', locked: '0' },
      ],
      fills: [
        {
          tradeId: 't1',
          venueOrderId: 'v1',
          venueSymbol: 'BTCUSDT',
          side: 'buy' as const,
          quantity: '0.1',
          price: '50000',
          at: at(2),
        },
      ],
    };
    for (const seconds of [60, 70, 80]) expect(on('VenueStateReported', report(seconds, after))).toEqual([]);
    expect(document()?.books.suspects).toEqual({});
  });

  it('of which a part is missing judges nothing of that part', () => {
    on('AccountPolicyChanged', policy());
    on('OrderPlaced', placed());
    const blind = {
      missing: [
        { what: 'open_orders' as const, reason: 'timeout' },
        { what: 'balances' as const, reason: 'timeout' },
      ],
    };
    for (const seconds of [60, 70, 80]) expect(on('VenueStateReported', report(seconds, blind))).toEqual([]);
    expect(document()?.books.agreed).toBeUndefined();
  });
});
