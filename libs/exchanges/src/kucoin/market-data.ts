import { amountOrNull, fields, id, Nonsense, positive, same, text, timeMs, word, type Fields } from '../ccxt/fields.js';
import { toLevels } from '../ccxt/levels.js';
import type { MarketDialect } from '../ccxt/market-data.js';
import type { PublicTrade } from '../instruments.js';
import { toListing } from './instruments.js';
import { dataOf, rowsOf } from './map.js';

/** The two depths that KuCoin tells to anyone. */
const SHALLOW = 20;
const DEEP = 100;

/** What KuCoin says to anyone. */
export const kucoinMarket: MarketDialect = {
  toListing,
  time: {
    endpoint: 'publicGetTimestamp',
    stepMs: 0,
    params: () => ({}),
    read: (value) => timeMs(fields(value, 'answer'), 'data'),
  },
  book: {
    endpoint: 'publicGetMarketOrderbookLevelLevelLimit',
    params: ({ venueSymbol }, depth) => ({ level: 2, limit: depth <= SHALLOW ? SHALLOW : DEEP, symbol: venueSymbol }),
    // The answer does not say of which symbol it is.
    read: (value) => {
      const raw = dataOf(value);
      return {
        bids: toLevels(raw['bids'], 'bids'),
        asks: toLevels(raw['asks'], 'asks'),
        sequence: id(raw, 'sequence'),
      };
    },
  },
  ticker: {
    endpoint: 'publicGetMarketStats',
    params: ({ venueSymbol }) => ({ symbol: venueSymbol }),
    read: (value, _market, { venueSymbol }) => {
      const raw = dataOf(value);
      same('symbol', text(raw, 'symbol'), venueSymbol);
      return {
        bid: amountOrNull(raw, 'buy'),
        ask: amountOrNull(raw, 'sell'),
        last: amountOrNull(raw, 'last'),
        baseVolume: amountOrNull(raw, 'vol'),
      };
    },
  },
  trades: {
    endpoint: 'publicGetMarketHistories',
    // The latest hundred, and no fewer; the answer does not say of which symbol they are.
    params: ({ venueSymbol }) => ({ symbol: venueSymbol }),
    read: (value) => rowsOf(value).map(toTrade).sort(byTime),
  },
};

/** Its side is the taker's. */
const toTrade = (raw: Fields): PublicTrade => ({
  tradeId: id(raw, 'sequence'),
  price: positive(raw, 'price'),
  quantity: positive(raw, 'size'),
  takerSide: word(raw, 'side', { buy: 'buy', sell: 'sell' } as const),
  tradedAtMs: timeMs({ time: Math.floor(nanoseconds(raw) / 1_000_000) }, 'time'),
});

/** Past what JSON keeps exactly; a millisecond of it is exact all the same. */
const nanoseconds = (raw: Fields): number => {
  const at = Number(raw['time']);
  if (!Number.isFinite(at)) throw new Nonsense('time is not a time');
  return at;
};

/** Examples of the documentation stand in either order. */
const byTime = (one: PublicTrade, other: PublicTrade): number =>
  one.tradedAtMs - other.tradedAtMs ||
  one.tradeId.length - other.tradeId.length ||
  (one.tradeId < other.tradeId ? -1 : 1);
