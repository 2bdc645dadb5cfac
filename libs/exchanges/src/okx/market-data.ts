import { amountOrNull, fields, id, positive, same, text, timeMs, word } from '../ccxt/fields.js';
import { toLevels } from '../ccxt/levels.js';
import type { MarketDialect } from '../ccxt/market-data.js';
import type { PublicTrade } from '../instruments.js';
import { toInstrument } from './instruments.js';
import { rowOf, rowsOf } from './map.js';

/** What OKX says to anyone. */
export const okxMarket: MarketDialect = {
  toListing: (market) => {
    const instrument = toInstrument(market);
    return instrument === null ? null : { instrument, aliases: [] };
  },
  time: {
    endpoint: 'publicGetPublicTime',
    stepMs: 0,
    params: () => ({}),
    read: (value) => timeMs(rowOf(value), 'ts'),
  },
  book: {
    endpoint: 'publicGetMarketBooks',
    params: ({ venueSymbol }, sz) => ({ instId: venueSymbol, sz }),
    read: (value) => {
      const raw = rowOf(value);
      const { seqId } = raw;
      return {
        bids: toLevels(raw['bids'], 'bids'),
        asks: toLevels(raw['asks'], 'asks'),
        sequence: typeof seqId === 'string' || typeof seqId === 'number' ? String(seqId) : null,
      };
    },
  },
  ticker: {
    endpoint: 'publicGetMarketTicker',
    params: ({ venueSymbol }) => ({ instId: venueSymbol }),
    read: (value, _market, { venueSymbol }) => {
      const raw = rowOf(value);
      same('instId', text(raw, 'instId'), venueSymbol);
      return {
        bid: amountOrNull(raw, 'bidPx'),
        ask: amountOrNull(raw, 'askPx'),
        last: amountOrNull(raw, 'last'),
        baseVolume: amountOrNull(raw, 'vol24h'),
      };
    },
  },
  trades: {
    endpoint: 'publicGetMarketTrades',
    params: ({ venueSymbol }, limit) => ({ instId: venueSymbol, limit }),
    read: (value, _market, { venueSymbol }) =>
      rowsOf(value)
        .map((row) => toTrade(row, venueSymbol))
        .toReversed(),
  },
};

/** Its side is the taker's. */
const toTrade = (value: unknown, venueSymbol: string): PublicTrade => {
  const raw = fields(value, 'trade');
  same('instId', text(raw, 'instId'), venueSymbol);
  return {
    tradeId: id(raw, 'tradeId'),
    price: positive(raw, 'px'),
    quantity: positive(raw, 'sz'),
    takerSide: word(raw, 'side', { buy: 'buy', sell: 'sell' } as const),
    tradedAtMs: timeMs(raw, 'ts'),
  };
};
