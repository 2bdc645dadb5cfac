import 'reflect-metadata';
import { beforeEach, describe, expect, it } from '@jest/globals';
import {
  EVENTS,
  type EventType,
  type OrderApproved,
  type OrderCancelRequested,
  type OrderFailed,
  type OrderFilled,
  type OrderRouted,
} from '@switchyard/contracts';
import { deriveId, type Batch, type OutgoingEvent } from '@switchyard/log';
import type { Book } from '@switchyard/model';
import { createMetrics } from '@switchyard/observability';
import { replay, type ApprovedOrder } from '@switchyard/routing-domain';
import type { ConsumeOptions } from '@switchyard/runtime';
import { memoryBatch, type Documents } from '@switchyard/testing';
import { BookShelf } from './adapters/book-shelf.js';
import { MarketBoard } from './adapters/market-board.js';
import { VenueMemory } from './adapters/venue-memory.js';
import { routingConfig, venuesOf } from './config.js';
import { OrdersConsumer } from './consumers/orders.consumer.js';
import type { ParentDocument, StoredDecision } from './handlers/parent-document.js';
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
    const batch = memoryBatch<unknown>(topic, [{ key: payload.userId, payload, time: this.now.toISOString() }], {
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
let memory: VenueMemory;
let alarms: unknown[];
const metrics = createMetrics({ service: 'routing', process: false });

/** All that the stage's handlers are made of, with these settings. */
const stageParts = (env: Record<string, unknown>) => {
  const config = routingConfig.parse(env);
  board = new MarketBoard({ tail: () => Promise.resolve() }, venuesOf(config));
  board.put(snapshot('binance'));
  board.put(snapshot('kraken'));
  alarms = [];
  memory = new VenueMemory();
  const logger = { error: (...alarm: unknown[]) => alarms.push(alarm) };
  return {
    config,
    board,
    memory,
    shelf: new BookShelf(),
    metrics: routingMetrics(metrics),
    logger: logger as never,
  };
};

beforeEach(() => {
  const parts = stageParts({});
  stage = new StageInMemory(new OrdersConsumer(new RouteOrders(parts)), NOW);
});

const approve = (change: Partial<OrderApproved> = {}) => stage.on('OrderApproved', approval(change));
const fill = (change: Partial<OrderFilled> = {}, orderId = CHILD_0) => stage.on('OrderFilled', filled(orderId, change));
const fail = (change: Partial<OrderFailed> = {}, orderId = CHILD_0) => stage.on('OrderFailed', failed(orderId, change));
const askToCancel = (change: Partial<OrderCancelRequested> = {}) =>
  stage.on('OrderCancelRequested', {
    ...{ requestId: 'cancel-1', orderId: 'parent-1', parentOrderId: 'parent-1', signalId: 'sig-1', userId: 'user-1' },
    ...{ requestedBy: 'user-1', role: 'trader', requestedAt: NOW },
    ...change,
  });
const cancelChild = (orderId = CHILD_0, cumulativeQuantity = '0') =>
  stage.on('OrderCancelled', {
    ...{ orderId, parentOrderId: 'parent-1', signalId: 'sig-1', userId: 'user-1', accountId: 'acc-binance' },
    ...{ venue: 'binance', pair: 'BTC-USD', side: 'buy', clientOrderId: 'client-1', orderVersion: 3, dryRun: true },
    ...{ cumulativeQuantity, reason: 'asked', cancelledAt: NOW },
  });
const CHILD_0 = deriveId('child-order', 'parent-1', '0');
const CHILD_1 = deriveId('child-order', 'parent-1', '1');
const document = () => stage.documents['parent']?.['parent-1'] as ParentDocument | undefined;
const historyAt = (venue: string) => memory.historyOf(venue, 'BTC-USD', stage.now.getTime());
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

describe('an order that no single venue takes well', () => {
  const thin = { version: 2, asks: [['64000', '0.1']] as [string, string][] };
  const split = () => {
    board.put(snapshot('binance', thin));
    board.put(snapshot('kraken', thin));
    board.put(snapshot('okx', { ...thin, asks: [['64100', '9']] }));
    return approve({ caps: [cap('binance'), cap('kraken'), cap('okx')] });
  };
  const CHILD_2 = deriveId('child-order', 'parent-1', '2');
  const part = (index: number) => ({
    quantity: '0.05',
    cumulativeQuantity: '0.05',
    parentOrderId: 'parent-1',
    venue: ['binance', 'kraken'][index]!,
  });

  it('is split: each child has an id of its own, made of its parent and its number, and the whole explanation', () => {
    const [first, second, ...rest] = split();
    expect(rest).toEqual([]);
    expect([first, second]).toMatchObject([
      { topic: 'OrderRouted.binance', role: 'child/0', payload: { orderId: CHILD_0, quantity: '0.05', child: 0 } },
      { topic: 'OrderRouted.kraken', role: 'child/1', payload: { orderId: CHILD_1, quantity: '0.05', child: 1 } },
    ]);
    const { decision } = second!.payload as OrderRouted;
    expect(decision.venues).toMatchObject([
      { venue: 'binance', chosen: true, quantity: '0.05' },
      { venue: 'kraken', chosen: true, quantity: '0.05' },
      { venue: 'okx', chosen: false },
    ]);
    expect(decision.strategy).toBe('best_cost');
    for (const routed of [first, second]) expect(keepsContract('OrderRouted', routed!.payload)).toBe(true);
    expect(EVENTS.OrderRouted.schema.parse(second!.payload)).toEqual(JSON.parse(JSON.stringify(second!.payload)));
    expect(split()).toEqual([]);
  });

  it('is complete when the last child is, at the average of all fills', () => {
    split();
    expect(fill(part(0))).toEqual([]);
    expect(fill({ ...part(1), price: '64200' }, CHILD_1)).toMatchObject([
      { topic: 'OrderCompleted', payload: { status: 'filled', filledQuantity: '0.1', averagePrice: '64100' } },
    ]);
  });

  it('takes the part of a child that failed elsewhere, though its sibling was filled, and only that part', () => {
    split();
    fill(part(0));
    board.put(snapshot('binance', { version: 3, asks: [['64300', '9']] }));
    const [routed, ...rest] = fail({ venue: 'kraken', accountId: 'acc-kraken' }, CHILD_1);
    expect(rest).toEqual([]);
    expect(routed).toMatchObject({
      topic: 'OrderRouted.okx',
      role: 'child/2',
      payload: {
        orderId: CHILD_2,
        quantity: '0.05',
        decision: { inputs: { quantity: '0.05', tried: ['acc-kraken'] } },
      },
    });
    expect(fill({ ...part(0), orderVersion: 2, tradeId: 't9' }, CHILD_2)).toMatchObject([
      { payload: { status: 'filled', filledQuantity: '0.1' } },
    ]);
  });

  it('waits for a child of which it is not known what became of it, and replaces it by nothing', () => {
    split();
    fill(part(0));
    expect(fail({ retriable: false, code: 'NEVER_ARRIVED' }, CHILD_1)).toMatchObject([
      { topic: 'OrderCompleted', payload: { status: 'partially_filled', filledQuantity: '0.05' } },
    ]);
    stage.documents = {};
    split();
    expect(fill(part(0))).toEqual([]);
    expect(document()).toMatchObject({ order: { children: [{ filled: '0.05' }, { filled: '0' }] } });
  });

  it('says that nobody took a part over only where nothing at all was filled', () => {
    split();
    board.put(snapshot('okx', { version: 3, receivedAt: '2026-11-21T02:00:00.000Z' }));
    board.put(snapshot('binance', { version: 3, receivedAt: '2026-11-21T02:00:00.000Z' }));
    expect(fail({}, CHILD_1)).toEqual([]);
    expect(fill(part(0))).toMatchObject([{ topic: 'OrderCompleted', payload: { status: 'partially_filled' } }]);
    stage.documents = {};
    board.put(snapshot('binance', { ...thin, version: 4, receivedAt: '2026-11-21T02:47:09.000Z' }));
    split();
    board.put(snapshot('binance', { version: 5, receivedAt: '2026-11-21T02:00:00.000Z' }));
    fail({}, CHILD_1);
    const ends = fail({ cumulativeQuantity: '0' });
    expect(ends).toMatchObject([
      { payload: { code: 'NO_SUITABLE_VENUE', orderId: 'parent-1' } },
      { topic: 'OrderCompleted' },
    ]);
  });

  it('leaves an order that rests at a venue alone when the deployment drops the venue, and sends nothing more there', () => {
    const parts = stageParts({ venues: { kraken: { enabled: false } } });
    stage = new StageInMemory(new OrdersConsumer(new RouteOrders(parts)), NOW);
    const [routed] = approve({ caps: [cap('binance'), cap('kraken')] });
    expect((routed!.payload as OrderRouted).decision.venues[1]).toMatchObject({ rejected: { code: 'VENUE_REMOVED' } });
    expect(fail()).toMatchObject([
      {
        payload: { code: 'NO_SUITABLE_VENUE', facts: { venues: [{ code: 'VENUE_TRIED' }, { code: 'VENUE_REMOVED' }] } },
      },
      { payload: { status: 'failed' } },
    ]);
  });
});

describe('trading that is stopped', () => {
  const stop = (scope: string, state: 'active' | 'reducing' | 'halted' = 'halted', version = 1): void => {
    board.states.put({ scope, state, version, reason: 'the venue drifts', changedAt: NOW });
  };
  const exit = { signalType: 'exit', side: 'sell', reduceOnly: true } as const;

  it.each(['global', 'user:user-1'])('in %s sends no entry that was approved before, and says so', (scope) => {
    stop(scope);
    const facts = { scope, state: 'halted', reason: 'the venue drifts', since: NOW };
    expect(approve()).toMatchObject([
      { topic: 'OrderFailed', payload: { stage: 'routing', code: 'TRADING_HALTED', facts, retriable: false } },
      { topic: 'OrderCompleted', payload: { status: 'failed' } },
    ]);
  });

  it('in global, or of the user, sends every exit', () => {
    stop('global');
    stop('user:user-1');
    expect(approve(exit)).toMatchObject([{ topic: 'OrderRouted.binance' }]);
  });

  it('of another user is nobody else’s business', () => {
    stop('user:user-2');
    expect(approve()).toMatchObject([{ topic: 'OrderRouted.binance' }]);
  });

  it.each(['global', 'user:user-1'])('in %s takes no failed entry elsewhere, and every failed exit', (scope) => {
    approve();
    stop(scope);
    const halted = { code: 'TRADING_HALTED', facts: { scope, failed: { venue: 'binance' } } };
    expect(fail()).toMatchObject([
      { topic: 'OrderFailed', payload: halted },
      { topic: 'OrderCompleted', payload: { status: 'failed' } },
    ]);
    approve({ ...exit, parentOrderId: 'parent-2' });
    const orderId = deriveId('child-order', 'parent-2', '0');
    expect(fail({ orderId, parentOrderId: 'parent-2' }, orderId)).toMatchObject([{ topic: 'OrderRouted.kraken' }]);
  });

  it('at a venue sends entries to the others, and the decision tells why, and comes out the same again', () => {
    stop('venue:binance', 'reducing');
    const [routed] = approve();
    expect(routed).toMatchObject({ topic: 'OrderRouted.kraken' });
    const { decision } = routed!.payload as OrderRouted;
    expect(decision.venues[0]).toMatchObject({ venue: 'binance', rejected: { code: 'VENUE_HALTED' } });
    expect(decision.inputs).toMatchObject({ venues: { binance: { state: 'reducing' } } });
    const stored = (document() as { readonly decisions: readonly StoredDecision[] }).decisions[0]!;
    const books = { 'hash-binance': snapshot('binance'), 'hash-kraken': snapshot('kraken') } as Record<string, Book>;
    expect(replay(approval() as ApprovedOrder, stored, (hash) => books[hash]).kind).toBe('same');
  });

  it('goes on when it is resumed, and an older word changes nothing', () => {
    stop('global');
    stop('global', 'active', 2);
    stop('global', 'halted', 1);
    expect(approve()).toMatchObject([{ topic: 'OrderRouted.binance' }]);
  });
});

describe('what a venue did', () => {
  it('is remembered for its pair: how often, how fast, how far from what was expected', () => {
    approve();
    stage.now = new Date('2026-11-21T02:47:10.400Z');
    fill({ price: '64064' });
    expect(historyAt('binance')).toMatchObject({ executions: 1, successRate: 1, latencyMs: 400 });
    expect(historyAt('binance')!.slippage).toBeCloseTo(0.001, 9);
    approve({ parentOrderId: 'parent-2' });
    fail({ parentOrderId: 'parent-2' }, deriveId('child-order', 'parent-2', '0'));
    expect(historyAt('binance')).toMatchObject({ executions: 2, successRate: 0.5 });
    expect(historyAt('kraken')).toBeUndefined();
    fill({ parentOrderId: 'parent-2', venue: 'kraken' }, deriveId('child-order', 'parent-2', '1'));
    expect(historyAt('kraken')).toMatchObject({ executions: 1, successRate: 1 });
    const { binance, kraken } = memory.weightsOf('BTC-USD')!;
    expect(binance).toBeLessThan(kraken!);
  });

  it('counts for half as much after half an hour, by when it happened and not by when it was heard of', () => {
    approve();
    fill();
    const [of] = approve({ parentOrderId: 'parent-2' });
    expect((of!.payload as OrderRouted).decision.inputs).toMatchObject({
      venues: { binance: { history: { weight: 1 } } },
    });
    stage.now = new Date('2026-11-21T03:17:10.000Z');
    expect(historyAt('binance')!.weight).toBeCloseTo(0.5, 2);
  });

  it.each(['INSUFFICIENT_FUNDS', 'CREDENTIALS_REFUSED', 'VENUE_BUDGET_SPENT'])(
    'is not learnt from what a user brought upon themselves, %s: nobody else’s orders go elsewhere for it',
    (code) => {
      approve();
      fail({ code, retriable: false });
      expect(historyAt('binance')).toBeUndefined();
      expect(memory.weightsOf('BTC-USD')).toBeUndefined();
    },
  );

  it('is learnt when all its fills are known, though the end was told before them', () => {
    approve();
    stage.on('OrderExpired', {
      ...filled(CHILD_0, { cumulativeQuantity: '0.05', leavesQuantity: '0.05' }),
      orderVersion: 3,
      expiredAt: NOW,
    } as never);
    expect(historyAt('binance')).toBeUndefined();
    fill({ quantity: '0.05', cumulativeQuantity: '0.05', leavesQuantity: '0.05', orderStatus: 'partially_filled' });
    expect(historyAt('binance')).toMatchObject({ executions: 1, successRate: 1 });
  });

  it('is a failure where the book held nothing any more', () => {
    approve();
    stage.on('OrderExpired', { ...failed(CHILD_0), orderVersion: 2, expiredAt: NOW } as never);
    expect(historyAt('binance')).toMatchObject({ executions: 1, successRate: 0 });
  });

  it('is told to the next decision, and recorded with it', () => {
    approve();
    fill();
    const [routed] = approve({ parentOrderId: 'parent-3' });
    expect((routed!.payload as OrderRouted).decision.inputs).toMatchObject({
      venues: { binance: { history: { executions: 1 } } },
    });
  });

  it('counts turns for the strategies that go by them, and records the turn', () => {
    const parts = stageParts({ SWITCHYARD_ROUTING_STRATEGY: 'round_robin' });
    stage = new StageInMemory(new OrdersConsumer(new RouteOrders(parts)), NOW);
    const turns = ['a', 'b', 'c'].map((parentOrderId) => approve({ parentOrderId })[0]!.payload as OrderRouted);
    expect(turns.map(({ venue }) => venue)).toEqual(['binance', 'kraken', 'binance']);
    expect(turns.map(({ decision }) => decision.inputs!['turn'])).toEqual([0, 1, 2]);
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
    expect(board.factsOf('binance', 'BTC-USD').record).toEqual({
      executions: 0,
      successRate: 1,
      latencyMs: 1,
      queueDepth: 0,
    });
    expect(board.factsOf('okx', 'BTC-USD')).toEqual({ market: undefined, known: false, healthy: undefined });
    expect(board.factsOf('binance', 'XYZ-USD')).toMatchObject({ market: undefined, known: true });
  });

  it('knows what a stand-in for the dollar is worth, by the freshest book that is not too old', () => {
    const at = (venue: string, receivedAt: string, bid: string): void => {
      board.put(snapshot(venue, { pair: 'USDT-USD', bids: [[bid, '1']], asks: [['1', '1']], receivedAt }));
    };
    expect(board.rateOf('USDT', 'USD', 0)).toBeUndefined();
    at('kraken', '2026-11-21T02:47:09.000Z', '0.999');
    at('coinbase', '2026-11-21T02:47:08.000Z', '0.5');
    expect(board.rateOf('USDT', 'USD', Date.parse('2026-11-21T02:47:00.000Z'))).toBe('0.9995');
    expect(board.rateOf('USDT', 'USD', Date.parse('2026-11-21T02:47:09.500Z'))).toBeUndefined();
  });

  it('knows what the deployment says of a venue, and of a pair before that', () => {
    const { board: told } = stageParts({
      SWITCHYARD_VENUES: 'binance,kraken',
      venues: {
        kraken: { priority: 2, maxOrderSize: '5', pairs: { 'BTC-USD': { maxOrderSize: '1' } } },
        okx: { enabled: true },
      },
    });
    expect(told.factsOf('kraken', 'BTC-USD').market?.terms).toEqual({ priority: 2, maxOrderSize: '1' });
    expect(told.factsOf('kraken', 'BTC-USD').removed).toBeUndefined();
    expect(told.factsOf('okx', 'BTC-USD').removed).toBe(true);
  });
});

describe('an order that somebody wants gone', () => {
  const completed = (emitted: readonly OutgoingEvent[]) =>
    emitted.map(({ type, payload }) => [type, (payload as { readonly status?: string }).status]);

  it('goes to no other venue, whatever its child fails with, and ends as cancelled', () => {
    approve();
    expect(askToCancel()).toEqual([]);
    expect(completed(fail({ retriable: true }))).toEqual([['OrderCompleted', 'cancelled']]);
  });

  it('ends with what was filled of it', () => {
    approve();
    askToCancel();
    fill({ quantity: '0.04', cumulativeQuantity: '0.04', leavesQuantity: '0.06', orderStatus: 'partially_filled' });
    const [event] = cancelChild(CHILD_0, '0.04');
    expect(event!.payload).toMatchObject({ status: 'partially_filled', filledQuantity: '0.04' });
  });

  it('is filled where the venue was faster', () => {
    approve();
    askToCancel();
    expect(completed(fill())).toEqual([['OrderCompleted', 'filled']]);
  });

  it('is never sent where its cancel comes before its approval: it completes at once, and once', () => {
    expect(askToCancel()).toEqual([]);
    expect(completed(approve())).toEqual([['OrderCompleted', 'cancelled']]);
    expect(approve()).toEqual([]);
    expect(askToCancel()).toEqual([]);
    expect(approve()).toEqual([]);
  });

  it('is the asking user’s own: another’s is sent as if nobody had asked', () => {
    askToCancel({ userId: 'user-2' });
    expect(approve().map(({ topic }) => topic)).toEqual(['OrderRouted.binance']);
    askToCancel({ userId: 'user-2' });
    expect(fail().map(({ topic }) => topic)).toEqual(['OrderRouted.kraken']);
  });

  it('may be one child alone: nobody takes its place, and another’s may still be taken', () => {
    approve();
    fail();
    askToCancel({ orderId: CHILD_1 });
    expect(completed(fail({ orderVersion: 1 }, CHILD_1))).toEqual([['OrderCompleted', 'failed']]);
  });

  it('that has ended stays as it ended', () => {
    approve();
    fill();
    expect(askToCancel()).toEqual([]);
    expect(document()).toMatchObject({ status: 'filled' });
  });
});
