import { amount, amountOrNull, fields, id, list, positive, timeMs } from '../ccxt/fields.js';
import type { MarketDialect } from '../ccxt/market-data.js';
import type { BookLevel, PublicTrade } from '../instruments.js';
import { sameBook, toInstrument } from './instruments.js';
import { momentMs } from './map.js';

/** What Coinbase says to anyone. */
export const coinbaseMarket: MarketDialect = {
  toListing: (market) => {
    const instrument = toInstrument(market);
    return instrument === null ? null : { instrument, aliases: [] };
  },
  time: {
    endpoint: 'v3PublicGetBrokerageTime',
    stepMs: 0,
    params: () => ({}),
    read: (value) => timeMs(fields(value, 'time'), 'epochMillis'),
  },
  book: {
    endpoint: 'v3PublicGetBrokerageMarketProductBook',
    params: ({ venueSymbol }, limit) => ({ product_id: venueSymbol, limit }),
    read: (value, _market, { venueSymbol }) => {
      const raw = fields(fields(value, 'answer')['pricebook'], 'pricebook');
      sameBook(raw, venueSymbol);
      // Books of the REST API carry a time and no number.
      return { bids: toLevels(raw['bids'], 'bids'), asks: toLevels(raw['asks'], 'asks'), sequence: null };
    },
  },
  ticker: {
    endpoint: 'v3PublicGetBrokerageMarketProductsProductIdTicker',
    params: ({ venueSymbol }) => ({ product_id: venueSymbol, limit: 1 }),
    read: (value, _market, { venueSymbol }) => {
      const raw = fields(value, 'ticker');
      const [last] = list(raw['trades'], 'trades').map((trade) => fields(trade, 'trade'));
      if (last !== undefined) sameBook(last, venueSymbol);
      return {
        bid: amountOrNull(raw, 'best_bid'),
        ask: amountOrNull(raw, 'best_ask'),
        last: last === undefined ? null : amountOrNull(last, 'price'),
        baseVolume: null,
      };
    },
  },
  trades: {
    endpoint: 'v3PublicGetBrokerageMarketProductsProductIdTicker',
    params: ({ venueSymbol }, limit) => ({ product_id: venueSymbol, limit }),
    read: (value, _market, { venueSymbol }) =>
      list(fields(value, 'ticker')['trades'], 'trades')
        .map((trade) => toTrade(trade, venueSymbol))
        .toReversed(),
  },
};

const toLevels = (value: unknown, side: string): readonly BookLevel[] =>
  list(value, side).map((entry) => {
    const level = fields(entry, 'level');
    return [positive(level, 'price'), amount(level, 'size')];
  });

/** Its `side` is left alone: see `publicTrades` in the capabilities. */
const toTrade = (value: unknown, venueSymbol: string): PublicTrade => {
  const raw = fields(value, 'trade');
  sameBook(raw, venueSymbol);
  return {
    tradeId: id(raw, 'trade_id'),
    price: positive(raw, 'price'),
    quantity: positive(raw, 'size'),
    takerSide: null,
    tradedAtMs: momentMs(raw, 'time'),
  };
};
