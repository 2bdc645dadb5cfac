import { describe, expect, it } from '@jest/globals';
import type { MarketView } from '@switchyard/model';
import { book, inputs, listed, view } from './given.js';
import { decideRoute, describeRoute, type RouteInputs } from './index.js';

/** A decision with its first child and its record, or the refusal. */
const decided = (given: RouteInputs) => {
  const outcome = decideRoute(given);
  return 'code' in outcome ? outcome : { child: outcome.children[0], record: describeRoute(given, outcome) };
};

const rejectionOf = (market: MarketView, change: Parameters<typeof inputs>[0] = {}) => {
  const outcome = decideRoute(inputs(change, { binance: listed(market) }));
  return 'code' in outcome ? (outcome.facts['venues'] as readonly { readonly code: string }[])[0]?.code : 'routed';
};

const BAD: readonly (readonly [string, string, MarketView])[] = [
  ['a crossed book', 'BOOK_CROSSED', view({ book: book([['64001', '9']]) })],
  ['a locked book', 'BOOK_CROSSED', view({ book: book([['64000', '9']]) })],
  ['an empty book', 'BOOK_EMPTY', view({ book: book([], []) })],
  ['a stale book', 'BOOK_STALE', view({ receivedAt: '2026-11-21T02:46:59.999Z' })],
  ['a book of unreadable age', 'BOOK_STALE', view({ receivedAt: 'yesterday' })],
  ['a book without bids', 'BOOK_ONE_SIDED', view({ book: book([]) })],
  ['a book without asks', 'BOOK_ONE_SIDED', view({ book: book(undefined, []) })],
  ['a book of levels without size', 'BOOK_EMPTY', view({ book: book([['63990', '0']], [['64000', '0.000']]) })],
  ['a side without size', 'BOOK_ONE_SIDED', view({ book: book(undefined, [['64000', '0']]) })],
  ['a size below one lot', 'BOOK_ONE_SIDED', view({ book: book(undefined, [['64000', '0.000009']]) })],
  [
    'an unsorted book',
    'BOOK_ABSURD',
    view({
      book: book(undefined, [
        ['64010', '1'],
        ['64000', '1'],
      ]),
    }),
  ],
  ['a negative size', 'BOOK_ABSURD', view({ book: book(undefined, [['64000', '-1']]) })],
  ['a price of nothing', 'BOOK_ABSURD', view({ book: book(undefined, [['0', '1']]) })],
  ['a price that is no decimal', 'BOOK_ABSURD', view({ book: book(undefined, [['6.4e4', '9']]) })],
  ['a spread nobody trades at', 'BOOK_ABSURD', view({ book: book([['40000', '9']]) })],
  ['a book without room for the least order', 'BOOK_TOO_THIN', view({ book: book(undefined, [['64000', '0.0001']]) })],
];

describe('a book that cannot be decided by', () => {
  it.each(BAD)('stops an entry: %s is %s', (_name, code, market) => {
    expect(rejectionOf(market)).toBe(code);
  });

  it.each(BAD)('never stops a stop-loss: %s', (_name, code, market) => {
    const sell = { side: 'sell', signalType: 'stop_loss' } as const;
    const outcome = decided(inputs(sell, { binance: listed(market) }));
    expect(outcome).toMatchObject({ child: { orderType: 'market', quantity: '0.1' } });
    if (code !== 'BOOK_TOO_THIN')
      expect(outcome).toMatchObject({ record: { venues: [{ chosen: true, rejected: { code } }] } });
  });

  it('sends an exit that asked for an algorithm to the market, and holds back a profit take', () => {
    const empty = view({ book: book([], []) });
    const exit = { side: 'sell', signalType: 'exit', execution: { algorithm: 'twap' } } as const;
    expect(decided(inputs(exit, { binance: listed(empty) }))).toMatchObject({ child: { orderType: 'market' } });
    expect(rejectionOf(empty, { side: 'sell', signalType: 'profit_take' })).toBe('BOOK_EMPTY');
  });

  it('prefers a sound venue for an exit', () => {
    const caps = ['binance', 'kraken'].map((venue) => ({
      accountId: `acc-${venue}`,
      venue,
      mode: 'paper' as const,
      quantity: '1',
      reserved: '1',
      currency: 'BTC',
    }));
    const venues = {
      binance: listed(view({ receivedAt: '2026-11-21T02:00:00.000Z' })),
      kraken: listed(view({ venue: 'kraken', fees: { maker: '0.01', taker: '0.01' } })),
    };
    expect(decided(inputs({ side: 'sell', signalType: 'exit', caps }, venues))).toMatchObject({
      child: { venue: 'kraken' },
    });
  });

  it.each([
    ['no lot', { lotSize: '0' }],
    ['a tick that is no decimal', { tickSize: '1e-2' }],
    ['a negative minimum', { minQuantity: '-1' }],
  ])('cannot be traded at all with %s, not even to get out', (_name, instrument) => {
    expect(rejectionOf(view({}, instrument), { side: 'sell', signalType: 'stop_loss' })).toBe('INSTRUMENT_UNUSABLE');
  });

  it('gives a venue at most half of what its book holds, and names the rest', () => {
    const at = (size: string) => {
      const outcome = decideRoute(inputs({}, { binance: listed(view({ book: book(undefined, [['64000', size]]) })) }));
      return 'code' in outcome ? outcome.code : [outcome.children[0]?.quantity, outcome.remainder];
    };
    expect(at('0.2')).toEqual(['0.1', '0']);
    expect(at('0.19')).toEqual(['0.095', '0.005']);
  });

  it('accepts a fee that cannot be read as not known', () => {
    const outcome = decided(inputs({}, { binance: listed(view({ fees: { maker: 'x', taker: '' } })) }));
    expect(outcome).toMatchObject({ record: { venues: [{ feeRate: '0.006', feeAssumed: true }] } });
  });
});
