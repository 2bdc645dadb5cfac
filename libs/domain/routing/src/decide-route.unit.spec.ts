import { describe, expect, it } from '@jest/globals';
import { decimal, isMultipleOf } from '@switchyard/money';
import fc from 'fast-check';
import { book, cap, inputs, listed, NOW, view } from './given.js';
import {
  decideRoute,
  describeRoute,
  prepareMarket,
  recordedInputs,
  type RecordedInputs,
  type RouteInputs,
} from './index.js';

const routed = (given: RouteInputs) => {
  const outcome = decideRoute(given);
  if ('code' in outcome) throw new Error(`${outcome.code} ${JSON.stringify(outcome.facts)}`);
  const { children, remainder } = outcome;
  return {
    child: children[0]!,
    children,
    remainder,
    record: describeRoute(given, outcome),
    inputs: recordedInputs(given),
  };
};
const refused = (given: RouteInputs) => {
  const outcome = decideRoute(given);
  if (!('code' in outcome)) throw new Error('was routed');
  return outcome;
};

const KRAKEN = view({
  venue: 'kraken',
  fees: { maker: '0.0016', taker: '0.0026' },
  bookHash: 'hash-kraken',
});
const twoVenues = {
  caps: [cap({ venue: 'kraken' }), cap()],
};
const both = { binance: listed(), kraken: listed(KRAKEN) };

describe('choosing the venue', () => {
  it('takes the venue where fee and book together cost least for this size', () => {
    const cheapButThin = view({
      book: book(undefined, [
        ['64000', '0.01'],
        ['64900', '9'],
      ]),
    });
    const decision = routed(inputs(twoVenues, { binance: listed(cheapButThin), kraken: listed(KRAKEN) }));
    expect(decision.child.venue).toBe('kraken');
    expect(routed(inputs(twoVenues, both)).child.venue).toBe('binance');
  });

  it('takes the first suitable venue that the signal prefers, whatever it costs', () => {
    expect(routed(inputs({ ...twoVenues, venues: { prefer: ['okx', 'kraken'] } }, both)).child.venue).toBe('kraken');
  });

  it('fills a cheaper venue as far as its cap goes, and a dearer one with the rest', () => {
    const caps = [cap({ quantity: '0.05' }), cap({ venue: 'kraken' })];
    expect(routed(inputs({ caps }, both)).children).toMatchObject([
      { venue: 'binance', quantity: '0.05' },
      { venue: 'kraken', quantity: '0.05' },
    ]);
  });

  it('never exceeds the cap, and names what is left', () => {
    const decision = routed(inputs({ caps: [cap({ quantity: '0.04' })] }));
    expect(decision.child.quantity).toBe('0.04');
    expect(decision.remainder).toBe('0.06');
    expect(decision.record.sentence).toContain(
      "0.06 of the approved quantity is not traded: the account's cap is smaller",
    );
  });

  it('calls what is finer than a lot by its name, though another venue of the split is bound by its cap', () => {
    const caps = [cap({ quantity: '0.05' }), cap({ venue: 'kraken', quantity: '0.060004999' })];
    const decision = routed(inputs({ caps, quantity: '0.100004999' }, both));
    expect(decision.children.map(({ venue }) => venue)).toEqual(['binance', 'kraken']);
    expect(Number(decision.remainder)).toBeLessThan(0.00001);
    expect(decision.record.sentence).toContain('is not traded: it is less than the lot of a venue that is used');
  });

  it('says how much dearer than the best touch a venue is, all included', () => {
    const flat = view({ fees: { maker: '0.005', taker: '0.005' } });
    expect(routed(inputs({}, { binance: listed(flat) })).record.venues[0]?.costBps).toBe(50);
  });

  it('takes the default fees where the venue has none, and says so', () => {
    const decision = routed(inputs({ orderType: 'market' }, { binance: listed(view({ fees: undefined })) }));
    expect(decision.record.venues[0]).toMatchObject({ feeRate: '0.006', feeAssumed: true });
    expect(decision.record.sentence).toContain('assumed');
  });

  it.each([
    ['VENUE_NOT_WANTED', { venues: { only: ['okx'] } }, {}],
    ['VENUE_EXCLUDED', { venues: { exclude: ['kraken'] } }, {}],
    ['VENUE_TRIED', {}, { tried: ['acc-kraken'] }],
    ['MODE_MISMATCH', { caps: [cap({ venue: 'kraken', mode: 'live' as const })] }, {}],
    ['QUOTE_MISMATCH', { caps: [cap({ venue: 'kraken', currency: 'USD' })] }, {}],
    ['COST_ABOVE_RESERVED', { caps: [cap({ venue: 'kraken', reserved: '6400' })] }, {}],
    ['BELOW_MINIMUM', { quantity: '0.000001' }, {}],
    ['BELOW_MINIMUM', { quantity: '0.00002' }, {}],
  ])('refuses a venue with %s', (code, change, rest) => {
    const given = inputs({ caps: [cap({ venue: 'kraken' })], orderType: 'market', ...change }, both, rest);
    const { facts } = refused(given);
    expect(facts['venues']).toMatchObject([{ venue: 'kraken', code }]);
  });

  it('sends a resting buy of which exactly its limit and the fee are reserved, to the last place of a cent', () => {
    const limit = { orderType: 'limit', limitPrice: '63999.99', timeInForce: 'gtc', quantity: '0.00123' } as const;
    // 63999.99 * 0.00123 * 1.001
    const reserved = '78.7987076877';
    const exactly = inputs({ ...limit, caps: [cap({ quantity: '0.00123', reserved })] });
    expect(routed(exactly).child).toMatchObject({ quantity: '0.00123', limitPrice: '63999.99' });
    const less = inputs({ ...limit, caps: [cap({ quantity: '0.00123', reserved: '78.7987076876' })] });
    expect(refused(less).facts['venues']).toMatchObject([{ code: 'COST_ABOVE_RESERVED' }]);
  });

  it('tells a venue without market data from one that does not list the pair', () => {
    const caps = [cap(), cap({ venue: 'kraken' }), cap({ venue: 'okx' })];
    const venues = { kraken: { market: undefined, known: true, healthy: true } };
    expect(refused(inputs({ caps }, venues)).facts['venues']).toMatchObject([
      { venue: 'binance', code: 'BOOK_UNKNOWN' },
      { venue: 'kraken', code: 'PAIR_NOT_LISTED' },
      { venue: 'okx', code: 'BOOK_UNKNOWN' },
    ]);
  });

  it('passes by a venue that is not healthy, unless the account is simulated', () => {
    const venues = { binance: listed(view(), false), kraken: listed(KRAKEN) };
    expect(routed(inputs(twoVenues, venues)).child.venue).toBe('kraken');
    const simulated = { mode: 'simulated', caps: [cap({ mode: 'simulated' })] } as const;
    expect(routed(inputs(simulated, venues)).child.venue).toBe('binance');
  });

  it('calls it BELOW_MINIMUM where that is all that stands against it', () => {
    expect(refused(inputs({ quantity: '0.000001' })).code).toBe('BELOW_MINIMUM');
    expect(refused(inputs({ venues: { only: ['okx'] } })).code).toBe('NO_SUITABLE_VENUE');
  });

  it('does not route an entry that waited too long, but always an exit', () => {
    const approvedAt = '2026-11-21T02:46:00.000Z';
    expect(refused(inputs({ approvedAt })).code).toBe('ORDER_EXPIRED_UNSENT');
    expect(routed(inputs({ approvedAt, side: 'sell', signalType: 'exit' })).child.orderType).toBe('market');
    expect(refused(inputs({ expireAt: NOW.toISOString(), signalType: 'exit' })).code).toBe('ORDER_EXPIRED_UNSENT');
  });
});

describe('the order that goes out', () => {
  it('is a market order where the signal says market', () => {
    expect(routed(inputs({ orderType: 'market' })).child).toMatchObject({ orderType: 'market', timeInForce: 'ioc' });
  });

  it('is a limit at the entry price, else at the best price of the other side', () => {
    expect(routed(inputs({ entryPrice: '63500' })).child).toMatchObject({ limitPrice: '63500', timeInForce: 'gtc' });
    expect(routed(inputs()).child).toMatchObject({ orderType: 'limit', limitPrice: '64000' });
    expect(routed(inputs({ side: 'sell' })).child).toMatchObject({ limitPrice: '63990' });
  });

  it('rests on its own side where it is post-only', () => {
    expect(routed(inputs({ postOnly: true })).child).toMatchObject({ limitPrice: '63990', postOnly: true });
  });

  it('has the fee of a taker where it goes to the market, though the signal wishes post-only', () => {
    const stop = { orderType: 'stop', stopPrice: '64050', postOnly: true, caps: [cap({ venue: 'kraken' })] } as const;
    expect(routed(inputs(stop, { kraken: listed(KRAKEN) }))).toMatchObject({
      child: { postOnly: false },
      record: { venues: [{ feeRate: '0.0026' }] },
    });
    // What is reserved holds the fee of a maker, not of a taker.
    const caps = [cap({ venue: 'kraken', quantity: '0.1', reserved: '6415.5' })];
    const { facts } = refused(inputs({ ...stop, caps }, { kraken: listed(KRAKEN) }));
    expect(facts['venues']).toMatchObject([{ code: 'COST_ABOVE_RESERVED' }]);
  });

  it('rounds a limit price to the tick so that it is never worse than asked', () => {
    expect(routed(inputs({ limitPrice: '63500.019' })).child.limitPrice).toBe('63500.01');
    expect(routed(inputs({ side: 'sell', limitPrice: '64500.011' })).child.limitPrice).toBe('64500.02');
  });

  it('rounds the quantity down to the lot and names the rest', () => {
    const decision = routed(inputs({ quantity: '0.100004999' }));
    expect([decision.child.quantity, decision.remainder]).toEqual(['0.1', '0.000004999']);
  });

  it('lowers a limit that costs more than is reserved, as far as the touch and no further', () => {
    const caps = (reserved: string) => [cap({ reserved })];
    expect(routed(inputs({ limitPrice: '65000', caps: caps('6410') })).child.limitPrice).toBe('64035.96');
    expect(refused(inputs({ limitPrice: '65000', caps: caps('6406') })).facts['venues']).toMatchObject([
      { code: 'COST_ABOVE_RESERVED' },
    ]);
  });

  it('stands in for an algorithm as one limit order at the touch and a collar, and says so', () => {
    const decision = routed(inputs({ execution: { algorithm: 'vwap' } }));
    expect(decision.child).toMatchObject({ orderType: 'limit', limitPrice: '64320', timeInForce: 'ioc' });
    expect(decision.record).toMatchObject({ method: 'limit', algorithm: 'vwap' });
    expect(decision.record.sentence).toContain('VWAP is the method');
    expect(routed(inputs({ side: 'sell', execution: { algorithm: 'twap' } })).child.limitPrice).toBe('63670.05');
  });

  it('carries stop and stop-limit orders through with their prices on the tick', () => {
    expect(routed(inputs({ stopPrice: '65000.001' })).child).toMatchObject({
      orderType: 'stop',
      stopPrice: '65000',
      timeInForce: 'gtc',
    });
    expect(routed(inputs({ stopPrice: '65000', limitPrice: '65100' })).child).toMatchObject({
      orderType: 'stop_limit',
      limitPrice: '65100',
    });
  });

  it('expects what the book would cost, exactly', () => {
    const { record } = routed(inputs({ orderType: 'market', quantity: '2' }));
    expect(record.venues[0]).toMatchObject({
      chosen: true,
      expectedCost: '128138.01',
      expectedPrice: '64005',
      bookHash: 'hash-1',
      bookAgeMs: 1000,
      feeRate: '0.001',
      impactBps: 0.78,
    });
    expect(record.estimatedFees).toBe('128.01');
  });

  it('is told in a sentence that names the venue, the reason, the cost and the venues not used', () => {
    const { record } = routed(inputs({ ...twoVenues, orderType: 'market', venues: { exclude: ['kraken'] } }, both));
    expect(record.sentence).toBe(
      'Buy 0.1 BTC-USD at binance as a market order, because the signal asks for it; the only suitable venue. ' +
        'Expected: 64000 on average and 0.1 % fee, costing 6406.4 USDT. ' +
        'Not used: kraken (the signal excludes this venue).',
    );
  });
});

describe('the method', () => {
  const method = (change: Parameters<typeof inputs>[0]) => {
    const { record, child } = routed(inputs(change));
    return `${record.algorithm} ${child.orderType}`;
  };
  it.each([
    ['the own wish first', { orderType: 'limit', signalType: 'exit', side: 'sell' }, 'immediate limit'],
    [
      'the wished algorithm before the order type',
      { orderType: 'market', execution: { algorithm: 'iceberg' } },
      'iceberg limit',
    ],
    ['a stop-loss goes market', { signalType: 'stop_loss', side: 'sell' }, 'immediate market'],
    ['an exit goes market', { signalType: 'exit', side: 'sell', quantity: '2' }, 'immediate market'],
    ['above 10,000 dollars TWAP', { quantity: '0.2', confidence: 0.9 }, 'twap limit'],
    ['confident and deep: market', { confidence: 0.81 }, 'immediate market'],
    ['fairly confident: TWAP', { confidence: 0.61 }, 'twap limit'],
    ['little confidence: VWAP', { confidence: 0.5 }, 'vwap limit'],
    ['else a limit order', {}, 'immediate limit'],
  ] as const)('%s', (_rule, change, expected) => {
    expect(method(change)).toBe(expected);
  });

  it('is TWAP for a confident signal where the order would take more than 30 % of the book', () => {
    const shallow = view({ book: book(undefined, [['64000', '0.3']]) });
    const { record } = routed(inputs({ confidence: 0.9 }, { binance: listed(shallow) }));
    expect(record.algorithm).toBe('twap');
  });

  it.each([
    ['stop_loss', 1],
    ['exit', 2],
    ['entry', 3],
    ['profit_take', 4],
  ] as const)('gives %s the priority %i', (signalType, priority) => {
    expect(routed(inputs({ signalType, side: 'sell' })).child.priority).toBe(priority);
  });
});

describe('a decision', () => {
  it('can be made again from what it recorded and the books by their hashes', () => {
    const given = inputs({ ...twoVenues, confidence: 0.4 }, { ...both, okx: undefined });
    const first = routed(given);
    const stored = JSON.parse(JSON.stringify({ inputs: first.inputs, order: given.order })) as {
      inputs: RecordedInputs;
      order: RouteInputs['order'];
    };
    const books: Record<string, ReturnType<typeof book>> = { 'hash-1': book(), 'hash-kraken': book() };
    const venues = Object.fromEntries(
      Object.entries(stored.inputs.venues).map(
        ([venue, { known, healthy, instrument, bookHash = '', receivedAt, fees }]) => [
          venue,
          {
            known,
            healthy,
            market: prepareMarket({
              venue,
              pair: stored.order.pair,
              instrument: instrument!,
              book: books[bookHash]!,
              fees,
              receivedAt: receivedAt!,
              bookHash,
            }),
          },
        ],
      ),
    );
    const again = routed({
      order: stored.order,
      venues,
      tried: stored.inputs.tried,
      settings: stored.inputs.settings,
      now: new Date(first.record.decidedAt),
    });
    expect(again).toEqual(first);
  });

  it('keeps quantity and cost within every cap, on the grid of the venue, for any order', () => {
    const amount = (max: number, places: number) =>
      fc.integer({ min: 1, max }).map((units) =>
        decimal(String(units))
          .div(decimal(`1${'0'.repeat(places)}`))
          .toFixed(),
      );
    const scenario = fc.record({
      quantity: amount(3_000_000, 7),
      capQuantity: amount(3_000_000, 7),
      reserved: amount(300_000_000, 4),
      side: fc.constantFrom('buy' as const, 'sell' as const),
      orderType: fc.constantFrom('market' as const, 'limit' as const, undefined),
      limitPrice: fc.option(amount(7_000_000, 2), { nil: undefined }),
      tickSize: fc.constantFrom('0.01', '0.5', '0.1'),
      lotSize: fc.constantFrom('0.00001', '0.001', '0.0005'),
    });
    fc.assert(
      fc.property(scenario, ({ quantity, capQuantity, reserved, side, orderType, limitPrice, tickSize, lotSize }) => {
        const one = cap({ quantity: capQuantity, reserved });
        const market = listed(view({}, { tickSize, lotSize }));
        const given = inputs({ quantity, side, orderType, limitPrice, caps: [one] }, { binance: market });
        const outcome = decideRoute(given);
        if ('code' in outcome) return;
        const { children, remainder } = outcome;
        const child = children[0]!;
        const record = describeRoute(given, outcome);
        expect(decimal(child.quantity).plus(decimal(remainder)).eq(decimal(quantity))).toBe(true);
        expect(decimal(child.quantity).lte(decimal(capQuantity))).toBe(true);
        expect(isMultipleOf(decimal(child.quantity), decimal(lotSize))).toBe(true);
        if (child.limitPrice !== undefined) {
          expect(isMultipleOf(decimal(child.limitPrice), decimal(tickSize))).toBe(true);
          if (limitPrice !== undefined)
            expect(decimal(child.limitPrice).cmp(decimal(limitPrice)) * (side === 'buy' ? 1 : -1)).toBeLessThanOrEqual(
              0,
            );
        }
        if (side === 'buy') {
          const worst =
            child.limitPrice === undefined
              ? decimal(record.venues[0]!.expectedCost!)
              : decimal(child.limitPrice).times(decimal(child.quantity)).times(decimal('1.001'));
          expect(worst.lte(decimal(reserved))).toBe(true);
        }
      }),
      { numRuns: 400 },
    );
  });
});
