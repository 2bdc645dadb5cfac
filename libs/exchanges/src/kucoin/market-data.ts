import { amountOrNull, fields, id, same, text, timeMs } from '../ccxt/fields.js';
import { toLevels } from '../ccxt/levels.js';
import type { MarketDialect } from '../ccxt/market-data.js';
import { toListing } from './instruments.js';
import { dataOf } from './map.js';

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
};
