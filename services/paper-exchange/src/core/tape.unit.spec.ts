import { describe, expect, it } from '@jest/globals';
import { decimal } from '@switchyard/money';
import fc from 'fast-check';
import { instrumentsOf, type Instrument } from './instrument.js';
import { loadMarketShape } from './market-shape.js';
import { Market } from './market.js';
import { printsIn } from './prints.js';
import { PublicMatches } from './public-matches.js';
import { loadReferencePath, TICK_MS, TICKS_A_TURN } from './reference-path.js';
import { tradesOf, type TapeTrade } from './tape.js';

const paths = { BTC: loadReferencePath('BTC'), ETH: loadReferencePath('ETH'), LTC: loadReferencePath('LTC') };
const market = new Market({ venue: 'binance', seed: '1', shape: loadMarketShape('binance'), paths });
const [BTC] = instrumentsOf('binance') as readonly [Instrument];
const NOBODY = new PublicMatches();
/** In a busy hour of the recording. */
const START = 119_703_000;

const match = (at: number) => ({ price: decimal('5'), quantity: decimal('1'), at, sellerTook: false });
const told = (trades: readonly TapeTrade[]) => trades.map(({ id, at, price }) => [id, at, price.toFixed()]);
const numberedOneByOne = (trades: readonly TapeTrade[]): void => {
  expect(trades.map(({ id }) => id)).toEqual(trades.map((_, n) => (trades[0]?.id ?? 0) + n));
  expect(trades.map(({ at }) => at)).toEqual(trades.map(({ at }) => at).toSorted((one, other) => one - other));
};

describe('what traded at the venue', () => {
  it('shows the last trades at every hour of the recording, the silent ones included', () => {
    for (const instrument of instrumentsOf('binance')) {
      for (let tick = START; tick < START + TICKS_A_TURN; tick += 240) {
        const untilMs = tick * TICK_MS + TICK_MS / 2;
        const trades = tradesOf(market, NOBODY, instrument, { untilMs, limit: 9 });
        expect(trades).toHaveLength(9);
        expect(trades.every(({ at, quantity }) => at <= untilMs && quantity.gt('0'))).toBe(true);
        numberedOneByOne(trades);
      }
    }
  });

  it('shows none older than asked for', () => {
    const untilMs = START * TICK_MS;
    const trades = tradesOf(market, NOBODY, BTC, { sinceMs: untilMs - 10 * TICK_MS, untilMs, limit: 1_000 });
    expect(trades.length).toBeGreaterThan(10);
    expect(trades.every(({ at }) => at >= untilMs - 10 * TICK_MS)).toBe(true);
  });

  it('adds up to the recorded volume, at the best prices of the book on the side that was taken', () => {
    for (let tick = START; tick < START + 100; tick++) {
      const prints = printsIn(market, BTC, tick);
      const lots = Math.floor(paths.BTC.volumeAt(tick) / Number(BTC.lot.toFixed()));
      const sum = prints.reduce((total, { quantity }) => total.plus(quantity), decimal('0'));
      expect(sum.div(BTC.lot).toFixed()).toBe(String(lots));
      const { bids, asks } = market.derived(BTC, tick);
      for (const { price, sellerTook, at } of prints) {
        expect(price.toFixed()).toBe((sellerTook ? bids : asks)[0]?.price.toFixed());
        expect(Math.floor(at / TICK_MS)).toBe(tick);
      }
    }
  });

  it('has the fills of customers among them, numbered one by one, and the same however it is asked', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 20 * TICK_MS }), { maxLength: 12 }),
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 0, max: 20 * TICK_MS }),
        (offsets, limit, since) => {
          const from = START * TICK_MS;
          const untilMs = from + 20 * TICK_MS;
          const matches = new PublicMatches();
          for (const offset of offsets.toSorted((one, other) => one - other))
            matches.add(BTC.symbol, match(from + offset));
          const all = tradesOf(market, matches, BTC, { sinceMs: from, untilMs, limit: 1_000 });
          numberedOneByOne(all);
          expect(all.filter(({ price }) => price.eq('5'))).toHaveLength(offsets.length);
          expect(told(tradesOf(market, matches, BTC, { untilMs, limit }))).toEqual(told(all).slice(-limit));
          const later = { sinceMs: from + since, untilMs, limit: 1_000 };
          expect(told(tradesOf(market, matches, BTC, later))).toEqual(told(all.filter(({ at }) => at >= from + since)));
          const restored = new PublicMatches();
          restored.restore(JSON.parse(JSON.stringify(matches.save())) as ReturnType<PublicMatches['save']>);
          expect(told(tradesOf(market, restored, BTC, { untilMs, limit }))).toEqual(told(all).slice(-limit));
          // Whoever asked earlier was told the same, and none of what came later.
          const earlier = new PublicMatches();
          for (const offset of offsets.toSorted((one, other) => one - other))
            if (offset <= since) earlier.add(BTC.symbol, match(from + offset));
          expect(told(tradesOf(market, earlier, BTC, { sinceMs: from, untilMs: from + since, limit: 1_000 }))).toEqual(
            told(all.filter(({ at }) => at <= from + since)),
          );
        },
      ),
      { numRuns: 40 },
    );
  });

  it('keeps of customers’ fills the latest alone, and goes no further back than these', () => {
    const matches = new PublicMatches();
    const from = START * TICK_MS;
    for (let n = 0; n < 2_500; n++) matches.add(BTC.symbol, match(from + n));
    const { latest, forgotten } = matches.of(BTC.symbol);
    expect(latest.length + forgotten).toBe(2_500);
    expect(latest.length).toBeLessThan(2_000);
    const trades = tradesOf(market, matches, BTC, { untilMs: from + 3_000, limit: 10_000 });
    numberedOneByOne(trades);
    expect(trades[0]?.at).toBe((latest[0]?.at ?? 0) + 1);
  });
});
