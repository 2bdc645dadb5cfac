import { describe, expect, it } from '@jest/globals';
import type { Level } from '@switchyard/model';
import { decimal, floorTo, isMultipleOf, plain, ZERO } from '@switchyard/money';
import fc from 'fast-check';
import { cap, inputs, view } from './given.js';
import {
  decideRoute,
  DEFAULT_ROUTING_SETTINGS,
  describeRoute,
  prepareMarket,
  recordedInputs,
  replay,
  STRATEGIES,
  type RouteInputs,
} from './index.js';

/** What holds of every decision, whatever the order, the books, the terms and the strategy. */

const amount = (max: number, places: number) =>
  fc.integer({ min: 1, max }).map((units) => plain(decimal(String(units)).div(decimal(`1${'0'.repeat(places)}`))));

const levels = (start: number, sign: 1 | -1) =>
  fc
    .array(fc.record({ step: fc.integer({ min: 0, max: 900 }), size: fc.integer({ min: 0, max: 40_000_000 }) }), {
      maxLength: 6,
    })
    .map((steps): readonly Level[] => {
      let price = start;
      return steps.map(({ step, size }) => [
        plain(decimal(String((price += sign * step))).div(decimal('100'))),
        plain(decimal(String(size)).div(decimal('100000000'))),
      ]);
    });

const venue = fc.record({
  bids: levels(6_399_000, -1),
  asks: levels(6_400_000, 1),
  tickSize: fc.constantFrom('0.01', '0.1', '0.5', '0.0001'),
  lotSize: fc.constantFrom('0.00000001', '0.00001', '0.0005', '0.01'),
  minQuantity: fc.constantFrom('0', '0.0001', '0.02'),
  minNotional: fc.constantFrom('0', '5', '500'),
  taker: fc.constantFrom('0', '0.001', '0.006', '-0.0001', 'broken'),
  kind: fc.constantFrom(undefined, undefined, undefined, 'ecn' as const, 'wholesaler' as const, 'dark' as const),
  costPerUnit: fc.constantFrom(undefined, '1.5'),
  maxOrderSize: fc.constantFrom(undefined, '0.3'),
  priority: fc.constantFrom(undefined, 1),
  ageMs: fc.constantFrom(0, 0, 0, 20_000),
  healthy: fc.constantFrom(true, true, true, false, undefined),
  quote: fc.constantFrom('USD', 'USDT'),
  capQuantity: amount(300_000_000, 8),
  held: fc.constantFrom(undefined, undefined, '0.1'),
  perUnit: fc.constantFrom('70000', '64500', '64010', '100'),
});

const order = fc.record({
  side: fc.constantFrom('buy' as const, 'sell' as const),
  quantity: amount(400_000_000, 8),
  signalType: fc.constantFrom('entry' as const, 'exit' as const, 'stop_loss' as const, 'profit_take' as const),
  orderType: fc.constantFrom('market' as const, 'limit' as const, 'stop' as const, 'stop_limit' as const, undefined),
  limitPrice: fc.option(amount(7_000_000, 2), { nil: undefined }),
  stopPrice: fc.option(amount(7_000_000, 2), { nil: undefined }),
  timeInForce: fc.constantFrom(undefined, 'gtc' as const, 'ioc' as const, 'fok' as const),
  postOnly: fc.constantFrom(undefined, true),
  confidence: fc.constantFrom(undefined, 0.5, 0.9),
});

const given = fc
  .record({
    order,
    venues: fc.array(venue, { minLength: 1, maxLength: 5 }),
    strategy: fc.constantFrom(...STRATEGIES),
    turn: fc.nat(1_000),
    prefer: fc.constantFrom(undefined, ['v1'], ['v2', 'v0']),
  })
  .map(({ order: change, venues, strategy, turn, prefer }): RouteInputs => {
    const facts = Object.fromEntries(
      venues.map(({ bids, asks, taker, healthy, ageMs, kind, costPerUnit, maxOrderSize, priority, ...rest }, index) => {
        const { tickSize, lotSize, minQuantity, minNotional, quote } = rest;
        const market = view(
          {
            venue: `v${index}`,
            book: { bids, asks },
            fees: { maker: '0.0005', taker },
            bookHash: `h${index}`,
            receivedAt: new Date(Date.parse('2026-11-21T02:47:10.000Z') - ageMs).toISOString(),
          },
          { tickSize, lotSize, minQuantity, minNotional, quote },
        );
        const terms = { kind, costPerUnit, maxOrderSize, priority };
        return [`v${index}`, { market: prepareMarket(market, terms), known: true, healthy }];
      }),
    );
    const caps = venues.map(({ capQuantity, perUnit, quote }, index) =>
      cap({
        venue: `v${index}`,
        accountId: `a${index}`,
        quantity: capQuantity,
        reserved: change.side === 'buy' ? plain(decimal(capQuantity).times(decimal(perUnit))) : capQuantity,
        currency: change.side === 'buy' ? quote : 'BTC',
      }),
    );
    const held = venues.flatMap((one, index) =>
      one.held === undefined ? [] : [{ accountId: `a${index}`, quantity: one.held }],
    );
    const settings = { ...DEFAULT_ROUTING_SETTINGS, strategy };
    return inputs({ ...change, caps, venues: { prefer } }, facts, { settings, turn, held });
  });

describe('any decision', () => {
  it('keeps every child within its cap, on its grid, above its minimum, and adds up', () => {
    fc.assert(
      fc.property(given, (one) => {
        const outcome = decideRoute(one);
        if ('code' in outcome) return;
        const { children, remainder } = outcome;
        const placed = children.reduce((sum, { quantity }) => sum.plus(decimal(quantity)), ZERO);
        expect(plain(placed.plus(decimal(remainder)))).toBe(plain(decimal(one.order.quantity)));
        expect(children.length).toBeLessThanOrEqual(one.order.timeInForce === 'fok' ? 1 : one.settings.maxChildren);
        for (const child of children) {
          const its = one.order.caps.find(({ accountId }) => accountId === child.accountId)!;
          const { instrument } = one.venues[child.venue]!.market!.view;
          const quantity = decimal(child.quantity);
          const held = one.held?.find(({ accountId }) => accountId === child.accountId)?.quantity ?? '0';
          expect(quantity.gt(ZERO) && quantity.plus(decimal(held)).lte(decimal(its.quantity))).toBe(true);
          expect(quantity.gte(decimal(instrument.minQuantity))).toBe(true);
          expect(isMultipleOf(quantity, decimal(instrument.lotSize))).toBe(true);
          for (const price of [child.limitPrice, child.stopPrice])
            if (price !== undefined) expect(isMultipleOf(decimal(price), decimal(instrument.tickSize))).toBe(true);
          if (one.order.side !== 'buy') continue;
          const bound = child.limitPrice ?? child.stopPrice;
          if (bound !== undefined && !child.postOnly) {
            const assessment = outcome.assessments.find(({ cap: { accountId } }) => accountId === child.accountId)!;
            const { units, places } = assessment.rates!.taker;
            const fee = decimal(String(units)).div(decimal(`1${'0'.repeat(places)}`));
            // On the lot, as much of the order as the cap allows: what is reserved is for that.
            const smaller = decimal(its.quantity).lt(decimal(one.order.quantity)) ? its.quantity : one.order.quantity;
            const whole = floorTo(decimal(smaller), decimal(instrument.lotSize));
            const most = decimal(its.reserved).times(quantity).div(whole);
            expect(
              quantity
                .times(decimal(bound))
                .times(fee.plus(decimal('1')))
                .lte(most.plus(decimal('0.00000001'))),
            ).toBe(true);
          }
        }
      }),
      { numRuns: 600 },
    );
  });

  it('is written out, and made again from what was written, as the same', () => {
    fc.assert(
      fc.property(given, (one) => {
        const outcome = decideRoute(one);
        if ('code' in outcome) {
          expect(outcome.facts['venues'] ?? []).toBeDefined();
          return;
        }
        const written = {
          record: describeRoute(one, outcome),
          inputs: recordedInputs(one),
          children: outcome.children,
        };
        const stored = JSON.parse(JSON.stringify(written)) as typeof written;
        const bookOf = (hash: string) =>
          Object.values(one.venues).find((facts) => facts?.market?.view.bookHash === hash)?.market?.view.book;
        expect(replay(one.order, stored, bookOf).kind).toBe('same');
        expect(written.record.sentence).not.toMatch(/undefined|NaN|Infinity/);
        // A book without a side has no touch to tell.
        const text = JSON.stringify(written.record).replaceAll(/"(bid|ask)":null/g, '');
        expect(text).not.toMatch(/undefined|NaN|Infinity|null/);
      }),
      { numRuns: 300 },
    );
  });
});
