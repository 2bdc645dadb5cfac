import type { BookGlance, Instrument, OrderBook } from '@switchyard/exchanges';
import type { Watched } from '../snapshot.js';

export const instrument = (pair: string, trading = true): Instrument => ({
  pair,
  venueSymbol: pair.replace('-', ''),
  base: pair.slice(0, pair.indexOf('-')),
  quote: pair.slice(pair.indexOf('-') + 1),
  quoteAlias: null,
  trading,
  tick: '0.01',
  lot: '0.00001',
  minQuantity: '0.00001',
  maxQuantity: null,
  maxMarketQuantity: null,
  minPrice: null,
  maxPrice: null,
  minNotional: '5',
  maxNotional: null,
});

export const watched = (pair: string): Watched => ({
  venue: 'binance',
  instrument: instrument(pair),
  publishedAs: [pair as Watched['publishedAs'][number]],
  fees: undefined,
});

/** A book of one level a side, around a price. */
export const bookAt = (bid: number, more: Partial<OrderBook> = {}): OrderBook => ({
  pair: 'BTC-USDT',
  venueSymbol: 'BTCUSDT',
  bids: [[String(bid), '1']],
  asks: [[String(bid + 1), '2']],
  sequence: null,
  receivedAtMs: 0,
  ...more,
});

/** A stream whose books the test sets; it remembers which were thrown away. */
export class SetStream {
  readonly books = new Map<string, OrderBook>();
  readonly resynced: string[] = [];

  book(symbol: string): OrderBook | undefined {
    return this.books.get(symbol);
  }

  glance(symbol: string): BookGlance | undefined {
    const book = this.books.get(symbol);
    if (book === undefined) return undefined;
    const { bids, asks, sequence, receivedAtMs } = book;
    return { bid: bids[0]?.[0], ask: asks[0]?.[0], sequence, spokenAtMs: receivedAtMs };
  }

  resync(symbol: string): void {
    this.books.delete(symbol);
    this.resynced.push(symbol);
  }
}
