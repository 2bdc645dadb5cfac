import { describe, expect, it } from '@jest/globals';
import { decimal, isMultipleOf } from '@switchyard/money';
import fc from 'fast-check';
import { instrumentsOf, type Instrument } from './instrument.js';
import { loadMarketShape } from './market-shape.js';
import { Market } from './market.js';
import { planTakes } from './matching.js';
import { loadReferencePath, pingPong, UNITS_PER_QUOTE } from './reference-path.js';

const paths = { BTC: loadReferencePath('BTC'), ETH: loadReferencePath('ETH'), LTC: loadReferencePath('LTC') };
const shape = loadMarketShape('binance');
const marketOf = (seed = '1') => new Market({ venue: 'binance', seed, shape, paths });
const instruments = instrumentsOf('binance');
const anInstrument = fc.constantFrom(...instruments);
const aTick = fc.integer({ min: 100_000_000, max: 130_000_000 });
const texts = (market: Market, instrument: Instrument, tick: number): string =>
  JSON.stringify(market.book(instrument, tick));

describe('the reference path', () => {
  it('jumps nowhere, the turns included, further than the recording itself did', () => {
    const day = 5_760;
    for (const path of Object.values(paths)) {
      const recorded = Math.max(
        ...Array.from({ length: day - 1 }, (_, i) => Math.abs(path.priceAt(i + 1) / path.priceAt(i) - 1)),
      );
      for (const seam of [day - 1, 2 * day - 1, 3 * day - 1, 119_680_000 - (119_680_000 % day) - 1]) {
        const jump = Math.abs(path.priceAt(seam + 1) / path.priceAt(seam) - 1);
        expect(jump).toBeLessThanOrEqual(recorded);
      }
      expect(recorded).toBeLessThan(0.03);
    }
  });

  it('runs forwards, then backwards, then forwards again', () => {
    expect(Array.from({ length: 9 }, (_, i) => pingPong(i, 3))).toEqual([0, 1, 2, 2, 1, 0, 0, 1, 2]);
    expect(pingPong(-1, 3)).toBe(0);
  });

  it('has recorded prices only: BTC’s lowest is the middle of a quote, its highest a trade', () => {
    const prices = Array.from({ length: 11_520 }, (_, tick) => paths.BTC.priceAt(tick) / UNITS_PER_QUOTE);
    expect(Math.min(...prices)).toBe(6713.895);
    expect(Math.max(...prices)).toBe(7424.91);
  });
});

describe('a book', () => {
  it('lists BTC, ETH and LTC against USDT on Binance’s grid', () => {
    expect(instruments.map(({ symbol, tick, lot }) => `${symbol} ${tick.toFixed()} ${lot.toFixed()}`)).toEqual([
      'BTCUSDT 0.01 0.00001',
      'ETHUSDT 0.01 0.0001',
      'LTCUSDT 0.01 0.001',
    ]);
  });

  it('is the same for the same seed, venue, pair and tick, and another for another seed', () => {
    fc.assert(
      fc.property(anInstrument, aTick, (instrument, tick) => {
        expect(texts(marketOf(), instrument, tick)).toBe(texts(marketOf(), instrument, tick));
        expect(texts(marketOf('2'), instrument, tick)).not.toBe(texts(marketOf(), instrument, tick));
      }),
      { numRuns: 10 },
    );
  });

  it('is sorted, on the grid, never crossed and never empty', () => {
    const market = marketOf();
    fc.assert(
      fc.property(anInstrument, aTick, (instrument, tick) => {
        const { bids, asks } = market.book(instrument, tick);
        expect(bids.length > 20 && asks.length > 20).toBe(true);
        expect(bids[0]!.price.lt(asks[0]!.price)).toBe(true);
        for (const [levels, outward] of [
          [bids, -1],
          [asks, 1],
        ] as const) {
          const sound = levels.every(
            ({ price, quantity }, i) =>
              isMultipleOf(price, instrument.tick) &&
              isMultipleOf(quantity, instrument.lot) &&
              quantity.gt(decimal('0')) &&
              (i === 0 || price.cmp(levels[i - 1]!.price) === outward),
          );
          expect(sound).toBe(true);
        }
      }),
      { numRuns: 30 },
    );
  });

  it('stands around the reference price: within 0.2 % of it', () => {
    const market = marketOf();
    fc.assert(
      fc.property(anInstrument, aTick, (instrument, tick) => {
        const reference = paths[instrument.base].priceAt(tick) / UNITS_PER_QUOTE;
        const { bids, asks } = market.book(instrument, tick);
        for (const price of [bids[0]!.price, asks[0]!.price]) {
          expect(Math.abs(Number(price.toFixed()) / reference - 1)).toBeLessThan(0.002);
        }
      }),
      { numRuns: 30 },
    );
  });

  it('is as deep as the recorded ones: a median of millions of dollars for BTC, less for LTC', () => {
    const market = marketOf();
    const depth = (instrument: Instrument): number => {
      const sides = Array.from({ length: 50 }, (_, i) => market.book(instrument, 119_000_000 + 97 * i).asks);
      const worth = sides.map((asks) =>
        asks.reduce((all, { price, quantity }) => all + Number(price.times(quantity).toFixed()), 0),
      );
      return worth.sort((a, b) => a - b)[25]!;
    };
    const [btc, , ltc] = instruments.map(depth);
    expect(btc).toBeGreaterThan(3_000_000);
    expect(btc).toBeLessThan(20_000_000);
    expect(ltc).toBeLessThan(btc!);
  });

  it('lacks what fills took until the next tick, and has it again then', () => {
    const [btc] = instruments;
    fc.assert(
      fc.property(
        aTick,
        fc.array(fc.integer({ min: 1, max: 400_000 }), { minLength: 1, maxLength: 6 }),
        (tick, sizes) => {
          // A market of its own for each run: two runs may draw the same tick, and takes of a tick add up.
          const market = marketOf();
          const whole = market.derived(btc!, tick);
          let taken = decimal('0');
          for (const lots of sizes) {
            const levels = market.book(btc!, tick).asks;
            const quantity = btc!.lot.times(decimal(String(lots)));
            const plan = planTakes(levels, { side: 'buy', quantity, lot: btc!.lot });
            market.take('BTCUSDT', market.generation('BTCUSDT', tick), 'buy', plan.takes);
            taken = taken.plus(plan.quantity);
          }
          const total = (levels: typeof whole.asks) =>
            levels.reduce((all, each) => all.plus(each.quantity), decimal('0'));
          const left = market.book(btc!, tick).asks;
          expect(total(whole.asks).minus(total(left)).eq(taken)).toBe(true);
          // What is read back from disk is the same book as the one that was traded on.
          const restored = marketOf();
          restored.restore(JSON.parse(JSON.stringify(market.save())) as ReturnType<Market['save']>);
          expect(JSON.stringify(restored.book(btc!, tick))).toBe(JSON.stringify(market.book(btc!, tick)));
          expect(total(market.book(btc!, tick + 1).asks).eq(total(market.derived(btc!, tick + 1).asks))).toBe(true);
        },
      ),
      { numRuns: 15 },
    );
  });

  it('set by hand stands still until it is cleared', () => {
    const [btc] = instruments;
    const market = marketOf();
    const book = {
      bids: [{ price: decimal('99'), quantity: decimal('1') }],
      asks: [{ price: decimal('100'), quantity: decimal('2') }],
    };
    market.setByHand('BTCUSDT', book);
    expect(market.book(btc!, 1)).toEqual(book);
    expect(market.book(btc!, 2_000)).toEqual(book);
    market.clearByHand('BTCUSDT');
    expect(market.book(btc!, 2_000)).toEqual(market.derived(btc!, 2_000));
  });
});
