import type { MarketSnapshot } from '@switchyard/contracts';
import { quoteOf } from '@switchyard/model';

type Listing = Pick<MarketSnapshot, 'venue' | 'pair' | 'instrument'>;

/** Assets that charts name otherwise: Kraken's names, which TradingView keeps (KRAKEN:XBTUSD). */
const ASSETS: Readonly<Record<string, string>> = { XBT: 'BTC', XDG: 'DOGE' };

/** How TradingView names the charts of our venues, where it is not the venue's own name. */
const VENUES: Readonly<Record<string, string>> = { BINANCEUS: 'binance', OKEX: 'okx' };

/**
 * The canonical pair that a chart's symbol stands for: `BTCUSD`, `BTC-USD`, `BTC/USDT`, `BINANCE:BTCUSDT`, `KRAKEN:XBTUSD`. Only what is
 * listed counts, and the quote currency is what the symbol says: BTCUSDT is never BTC-USD. A symbol that two pairs spell, a perpetual
 * (`BTCUSDT.P`) and whatever nobody lists stand for nothing: undefined.
 */
export const pairOfSymbol = (
  symbol: string,
  exchange: string | undefined,
  listings: readonly Listing[],
): string | undefined => {
  const [prefix, ticker] = symbol.includes(':')
    ? halves(symbol.toUpperCase())
    : [exchange?.toUpperCase(), symbol.toUpperCase()];
  const wanted = joined(ticker);
  if (wanted === undefined) return undefined;
  const spelled = new Set(listings.flatMap(({ pair }) => (spellings(pair).includes(wanted) ? [pair] : [])));
  if (spelled.size > 0) return only(spelled);
  const venue = prefix === undefined ? undefined : (VENUES[prefix] ?? prefix.toLowerCase());
  return only(
    new Set(
      listings.flatMap((listing) =>
        // A pair under which a venue's market in another currency is published for accounts that take one for the other is not what a chart shows.
        listing.venue === venue &&
        listing.instrument.quote === quoteOf(listing.pair) &&
        joined(listing.instrument.venueSymbol.toUpperCase()) === wanted
          ? [listing.pair]
          : [],
      ),
    ),
  );
};

const halves = (symbol: string): readonly [string, string] => {
  const at = symbol.indexOf(':');
  return [symbol.slice(0, at), symbol.slice(at + 1)];
};

const joined = (ticker: string): string | undefined => {
  if (ticker.length > 32) return undefined;
  const text = ticker.replaceAll(/[-/_]/g, '');
  return /^[A-Z0-9]{2,}$/.test(text) ? text : undefined;
};

const spellings = (pair: string): readonly string[] => {
  const [base = '', quote = ''] = pair.split('-');
  return [
    `${base}${quote}`,
    ...Object.entries(ASSETS).flatMap(([name, asset]) => (asset === base ? [`${name}${quote}`] : [])),
  ];
};

const only = (pairs: ReadonlySet<string>): string | undefined => (pairs.size === 1 ? [...pairs][0] : undefined);
