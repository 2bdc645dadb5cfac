import { amountOrNull, fields, id, same, text, timeMs } from '../ccxt/fields.js';
import { toLevels } from '../ccxt/levels.js';
import type { MarketDialect } from '../ccxt/market-data.js';
import { toInstrument } from './instruments.js';

/** What Binance says to anyone. */
export const binanceMarket: MarketDialect = {
  toListing: (market) => {
    const instrument = toInstrument(market);
    return instrument === null ? null : { instrument, aliases: [] };
  },
  time: {
    endpoint: 'publicGetTime',
    stepMs: 0,
    params: () => ({}),
    read: (value) => timeMs(fields(value, 'time'), 'serverTime'),
  },
  book: {
    endpoint: 'publicGetDepth',
    params: ({ venueSymbol }, limit) => ({ symbol: venueSymbol, limit }),
    read: (value) => {
      const raw = fields(value, 'book');
      return {
        bids: toLevels(raw['bids'], 'bids'),
        asks: toLevels(raw['asks'], 'asks'),
        sequence: id(raw, 'lastUpdateId'),
      };
    },
  },
  ticker: {
    endpoint: 'publicGetTicker24hr',
    params: ({ venueSymbol }) => ({ symbol: venueSymbol }),
    read: (value, _market, { venueSymbol }) => {
      const raw = fields(value, 'ticker');
      same('symbol', text(raw, 'symbol'), venueSymbol);
      return {
        bid: amountOrNull(raw, 'bidPrice'),
        ask: amountOrNull(raw, 'askPrice'),
        last: amountOrNull(raw, 'lastPrice'),
        baseVolume: amountOrNull(raw, 'volume'),
      };
    },
  },
};
