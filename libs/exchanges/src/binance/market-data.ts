import { amountOrNull, fields, flag, id, list, positive, same, text, timeMs } from '../ccxt/fields.js';
import { toLevels } from '../ccxt/levels.js';
import type { MarketDialect } from '../ccxt/market-data.js';
import type { PublicTrade } from '../instruments.js';
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
  trades: {
    endpoint: 'publicGetAggTrades',
    params: ({ venueSymbol }, limit) => ({ symbol: venueSymbol, limit }),
    read: (value) => list(value, 'trades').map(toAggregateTrade),
  },
};

/** One order's trades at one price; the same in a stream. `m`: the buyer was the maker. */
export const toAggregateTrade = (value: unknown): PublicTrade => {
  const raw = fields(value, 'trade');
  return {
    tradeId: id(raw, 'a'),
    price: positive(raw, 'p'),
    quantity: positive(raw, 'q'),
    takerSide: flag(raw, 'm') ? 'sell' : 'buy',
    tradedAtMs: timeMs(raw, 'T'),
  };
};
