import { bookHashOf, bookText, type MarketFlow, type MarketSnapshot } from '@switchyard/contracts';
import type { Instrument, OrderBook } from '@switchyard/exchanges';
import type { Pair } from '@switchyard/model';
import { trimmed } from './same-prices.js';

/** One instrument that is watched, and the canonical pairs under which it is published. */
export interface Watched {
  readonly venue: string;
  readonly instrument: Instrument;
  readonly publishedAs: readonly Pair[];
  readonly fees: MarketSnapshot['fees'];
}

/** What a decision holds instead of the book. */
export const bookHash = (book: Pick<OrderBook, 'bids' | 'asks'>): string => bookHashOf(bookText(book));

/**
 * The snapshots of one book: one for each canonical pair that it stands for. The version is the time, so that it rises over restarts. Decimals
 * are written without zeros behind them, so that a book has one hash, wherever it came from.
 */
export const snapshotsOf = (watched: Watched, book: OrderBook, flow?: MarketFlow): readonly MarketSnapshot[] => {
  const { venue, instrument, publishedAs, fees } = watched;
  const [bids, asks] = [trimmedLevels(book.bids), trimmedLevels(book.asks)];
  const hash = bookHash({ bids, asks });
  return publishedAs.map((pair) => ({
    venue,
    pair,
    instrument: {
      venueSymbol: instrument.venueSymbol,
      base: instrument.base,
      quote: instrument.quote,
      tickSize: instrument.tick,
      lotSize: instrument.lot,
      minQuantity: instrument.minQuantity,
      minNotional: instrument.minNotional ?? '0',
    },
    ...(fees === undefined ? {} : { fees }),
    bids,
    asks,
    bookHash: hash,
    version: book.receivedAtMs,
    receivedAt: new Date(book.receivedAtMs).toISOString(),
    ...(flow === undefined ? {} : { flow }),
  }));
};

const trimmedLevels = (levels: OrderBook['bids']): [string, string][] =>
  levels.map(([price, quantity]) => [trimmed(price), trimmed(quantity)]);

/**
 * What the wished pairs mean at a venue, each instrument once: the venue's own pair of that name; else the one that stands for it there
 * (`BTC-USD` is BTC-USDT at Binance, by the venue's capability table). A pair that the venue has under neither name is left out.
 */
export const instrumentsFor = (
  pairs: readonly string[],
  listed: ReadonlyMap<string, Instrument>,
  quoteAliases: Readonly<Record<string, string>>,
): readonly Instrument[] => {
  const meant = pairs.flatMap((pair) => {
    const [base = '', quote = ''] = pair.split('-');
    const instrument = listed.get(pair) ?? listed.get(`${base}-${quoteAliases[quote] ?? ''}`);
    return instrument === undefined ? [] : [instrument];
  });
  return [...new Map(meant.map((instrument) => [instrument.venueSymbol, instrument])).values()];
};

/** `BTC-USDT` is published as itself, and as `BTC-USD` where no dollar market of the venue has that name. */
export const canonicalPairs = (pair: string, listed: ReadonlySet<string>): readonly Pair[] => {
  const dollar = pair.replace(/-USDT$/, '-USD');
  return (dollar === pair || listed.has(dollar) ? [pair] : [pair, dollar]) as Pair[];
};
