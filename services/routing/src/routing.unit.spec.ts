import 'reflect-metadata';
import { beforeEach, describe, expect, it } from '@jest/globals';
import {
  EVENTS,
  type EventType,
  type OrderApproved,
  type OrderFailed,
  type OrderFilled,
  type OrderRouted,
} from '@switchyard/contracts';
import { deriveId, type Batch, type OutgoingEvent } from '@switchyard/log';
import { createMetrics } from '@switchyard/observability';
import type { ConsumeOptions } from '@switchyard/runtime';
import { memoryBatch, type Documents } from '@switchyard/testing';
import { BookShelf } from './adapters/book-shelf.js';
import { MarketBoard } from './adapters/market-board.js';
import { routingConfig } from './config.js';
import { OrdersConsumer } from './consumers/orders.consumer.js';
import type { ParentDocument } from './handlers/parent-document.js';
import { RouteOrders } from './handlers/route-orders.js';
import { routingMetrics } from './metrics.js';
import { approval, cap, failed, filled, NOW, snapshot } from './testing/given.js';

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
let board: MarketBoard;
let alarms: unknown[];
const metrics = createMetrics({ service: 'routing', process: false });

beforeEach(() => {
  board = new MarketBoard({ tail: () => Promise.resolve() });
  board.put(snapshot('binance'));
  board.put(snapshot('kraken'));
  alarms = [];
  const logger = { error: (...alarm: unknown[]) => alarms.push(alarm) };
  const config = routingConfig.parse({});
  const parts = { config, board, shelf: new BookShelf(), metrics: routingMetrics(metrics), logger: logger as never };
  stage = new StageInMemory(new OrdersConsumer(new RouteOrders(parts)), NOW);
});

const approve = (change: Partial<OrderApproved> = {}) => stage.on('OrderApproved', approval(change));
const fill = (change: Partial<OrderFilled> = {}, orderId = CHILD_0) => stage.on('OrderFilled', filled(orderId, change));
const fail = (change: Partial<OrderFailed> = {}, orderId = CHILD_0) => stage.on('OrderFailed', failed(orderId, change));
const CHILD_0 = deriveId('child-order', 'parent-1', '0');
const CHILD_1 = deriveId('child-order', 'parent-1', '1');
const document = () => stage.documents['parent']?.['parent-1'] as ParentDocument | undefined;
const keepsContract = (type: string, payload: unknown) => EVENTS[type as EventType].schema.safeParse(payload).success;

describe('an approved order', () => {
  it('is routed to the best venue, and the decision is stored with all its inputs by then', () => {
    const [routed, ...rest] = approve();
    expect(rest).toEqual([]);
    expect(routed).toMatchObject({ topic: 'OrderRouted.binance', key: 'user-1', role: 'child/0' });
    expect(routed!.payload).toMatchObject({
      orderId: CHILD_0,
      accountId: 'acc-binance',
      venueSymbol: 'BTCUSDT',
      orderType: 'market',
      quantity: '0.1',
      child: 0,
      sendBy: '2026-11-21T02:47:40.000Z',
      routedAt: NOW,
      dryRun: true,
    });
    expect(keepsContract('OrderRouted', routed!.payload)).toBe(true);
    expect(document()).toMatchObject({
      approved: { parentOrderId: 'parent-1', caps: [{ venue: 'binance' }, { venue: 'kraken' }] },
      decisions: [
        {
          record: {
            venues: [
              { chosen: true, bookHash: 'hash-binance' },
              { bookHash: 'hash-kraken', bookAgeMs: 1000 },
            ],
          },
          inputs: { settings: { maxBookAgeMs: 10_000 }, venues: { kraken: { fees: { taker: '0.0026' } } } },
        },
      ],
    });
  });

  it('is not decided again when its approval comes again, whatever the books say by then', () => {
    approve();
    const before = document();
    board.put(snapshot('kraken', { version: 2, asks: [['63000', '5']], bids: [['62990', '5']] }));
    expect(approve()).toEqual([]);
    expect(document()).toEqual(before);
    fill();
    expect(approve()).toEqual([]);
  });

  it('fails and is completed at once where no venue can take it, each with its code', () => {
    board.put(snapshot('binance', { version: 2, receivedAt: '2026-11-21T02:46:00.000Z' }));
    const [failure, completion] = approve({ caps: [cap('binance'), cap('okx')] });
    expect(failure).toMatchObject({
      topic: 'OrderFailed',
      payload: {
        orderId: 'parent-1',
        stage: 'routing',
        code: 'NO_SUITABLE_VENUE',
        facts: {
          venues: [
            { venue: 'binance', code: 'BOOK_STALE' },
            { venue: 'okx', code: 'BOOK_UNKNOWN' },
          ],
        },
      },
    });
    expect(completion).toMatchObject({ topic: 'OrderCompleted', payload: { status: 'failed', filledQuantity: '0' } });
    expect(keepsContract('OrderFailed', failure!.payload)).toBe(true);
    expect(keepsContract('OrderCompleted', completion!.payload)).toBe(true);
  });

  it('keeps each book it was decided by once', () => {
    approve();
    expect(stage.effects).toMatchObject([
      { view: { bookHash: 'hash-binance' } },
      { view: { bookHash: 'hash-kraken' } },
    ]);
  });
});

describe('a parent order', () => {
  it('is completed when its child is filled, and forgotten but for its name', () => {
    approve();
    const [completed, ...rest] = fill();
    expect(rest).toEqual([]);
    expect(completed).toMatchObject({
      topic: 'OrderCompleted',
      payload: {
        parentOrderId: 'parent-1',
        status: 'filled',
        filledQuantity: '0.1',
        averagePrice: '64000',
        completedAt: NOW,
      },
    });
    expect(document()).toEqual({ completedAt: NOW, status: 'filled' });
    expect(fill()).toEqual([]);
  });

  it('waits for every fill that a cancellation speaks of', () => {
    approve();
    const cancelled = {
      ...failed(CHILD_0, { cumulativeQuantity: '0.04' }),
      orderVersion: 3,
      reason: 'user',
      cancelledAt: NOW,
    };
    expect(stage.on('OrderCancelled', cancelled)).toEqual([]);
    expect(fill({ quantity: '0.04', cumulativeQuantity: '0.04', orderStatus: 'partially_filled' })).toMatchObject([
      { payload: { status: 'partially_filled', filledQuantity: '0.04' } },
    ]);
  });

  it('ends as expired where nothing was filled', () => {
    approve();
    const expired = { ...failed(CHILD_0), orderVersion: 2, reason: 'ioc', expiredAt: NOW };
    expect(stage.on('OrderExpired', expired)).toMatchObject([{ payload: { status: 'expired', filledQuantity: '0' } }]);
  });

  it('calls somebody when more was filled than ordered', () => {
    approve();
    expect(fill({ quantity: '0.2', cumulativeQuantity: '0.2' })).toMatchObject([
      { payload: { filledQuantity: '0.2' } },
    ]);
    expect(alarms).toMatchObject([[{ code: 'PARENT_OVERFILLED' }, expect.anything()]]);
  });
});

describe('a venue that fails', () => {
  it('before the order got there is replaced by the next best, within the caps', () => {
    approve();
    const [routed, ...rest] = fail();
    expect(rest).toEqual([]);
    expect(routed).toMatchObject({ topic: 'OrderRouted.kraken', role: 'child/1' });
    const payload = routed!.payload as OrderRouted;
    expect(payload).toMatchObject({ orderId: CHILD_1, child: 1, accountId: 'acc-kraken' });
    expect(payload.decision.venues[0]).toMatchObject({ venue: 'binance', rejected: { code: 'VENUE_TRIED' } });
    expect(fill({ orderVersion: 2 }, CHILD_1)).toMatchObject([{ payload: { status: 'filled' } }]);
  });

  it('is not replaced twice by the same failure', () => {
    approve();
    fail();
    expect(fail()).toEqual([]);
  });

  it('with an outcome that may be an order there is never replaced', () => {
    approve();
    expect(fail({ retriable: false, code: 'NEVER_ARRIVED' })).toMatchObject([
      { topic: 'OrderCompleted', payload: { status: 'failed' } },
    ]);
  });

  it('after a fill is never replaced', () => {
    approve();
    fill({ quantity: '0.04', cumulativeQuantity: '0.04', orderStatus: 'partially_filled' });
    expect(fail({ orderVersion: 3, cumulativeQuantity: '0.04' })).toMatchObject([
      { topic: 'OrderCompleted', payload: { status: 'partially_filled' } },
    ]);
  });

  it('ends the parent where no other venue is left, and says why where there was one to look at', () => {
    approve({ caps: [cap('binance')] });
    expect(fail()).toMatchObject([{ topic: 'OrderCompleted', payload: { status: 'failed' } }]);
    stage.documents = {};
    approve({ caps: [cap('binance'), cap('okx')] });
    expect(fail()).toMatchObject([
      {
        topic: 'OrderFailed',
        payload: { code: 'NO_SUITABLE_VENUE', facts: { failed: { venue: 'binance', code: 'VENUE_UNREACHABLE' } } },
      },
      { topic: 'OrderCompleted' },
    ]);
  });

  it('is not followed too late: an entry that waited a minute goes nowhere', () => {
    approve();
    stage.now = new Date('2026-11-21T02:48:30.000Z');
    board.put(snapshot('kraken', { version: 2, receivedAt: '2026-11-21T02:48:29.000Z' }));
    expect(fail()).toMatchObject([{ payload: { code: 'ORDER_EXPIRED_UNSENT' } }, { payload: { status: 'failed' } }]);
  });

  it('is not our own word about a parent: that needs no document, and changes none', () => {
    approve();
    expect(fail({ stage: 'routing' }, 'parent-1')).toEqual([]);
  });
});

describe('the board', () => {
  it('keeps the newest version of a book and of a venue, in whatever order they come', () => {
    board.put(snapshot('binance', { version: 5, bookHash: 'new' }));
    board.put(snapshot('binance', { version: 4, bookHash: 'old' }));
    expect(board.factsOf('binance', 'BTC-USD').market?.view.bookHash).toBe('new');
    const status = {
      venue: 'binance',
      healthy: true,
      circuitState: 'open' as const,
      queueDepth: 0,
      activeExecutions: 0,
      totalExecutions: 0,
      successRate: 1,
      averageLatencyMs: 1,
      version: 2,
      at: NOW,
    };
    board.putStatus(status);
    board.putStatus({ ...status, circuitState: 'closed', version: 1 });
    expect(board.factsOf('binance', 'BTC-USD').healthy).toBe(false);
    expect(board.factsOf('okx', 'BTC-USD')).toEqual({ market: undefined, known: false, healthy: undefined });
    expect(board.factsOf('binance', 'XYZ-USD')).toMatchObject({ market: undefined, known: true });
  });
});
