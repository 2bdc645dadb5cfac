import { describe, expect, it } from '@jest/globals';
import { refuse } from '@switchyard/model';
import { decimal, plain, ZERO } from '@switchyard/money';
import fc from 'fast-check';
import {
  CHILD_STATUSES,
  averagePriceOf,
  evolve,
  evolveAll,
  isLegal,
  isTerminal,
  leavesOf,
  newOrder,
  type ChildOrder,
  type ChildStatus,
  type OrderFact,
} from './index.js';

const at = '2026-11-21T02:47:10.123Z';
const fill = (tradeId: string, quantity: string, price = '64000'): OrderFact => ({
  kind: 'fillSeen',
  venueOrderId: 'v-1',
  tradeId,
  quantity,
  price,
  fee: { amount: '0.1', currency: 'USDT' },
  liquidity: 'taker',
  at,
});
const claimed: readonly OrderFact[] = [
  { kind: 'queued', at },
  { kind: 'claimed', at },
];
const accepted: OrderFact = { kind: 'accepted', venueOrderId: 'v-1', at };
const found: OrderFact = { kind: 'foundAtVenue', venueOrderId: 'v-1', at };
const refused: OrderFact = { kind: 'refused', refusal: refuse('VENUE_REFUSED'), at };
const unknown: OrderFact = { kind: 'outcomeUnknown', at };
const neverArrived: OrderFact = { kind: 'provenNeverArrived', refusal: refuse('NEVER_ARRIVED'), at };
const cancelled: OrderFact = { kind: 'cancelled', venueOrderId: 'v-1', reason: 'user', at };
const expired: OrderFact = { kind: 'expired', venueOrderId: 'v-1', reason: 'ioc', at };

const run = (facts: readonly OrderFact[], quantity = '1') => evolveAll(newOrder(quantity), facts);
const kinds = (facts: readonly OrderFact[]) => run(facts).changes.map((change) => change.kind);

describe('an order', () => {
  it('is placed, partly filled and filled, with one event each', () => {
    const { order, changes } = run([...claimed, accepted, fill('t1', '0.4', '100'), fill('t2', '0.6', '200')]);
    expect(order.status).toBe('filled');
    expect(changes.map((change) => [change.kind, change.version])).toEqual([
      ['placed', 1],
      ['filled', 2],
      ['filled', 3],
    ]);
    expect(plain(averagePriceOf(order)!)).toBe('160');
    expect(plain(order.fees['USDT']!)).toBe('0.2');
    expect(leavesOf(order).eq(ZERO)).toBe(true);
  });

  it('goes back to the queue when its request was never written', () => {
    expect(run([...claimed, { kind: 'notSent', at }]).order.status).toBe('queued');
  });

  it('stays unknown when some attempt was not sent: that says nothing of the one before', () => {
    expect(run([...claimed, unknown, { kind: 'notSent', at }]).order.status).toBe('unknown');
  });

  it('is announced as placed by its first fill when the acknowledgement was lost', () => {
    expect(kinds([...claimed, unknown, fill('t1', '1'), accepted])).toEqual(['placed', 'filled']);
  });

  it('counts a trade once, however often the venue repeats it and however it writes its zeros', () => {
    const { order, doubts } = run([...claimed, accepted, fill('t1', '0.4', '64000.00'), fill('t1', '0.40', '64000')]);
    expect(plain(order.cumulativeQuantity)).toBe('0.4');
    expect(doubts).toEqual([]);
  });

  it('takes a fill that comes after its cancel, and stays cancelled with the rest', () => {
    const { order, changes } = run([...claimed, accepted, cancelled, fill('t1', '0.4')]);
    expect(order.status).toBe('cancelled');
    expect(plain(order.cumulativeQuantity)).toBe('0.4');
    expect(changes.at(-1)).toMatchObject({ kind: 'filled', version: 3, orderStatus: 'partially_filled' });
  });

  it.each<[string, readonly OrderFact[]]>([
    ['a rejection', [refused]],
    ['our proof that it never arrived', [unknown, neverArrived]],
  ])('lives again when a fill comes after %s', (_, facts) => {
    const { order } = run([...claimed, ...facts, fill('t1', '0.4')]);
    expect(order.status).toBe('partially_filled');
    expect(run([...claimed, ...facts, fill('t1', '1')]).order.status).toBe('filled');
  });

  it('is not ended by a refusal once the venue has filled it', () => {
    const { order, doubts } = run([...claimed, fill('t1', '0.4'), refused]);
    expect(order.status).toBe('partially_filled');
    expect(doubts).toMatchObject([{ code: 'CONTRADICTED' }]);
  });

  it('is never filled beyond what was ordered: the excess is evidence, not state', () => {
    const { order, doubts, changes } = run([...claimed, accepted, fill('t1', '0.7'), fill('t2', '0.4')]);
    expect(plain(order.cumulativeQuantity)).toBe('0.7');
    expect(doubts).toEqual([
      { code: 'OVERFILL', facts: { tradeId: 't2', quantity: '0.4', price: '64000', leaves: '0.3' } },
    ]);
    expect(changes).toHaveLength(2);
  });

  it('doubts a trade that changed, one without a quantity, and another order id', () => {
    const { order, doubts } = run([
      ...claimed,
      accepted,
      fill('t1', '0.4'),
      fill('t1', '0.5'),
      fill('t2', '0'),
      fill('t3', '-1'),
      { kind: 'accepted', venueOrderId: 'v-2', at },
      { ...fill('t4', '0.1'), venueOrderId: 'v-2' } as OrderFact,
    ]);
    expect(plain(order.cumulativeQuantity)).toBe('0.4');
    expect(doubts.map((doubt) => doubt.code)).toEqual([
      'FILL_CHANGED',
      'FILL_MALFORMED',
      'FILL_MALFORMED',
      'OTHER_VENUE_ORDER',
      'OTHER_VENUE_ORDER',
    ]);
  });

  it('raises an alert when the venue shows an order that was taken for ended', () => {
    expect(run([...claimed, unknown, neverArrived, found]).doubts).toMatchObject([{ code: 'ALIVE_AFTER_END' }]);
  });

  it.each<[OrderFact, boolean]>([
    [refused, true],
    [{ kind: 'gaveUp', refusal: refuse('VENUE_UNREACHABLE'), retriable: true, at }, true],
    [{ kind: 'gaveUp', refusal: refuse('MODE_MISMATCH'), retriable: false, at }, false],
  ])('may go to another venue only when nothing of it was sent or taken (%#)', (fact, retriable) => {
    expect(run([...claimed, fact]).changes).toMatchObject([{ kind: 'failed', retriable, version: 1 }]);
  });

  it('that never arrived is not failed over', () => {
    expect(run([...claimed, unknown, neverArrived]).changes).toMatchObject([{ kind: 'failed', retriable: false }]);
  });

  it('returns to where it was when the venue will not cancel it', () => {
    const asked: readonly OrderFact[] = [
      { kind: 'cancelRequested', at },
      { kind: 'cancelRefused', at },
    ];
    expect(run([...claimed, accepted, ...asked]).order.status).toBe('placed');
    expect(run([...claimed, accepted, fill('t1', '0.4'), ...asked]).order.status).toBe('partially_filled');
  });

  it('reports what it filled when it ends', () => {
    expect(run([...claimed, accepted, fill('t1', '0.4'), expired]).changes.at(-1)).toMatchObject({
      kind: 'expired',
      version: 3,
      cumulativeQuantity: decimal('0.4'),
    });
  });
});

const anyFact = fc.oneof(
  fc.constantFrom<OrderFact>(
    ...claimed,
    accepted,
    found,
    refused,
    unknown,
    neverArrived,
    cancelled,
    expired,
    { kind: 'notSent', at },
    { kind: 'gaveUp', refusal: refuse('VENUE_UNREACHABLE'), retriable: true, at },
    { kind: 'cancelRequested', at },
    { kind: 'cancelRefused', at },
    { kind: 'accepted', venueOrderId: 'v-2', at },
  ),
  fc
    .record({
      trade: fc.integer({ min: 0, max: 6 }),
      units: fc.integer({ min: -1, max: 5 }),
      price: fc.integer({ min: 0, max: 3 }),
    })
    .map(({ trade, units, price }) => fill(`t${trade}`, String(units), String(price))),
);

describe('under any facts in any order', () => {
  it('moves only as the published table says, counts its events densely, and never fills beyond the order', () => {
    fc.assert(
      fc.property(fc.array(anyFact, { maxLength: 40 }), (facts) => {
        let order: ChildOrder = newOrder('10');
        for (const fact of facts) {
          const step = evolve(order, fact);
          expect(isLegal(order.status, step.order.status)).toBe(true);
          if (isTerminal(order.status) && order.status !== step.order.status) expect(fact.kind).toBe('fillSeen');
          expect(step.changes.map((change) => change.version)).toEqual(
            step.changes.map((_, index) => order.version + index + 1),
          );
          expect(step.order.version).toBe(order.version + step.changes.length);
          if (step.doubt) expect(step.order).toBe(order);
          expect(step.order.cumulativeQuantity.lte(order.quantity)).toBe(true);
          expect(step.order.cumulativeQuantity.gte(order.cumulativeQuantity)).toBe(true);
          expect(step.order.status === 'filled').toBe(leavesOf(step.order).eq(ZERO));
          expect(step.order.venueOrderId === undefined || step.order.version > 0).toBe(true);
          order = step.order;
        }
      }),
    );
  });

  it('ends with the same quantity, cost and fees, however its facts are shuffled and repeated', () => {
    const trades = fc.uniqueArray(
      fc.record({
        id: fc.integer({ min: 1, max: 50 }),
        units: fc.integer({ min: 1, max: 4 }),
        price: fc.integer({ min: 1, max: 9 }),
      }),
      { selector: (trade) => trade.id, maxLength: 8 },
    );
    const others = fc.shuffledSubarray<OrderFact>([
      ...claimed,
      accepted,
      found,
      refused,
      unknown,
      neverArrived,
      cancelled,
      expired,
    ]);
    const plan = fc.tuple(trades, others).chain(([fills, rest]) => {
      const facts = [...fills.map((trade) => fill(`t${trade.id}`, String(trade.units), String(trade.price))), ...rest];
      const orders = fc.shuffledSubarray([...facts, ...facts], { minLength: facts.length * 2 });
      return fc.tuple(fc.constant(fills), orders, orders);
    });
    fc.assert(
      fc.property(plan, ([fills, one, other]) => {
        const total = fills.reduce((sum, trade) => sum + trade.units, 0);
        const quantity = String(Math.max(total, 1));
        const ends = [one, other].map((facts) => run(facts, quantity).order);
        for (const end of ends) {
          expect(plain(end.cumulativeQuantity)).toBe(String(total));
          expect(plain(end.cumulativeQuote)).toBe(
            String(fills.reduce((sum, trade) => sum + trade.units * trade.price, 0)),
          );
          expect(plain(end.fees['USDT'] ?? ZERO)).toBe(plain(decimal('0.1').times(decimal(String(fills.length)))));
          expect(end.status === 'filled').toBe(total > 0);
        }
      }),
    );
  });
});

describe('a fact', () => {
  it('has an answer in every state', () => {
    const reach: Record<ChildStatus, readonly OrderFact[]> = {
      pending: [],
      queued: [claimed[0]!],
      executing: claimed,
      unknown: [...claimed, unknown],
      placed: [...claimed, accepted],
      partially_filled: [...claimed, accepted, fill('a', '1')],
      filled: [...claimed, accepted, fill('a', '10')],
      cancel_pending: [...claimed, accepted, { kind: 'cancelRequested', at }],
      cancelled: [...claimed, accepted, cancelled],
      expired: [...claimed, accepted, expired],
      rejected: [...claimed, refused],
      failed: [...claimed, unknown, neverArrived],
    };
    for (const status of CHILD_STATUSES) {
      const order = run(reach[status], '10').order;
      expect(order.status).toBe(status);
      for (const fact of [
        ...claimed,
        accepted,
        found,
        refused,
        unknown,
        neverArrived,
        cancelled,
        expired,
        fill('z', '2'),
      ]) {
        expect(isLegal(status, evolve(order, fact).order.status)).toBe(true);
      }
    }
  });
});
