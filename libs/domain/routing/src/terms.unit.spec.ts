import { describe, expect, it } from '@jest/globals';
import { book, cap, inputs, listed, view } from './given.js';
import {
  decideRoute,
  DEFAULT_ROUTING_SETTINGS,
  describeRoute,
  heldCaps,
  NO_CHILDREN,
  prepareMarket,
  strandedChildren,
  withChildren,
  type ApprovedOrder,
  type RouteInputs,
  type VenueTerms,
} from './index.js';

type Market = Parameters<typeof view>[0];

/** An order for several venues, each with its own market and terms. */
const route = (
  venues: Readonly<Record<string, { readonly market?: Market; readonly terms?: VenueTerms } & Record<string, unknown>>>,
  change: Partial<ApprovedOrder> = {},
  rest: Partial<RouteInputs> = {},
) => {
  const facts = Object.fromEntries(
    Object.entries(venues).map(([venue, { market, terms, ...known }]) => [
      venue,
      {
        market: prepareMarket(view({ venue, bookHash: `hash-${venue}`, ...market }), terms),
        known: true,
        healthy: true,
        ...known,
      },
    ]),
  );
  const caps = Object.keys(venues).map((venue) => cap({ venue }));
  const given = inputs({ orderType: 'market', caps, ...change }, facts, rest);
  const outcome = decideRoute(given);
  if ('code' in outcome) return { code: outcome.code, venues: outcome.facts['venues'] as readonly any[] };
  const record = describeRoute(given, outcome);
  return { children: outcome.children, remainder: outcome.remainder, record, venues: record.venues };
};
const rejectedAt = (outcome: ReturnType<typeof route>, index = 0): string | undefined =>
  outcome.code === undefined
    ? outcome.venues[index]?.rejected?.code
    : (outcome.venues[index] as { code?: string }).code;

describe('what a deployment knows of a venue', () => {
  it('its cost per unit counts like a fee', () => {
    const outcome = route({ binance: { terms: { costPerUnit: '10' } }, kraken: {} });
    expect(outcome.children).toMatchObject([{ venue: 'kraken' }]);
    expect(route({ binance: { terms: { costPerUnit: '10' } } }).venues[0]).toMatchObject({ expectedCost: '6407.4' });
  });

  it('its largest order bounds its part, its smallest keeps it out', () => {
    const most = route({
      binance: { terms: { maxOrderSize: '0.04' } },
      kraken: { market: { fees: { maker: '0.01', taker: '0.01' } } },
    });
    expect(most.children).toMatchObject([
      { venue: 'binance', quantity: '0.04' },
      { venue: 'kraken', quantity: '0.06' },
    ]);
    expect(most.venues[0]).toMatchObject({ bound: 'largest_order' });
    expect(rejectedAt(route({ binance: { terms: { minSize: '0.2' } } }))).toBe('BELOW_MINIMUM');
  });

  it('among venues that cost the same the lower priority number goes first', () => {
    expect(route({ binance: {}, kraken: { terms: { priority: 1 } } }).children).toMatchObject([{ venue: 'kraken' }]);
  });

  it('an ECN may pay for what is taken', () => {
    const outcome = route({
      binance: {},
      kraken: { market: { fees: { maker: '0.002', taker: '-0.0002' } }, terms: { kind: 'ecn' } },
    });
    expect(outcome.children).toMatchObject([{ venue: 'kraken' }]);
    expect(outcome.venues[1]).toMatchObject({ kind: 'ecn', feeRate: '-0.0002', expectedCost: '6398.72' });
  });

  it('a wholesaler quotes one price for any size up to its largest', () => {
    const quote = book([['63990', '0.001']], [['64000', '0.001']]);
    const terms = { kind: 'wholesaler', maxOrderSize: '3' } as const;
    const outcome = route({ kraken: { market: { book: quote }, terms } }, { quantity: '5' });
    expect(outcome.children).toMatchObject([{ venue: 'kraken', quantity: '3' }]);
    expect(outcome.venues[0]).toMatchObject({ expectedPrice: '64000' });
    expect(route({ kraken: { market: { book: quote } } }).children).toMatchObject([{ quantity: '0.0005' }]);
  });
});

describe('a dark venue', () => {
  const dark = { market: { book: book([], []) }, terms: { kind: 'dark', minSize: '0.05' } } as const;

  it('trades at the midpoint of the others, for orders of its smallest size and more', () => {
    const outcome = route({ binance: {}, kraken: dark });
    expect(outcome.children).toMatchObject([
      { venue: 'kraken', orderType: 'limit', limitPrice: '63995', timeInForce: 'ioc' },
    ]);
    expect(outcome.venues[1]).toMatchObject({ kind: 'dark', expectedPrice: '63995' });
    expect(route({ binance: {}, kraken: dark }, { quantity: '0.04' }).children).toMatchObject([{ venue: 'binance' }]);
  });

  it('pays no more than the signal’s own limit', () => {
    const outcome = route(
      { kraken: dark, binance: {} },
      { orderType: 'limit', limitPrice: '63992', venues: { prefer: ['kraken'] } },
    );
    expect(outcome.children?.[0]).toMatchObject({ venue: 'kraken', limitPrice: '63992' });
  });

  it('counts what it may leave unfilled at the touch: one that seldom fills is passed by for its fee', () => {
    const fees = { maker: '0.0011', taker: '0.0011' };
    const at = (successRate: number) =>
      route({
        binance: {},
        kraken: {
          ...dark,
          market: { ...dark.market, fees },
          history: { executions: 9, successRate, latencyMs: 1, slippage: 0 },
        },
      }).children?.[0]?.venue;
    // Half a spread of 10 is 5; the dearer fee is 6.4.
    expect(at(1)).toBe('binance');
    const wide = { market: { book: book([['63900', '5']], [['64000', '5']]) } };
    const wider = (successRate: number) =>
      route({
        binance: wide,
        kraken: {
          ...dark,
          market: { ...dark.market, fees },
          history: { executions: 9, successRate, latencyMs: 1, slippage: 0 },
        },
      }).children?.[0]?.venue;
    expect([wider(1), wider(0.05)]).toEqual(['kraken', 'binance']);
  });

  it('is no venue without another’s book, nor for orders that rest or wait for a price', () => {
    expect(rejectedAt(route({ kraken: dark }))).toBe('MIDPOINT_UNKNOWN');
    expect(rejectedAt(route({ kraken: dark, binance: {} }, { orderType: 'limit', postOnly: true }))).toBe(
      'METHOD_NOT_OFFERED',
    );
    expect(rejectedAt(route({ kraken: dark, binance: {} }, { orderType: 'stop', stopPrice: '65000' }))).toBe(
      'METHOD_NOT_OFFERED',
    );
  });
});

describe('fees', () => {
  const tiers = [
    { fromVolume: '1000000', maker: '0.0002', taker: '0.0004' },
    { fromVolume: '50000', maker: '0.0006', taker: '0.0008' },
  ];
  const feeOf = (terms: VenueTerms, volume?: string, market: Market = {}) => {
    const accounts = volume === undefined ? {} : { 'acc-binance': { volume } };
    return route({ binance: { market, terms } }, {}, { accounts }).venues[0];
  };

  it('are those of the account’s own tier', () => {
    expect(feeOf({ tiers }, '50000')).toMatchObject({ feeRate: '0.0008', feeSource: 'tier', feeAssumed: false });
    expect(feeOf({ tiers }, '2000000')).toMatchObject({ feeRate: '0.0004' });
  });

  it('are what the venue takes of everybody where no tier is there for the account', () => {
    expect(feeOf({ tiers }, '49999.99')).toMatchObject({ feeRate: '0.001', feeSource: 'published' });
    expect(feeOf({ tiers })).toMatchObject({ feeRate: '0.001', feeSource: 'published' });
  });

  it('are assumed, and said to be, where nobody knows them: 0.6 % taker', () => {
    expect(feeOf({ tiers }, '10', { fees: undefined })).toMatchObject({
      feeRate: '0.006',
      feeSource: 'assumed',
      feeAssumed: true,
    });
    const unreadable = [{ fromVolume: '0', maker: 'x', taker: '2' }];
    expect(feeOf({ tiers: unreadable }, '10', { fees: undefined })).toMatchObject({ feeSource: 'assumed' });
  });

  it('of a resting order are the maker’s', () => {
    expect(
      route(
        { binance: { market: { fees: { maker: '0.0002', taker: '0.002' } } } },
        { orderType: 'limit', limitPrice: '63000' },
      ).venues[0],
    ).toMatchObject({
      feeRate: '0.0002',
      expectedCost: '6301.26',
    });
  });
});

describe('USDT for USD', () => {
  const dollars = { market: { instrument: { ...view().instrument, quote: 'USD' } } };
  const caps = [cap(), cap({ venue: 'kraken', currency: 'USD' })];
  const choose = (rest: Partial<RouteInputs>, side: 'buy' | 'sell' = 'buy') =>
    route({ binance: {}, kraken: dollars }, { caps, side }, rest).children?.map(({ venue }) => venue);
  const haircut = (haircutBps: number) => ({ settings: { ...DEFAULT_ROUTING_SETTINGS, haircutBps } });

  it('counts at its rate less a haircut: of equal venues the one that trades in dollars is taken', () => {
    expect(choose({})).toEqual(['kraken']);
    expect(choose({}, 'sell')).toEqual(['kraken']);
    expect(choose(haircut(0))).toEqual(['binance']);
  });

  it('is taken where it is cheap enough', () => {
    expect(choose({ rates: { USDT: '0.999' } })).toEqual(['binance']);
    expect(choose({ rates: { USDT: '0.999' } }, 'sell')).toEqual(['kraken']);
    expect(choose({ rates: { USDT: '1.001' } }, 'sell')).toEqual(['binance']);
  });
});

describe('what goes wrong between approval, decision and order', () => {
  it('a minimum above the whole order is BELOW_MINIMUM, for the order itself where it stands alone', () => {
    const small = { market: { instrument: { ...view().instrument, minQuantity: '0.5' } } };
    expect(route({ binance: small })).toMatchObject({ code: 'BELOW_MINIMUM', venues: [{ code: 'BELOW_MINIMUM' }] });
    expect(route({ binance: small, kraken: {} }).children).toMatchObject([{ venue: 'kraken' }]);
    const worth = { market: { instrument: { ...view().instrument, minNotional: '6401' } } };
    expect(route({ binance: worth })).toMatchObject({ code: 'BELOW_MINIMUM' });
  });

  it('a pair that was delisted after the decision: the part of the child that failed goes elsewhere', () => {
    const caps = [cap({ quantity: '0.1' }), cap({ venue: 'kraken', quantity: '0.1' })];
    const before = inputs(
      { caps, orderType: 'market' },
      { binance: listed(), kraken: listed(view({ venue: 'kraken', bookHash: 'h2' })) },
    );
    const first = decideRoute(before);
    expect(first).toMatchObject({ children: [{ venue: 'binance', quantity: '0.1' }] });
    const gone = {
      ...before,
      venues: { ...before.venues, binance: { market: undefined, known: true, healthy: true } },
    };
    expect(decideRoute({ ...gone, quantity: '0.1', tried: ['acc-binance'] })).toMatchObject({
      children: [{ venue: 'kraken' }],
    });
    const nowhere = { ...gone, venues: { ...gone.venues, kraken: { market: undefined, known: true, healthy: true } } };
    expect(decideRoute({ ...nowhere, quantity: '0.1', tried: [] })).toMatchObject({
      code: 'NO_SUITABLE_VENUE',
      facts: { venues: [{ code: 'PAIR_NOT_LISTED' }, { code: 'PAIR_NOT_LISTED' }] },
    });
  });

  it('a venue that was removed gets nothing, not even from an exit, whatever its books say', () => {
    const removed = { removed: true };
    expect(rejectedAt(route({ binance: removed }))).toBe('VENUE_REMOVED');
    expect(rejectedAt(route({ binance: removed }, { side: 'sell', signalType: 'stop_loss' }))).toBe('VENUE_REMOVED');
    expect(route({ binance: removed, kraken: {} }).children).toMatchObject([{ venue: 'kraken' }]);
  });

  it('a venue where trading is stopped gets no entry, and every exit', () => {
    for (const state of ['reducing', 'halted'] as const) {
      const stopped = { state };
      expect(rejectedAt(route({ binance: stopped }))).toBe('VENUE_HALTED');
      expect(route({ binance: stopped, kraken: {} }).children).toMatchObject([{ venue: 'kraken' }]);
      expect(route({ binance: stopped }, { side: 'sell', signalType: 'stop_loss' }).children).toMatchObject([
        { venue: 'binance' },
      ]);
    }
  });

  it('children that rest at a venue that was removed are named, and hold their caps', () => {
    const parent = withChildren(NO_CHILDREN, [
      { orderId: 'c0', accountId: 'acc-okx', venue: 'okx', quantity: '1' },
      { orderId: 'c1', accountId: 'acc-kraken', venue: 'kraken', quantity: '2' },
    ]);
    expect(strandedChildren(parent, (venue) => ['okx', 'bybit'].includes(venue)).map(({ orderId }) => orderId)).toEqual(
      ['c0'],
    );
    expect(heldCaps(parent)).toHaveLength(2);
  });

  it('an account whose cap other children hold gets no more, and one that holds a part gets the rest of it', () => {
    const caps = [cap({ quantity: '0.1' }), cap({ venue: 'kraken', quantity: '0.1' })];
    const held = (quantity: string) => ({ quantity: '0.05', held: [{ accountId: 'acc-binance', quantity }] });
    expect(rejectedAt(route({ binance: {}, kraken: {} }, { caps }, held('0.1')))).toBe('CAP_USED');
    const dear = { market: { fees: { maker: '0.01', taker: '0.01' } } };
    expect(route({ binance: {}, kraken: dear }, { caps }, held('0.08')).children).toMatchObject([
      { venue: 'binance', quantity: '0.02' },
      { venue: 'kraken', quantity: '0.03' },
    ]);
  });

  it('an order that is to be filled whole or not at all goes to one venue, or nowhere', () => {
    const thin = { market: { book: book(undefined, [['64000', '0.1']]) } };
    const whole = { timeInForce: 'fok', quantity: '0.08' } as const;
    expect(rejectedAt(route({ binance: thin }, whole))).toBe('ORDER_NOT_WHOLE');
    expect(
      route({ binance: thin, kraken: { market: { fees: { maker: '0.01', taker: '0.01' } } } }, whole).children,
    ).toMatchObject([{ venue: 'kraken', quantity: '0.08', timeInForce: 'fok' }]);
  });

  it('more accounts than one decision compares are told so, and the others are used', () => {
    const many = Array.from({ length: 34 }, (_, index) => cap({ accountId: `acc-${index}`, quantity: '0.002' }));
    const outcome = route({ binance: {} }, { caps: many });
    expect(outcome.children).toHaveLength(5);
    expect(outcome.remainder).toBe('0.09');
    expect(outcome.venues.slice(-2)).toMatchObject([
      { rejected: { code: 'NOT_COMPARED' } },
      { rejected: { code: 'NOT_COMPARED' } },
    ]);
  });

  it('an exit is split over the accounts that hold it, a sound book before one that is not', () => {
    const caps = ['binance', 'kraken', 'okx'].map((venue) =>
      cap({ venue, quantity: '1', reserved: '1', currency: 'BTC' }),
    );
    const stale = { market: { receivedAt: '2026-11-21T02:00:00.000Z' } };
    const exit = { caps, side: 'sell', signalType: 'exit', quantity: '2.5' } as const;
    const deep = { market: { book: book([['63990', '9']]) } };
    const outcome = route({ binance: stale, kraken: deep, okx: deep }, exit);
    expect(outcome.children).toMatchObject([
      { venue: 'binance', quantity: '0.5' },
      { venue: 'kraken', quantity: '1' },
      { venue: 'okx', quantity: '1' },
    ]);
    expect(outcome.venues[0]).toMatchObject({ chosen: true, rejected: { code: 'BOOK_STALE' } });
  });

  it('a limit order takes what is within its limit wherever that is, and waits where waiting costs least', () => {
    const asks = (price: string) => book(undefined, [[price, '0.2']]);
    const cheap = { maker: '0', taker: '0.001' };
    const outcome = route(
      { binance: { market: { book: asks('64000') } }, kraken: { market: { book: asks('64005'), fees: cheap } } },
      { orderType: 'limit', limitPrice: '64010', quantity: '0.15', caps: [cap(), cap({ venue: 'kraken' })] },
    );
    expect(outcome.children).toMatchObject([
      { venue: 'binance', quantity: '0.1', limitPrice: '64010' },
      { venue: 'kraken', quantity: '0.05', limitPrice: '64010' },
    ]);
  });
});
