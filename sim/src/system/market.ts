import type { MarketSnapshot } from '@switchyard/contracts';
import type { MemoryStage } from '@switchyard/log';
import type { Pair } from '@switchyard/model';
import { decimal, plain, roundTo } from '@switchyard/money';
import type { Random } from '../kernel/random.js';
import type { World } from '../kernel/world.js';
import type { Market } from '../venue/sim-venue.js';

const EVERY_MS = 3_000;
const TICK = '0.01';

export const newMarkets = (): ReadonlyMap<string, Market> => {
  const market = (base: string, price: string): Market => ({
    pair: `${base}-USDT`,
    venueSymbol: `${base}USDT`,
    base,
    quote: 'USDT',
    lot: '0.0001',
    price: decimal(price),
  });
  return new Map([market('BTC', '50000'), market('ETH', '2500')].map((one) => [one.pair, one]));
};

/** Prices that move a little, and their books, told every few seconds. */
export const runMarket = (
  world: World,
  random: Random,
  markets: ReadonlyMap<string, Market>,
  log: MemoryStage,
): void => {
  let version = 0;
  const tell = (): void => {
    version += 1;
    for (const market of markets.values()) {
      const factor = decimal((1 + random.between(-0.0004, 0.0004)).toFixed(6));
      market.price = roundTo(market.price.times(factor), decimal(TICK));
    }
    void log.put(
      [...markets.values()].map((market) => ({
        topic: 'MarketSnapshot',
        key: `binance/${market.pair}`,
        version,
        payload: snapshotOf(market, version),
      })),
    );
    world.scheduler.inWorld(EVERY_MS, tell);
  };
  tell();
};

const snapshotOf = ({ pair, venueSymbol, base, quote, lot, price }: Market, version: number): MarketSnapshot => {
  const beside = (factor: string): string => plain(roundTo(price.times(decimal(factor)), decimal(TICK)));
  return {
    venue: 'binance',
    pair: pair as Pair,
    instrument: { venueSymbol, base, quote, tickSize: TICK, lotSize: lot, minQuantity: lot, minNotional: '5' },
    fees: { maker: '0.001', taker: '0.001' },
    bids: [
      [beside('0.9999'), '500'],
      [beside('0.9998'), '500'],
    ],
    asks: [
      [beside('1.0001'), '500'],
      [beside('1.0002'), '500'],
    ],
    bookHash: `book-${pair}-${version}`,
    version,
    receivedAt: new Date().toISOString(),
  };
};
