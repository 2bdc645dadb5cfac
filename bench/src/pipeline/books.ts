import type { VenueName } from '@switchyard/exchanges';
import { post } from './venue-accounts.js';

const MIDS = [7_000, 400, 120] as const;

/** A venue's symbols of BTC, ETH and LTC in its own dollar, and a tick of its grids for each. */
const MARKETS: Readonly<Partial<Record<VenueName, readonly (readonly [symbol: string, tick: string])[]>>> = {
  binance: [
    ['BTCUSDT', '0.01'],
    ['ETHUSDT', '0.01'],
    ['LTCUSDT', '0.01'],
  ],
  kraken: [
    ['XXBTZUSD', '0.1'],
    ['XETHZUSD', '0.01'],
    ['XLTCZUSD', '0.01'],
  ],
  coinbase: [
    ['BTC-USD', '0.01'],
    ['ETH-USD', '0.01'],
    ['LTC-USD', '0.01'],
  ],
  bybit: [
    ['BTCUSDT', '0.1'],
    ['ETHUSDT', '0.01'],
    ['LTCUSDT', '0.01'],
  ],
  okx: [
    ['BTC-USDT', '0.1'],
    ['ETH-USDT', '0.01'],
    ['LTC-USDT', '0.01'],
  ],
  alpaca: [
    ['BTC/USD', '1'],
    ['ETH/USD', '0.1'],
    ['LTC/USD', '0.005'],
  ],
};

/** Books so deep that no order of the load is too large for them, and that stand still. */
export const setDeepBooks = async (venues: ReadonlyMap<VenueName, string>): Promise<void> => {
  for (const [venue, url] of venues)
    for (const [i, [symbol, tick]] of (MARKETS[venue] ?? []).entries()) {
      const places = tick.split('.')[1]?.length ?? 0;
      const level = (side: 1 | -1, depth: number): readonly [string, string] => [
        ((MIDS[i] ?? 0) + side * Number(tick) * (depth + 1)).toFixed(places),
        '1000000',
      ];
      await post(`${url}/_book`, {
        symbol,
        bids: Array.from({ length: 20 }, (_, depth) => level(-1, depth)),
        asks: Array.from({ length: 20 }, (_, depth) => level(1, depth)),
      });
    }
};
