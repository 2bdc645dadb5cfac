import { amountOrNull, fields, id, positive, same, text, timeMs, word } from '../ccxt/fields.js';
import { toLevels } from '../ccxt/levels.js';
import type { MarketDialect } from '../ccxt/market-data.js';
import type { PublicTrade } from '../instruments.js';
import { toListing } from './instruments.js';
import { SPOT } from './request.js';
import { resultOf, rowsOf } from './result.js';

/** What Bybit says to anyone. */
export const bybitMarket: MarketDialect = {
  toListing,
  time: {
    endpoint: 'publicGetV5MarketTime',
    stepMs: 0,
    params: () => ({}),
    read: (value) => timeMs(fields(value, 'time'), 'time'),
  },
  book: {
    endpoint: 'publicGetV5MarketOrderbook',
    params: ({ venueSymbol }, limit) => ({ ...SPOT, symbol: venueSymbol, limit }),
    read: (value, _market, { venueSymbol }) => {
      const raw = resultOf(value);
      same('s', text(raw, 's'), venueSymbol);
      return { bids: toLevels(raw['b'], 'b'), asks: toLevels(raw['a'], 'a'), sequence: id(raw, 'u') };
    },
  },
  ticker: {
    endpoint: 'publicGetV5MarketTickers',
    params: ({ venueSymbol }) => ({ ...SPOT, symbol: venueSymbol }),
    read: (value, _market, { venueSymbol }) => {
      const raw = fields(rowsOf(value, (entry) => entry)[0], 'ticker');
      same('symbol', text(raw, 'symbol'), venueSymbol);
      return {
        bid: amountOrNull(raw, 'bid1Price'),
        ask: amountOrNull(raw, 'ask1Price'),
        last: amountOrNull(raw, 'lastPrice'),
        baseVolume: amountOrNull(raw, 'volume24h'),
      };
    },
  },
  trades: {
    endpoint: 'publicGetV5MarketRecentTrade',
    params: ({ venueSymbol }, limit) => ({ ...SPOT, symbol: venueSymbol, limit }),
    read: (value, _market, { venueSymbol }) => rowsOf(value, (row) => toTrade(row, venueSymbol)).toReversed(),
  },
};

/** Its side is the taker's. */
const toTrade = (value: unknown, venueSymbol: string): PublicTrade => {
  const raw = fields(value, 'trade');
  same('symbol', text(raw, 'symbol'), venueSymbol);
  return {
    tradeId: id(raw, 'execId'),
    price: positive(raw, 'price'),
    quantity: positive(raw, 'size'),
    takerSide: word(raw, 'side', { Buy: 'buy', Sell: 'sell' } as const),
    tradedAtMs: timeMs(raw, 'time'),
  };
};
