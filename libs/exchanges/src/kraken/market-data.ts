import { amount, amountOrNull, fields, id, list, positive, timeOfSeconds, word } from '../ccxt/fields.js';
import { toLevels } from '../ccxt/levels.js';
import type { MarketDialect } from '../ccxt/market-data.js';
import type { PublicTrade } from '../instruments.js';
import { toListing } from './instruments.js';
import { samePair } from './names.js';
import { onlyEntry, resultOf } from './result.js';

/** What Kraken says to anyone. */
export const krakenMarket: MarketDialect = {
  toListing,
  time: {
    endpoint: 'publicGetTime',
    // Whole seconds.
    stepMs: 1_000,
    params: () => ({}),
    read: (value) => timeOfSeconds(resultOf(value), 'unixtime'),
  },
  book: {
    endpoint: 'publicGetDepth',
    params: ({ venueSymbol }, levels) => ({ pair: venueSymbol, count: levels }),
    read: (value, market, of) => {
      const [name, book] = onlyEntry(resultOf(value));
      samePair(name, of, market);
      const raw = fields(book, 'book');
      return { bids: toLevels(raw['bids'], 'bids'), asks: toLevels(raw['asks'], 'asks'), sequence: null };
    },
  },
  ticker: {
    endpoint: 'publicGetTicker',
    params: ({ venueSymbol }) => ({ pair: venueSymbol }),
    read: (value, market, of) => {
      const [name, ticker] = onlyEntry(resultOf(value));
      samePair(name, of, market);
      const raw = fields(ticker, 'ticker');
      // a, b: price, whole lots, lots; c: price, lots; v: today, the last 24 hours.
      const [first, second] = [(key: string) => list(raw[key], key)[0], (key: string) => list(raw[key], key)[1]];
      const told = { ask: first('a'), bid: first('b'), last: first('c'), volume: second('v') };
      return {
        bid: amountOrNull(told, 'bid'),
        ask: amountOrNull(told, 'ask'),
        last: amountOrNull(told, 'last'),
        baseVolume: amount(told, 'volume'),
      };
    },
  },
  trades: {
    endpoint: 'publicGetTrades',
    params: ({ venueSymbol }, count) => ({ pair: venueSymbol, count }),
    read: (value, market, of) => {
      const pairs = Object.entries(resultOf(value)).filter(([name]) => name !== 'last');
      const [name, trades] = onlyEntry(Object.fromEntries(pairs));
      samePair(name, of, market);
      return list(trades, 'trades').map(toTrade);
    },
  },
};

/** `[price, volume, time, side of the taker, kind of its order, nothing, number]`. */
const toTrade = (value: unknown): PublicTrade => {
  const [price, quantity, time, side, , , number] = list(value, 'trade');
  const raw = { price, quantity, time, side, number };
  return {
    tradeId: id(raw, 'number'),
    price: positive(raw, 'price'),
    quantity: positive(raw, 'quantity'),
    takerSide: word(raw, 'side', { b: 'buy', s: 'sell' } as const),
    tradedAtMs: timeOfSeconds(raw, 'time'),
  };
};
