import { amountOrNull, same, text, timeMs } from '../ccxt/fields.js';
import { toLevels } from '../ccxt/levels.js';
import type { MarketDialect } from '../ccxt/market-data.js';
import { toInstrument } from './instruments.js';
import { rowOf } from './map.js';

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
};
