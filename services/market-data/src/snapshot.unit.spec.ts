import { describe, expect, it } from '@jest/globals';
import { bookHash, canonicalPairs, snapshotsOf } from './snapshot.js';

const instrument = {
  pair: 'BTC-USDT',
  venueSymbol: 'BTCUSDT',
  base: 'BTC',
  quote: 'USDT',
  quoteAlias: null,
  trading: true,
  tick: '0.01',
  lot: '0.00001',
  minQuantity: '0.00001',
  maxQuantity: null,
  maxMarketQuantity: null,
  minPrice: null,
  maxPrice: null,
  minNotional: '5',
  maxNotional: null,
} as const;

const book = {
  pair: 'BTC-USDT',
  venueSymbol: 'BTCUSDT',
  bids: [['64000', '1']],
  asks: [['64001', '2']],
  sequence: null,
  receivedAtMs: 1_795_000_000_123,
} as const;

describe('a market snapshot', () => {
  it('stands for the dollar pair too, and says that USDT is what is paid', () => {
    const pairs = canonicalPairs('BTC-USDT', new Set(['BTC-USDT']));
    const snapshots = snapshotsOf({ venue: 'binance', instrument, publishedAs: pairs, fees: undefined }, book);
    expect(snapshots.map(({ pair, instrument: { quote } }) => [pair, quote])).toEqual([
      ['BTC-USDT', 'USDT'],
      ['BTC-USD', 'USDT'],
    ]);
  });

  it('leaves the dollar pair alone where the venue lists one of its own', () => {
    expect(canonicalPairs('BTC-USDT', new Set(['BTC-USDT', 'BTC-USD']))).toEqual(['BTC-USDT']);
    expect(canonicalPairs('ETH-BTC', new Set())).toEqual(['ETH-BTC']);
  });

  it('carries a hash of the book alone: the same content, the same hash', () => {
    expect(bookHash(book)).toBe(bookHash({ ...book }));
    expect(bookHash(book)).not.toBe(bookHash({ bids: book.bids, asks: [['64001', '2.1']] }));
  });

  it('has a version that rises with time, over restarts too', () => {
    const watched = {
      venue: 'binance',
      instrument,
      publishedAs: canonicalPairs('BTC-USDT', new Set()),
      fees: undefined,
    };
    const [first] = snapshotsOf(watched, book);
    const [second] = snapshotsOf(watched, { ...book, receivedAtMs: book.receivedAtMs + 1_000 });
    expect(second?.version).toBeGreaterThan(first?.version ?? 0);
  });
});
