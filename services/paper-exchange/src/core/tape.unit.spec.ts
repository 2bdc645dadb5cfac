import { describe, expect, it } from '@jest/globals';
import { instrumentsOf } from './instrument.js';
import { loadMarketShape } from './market-shape.js';
import { Market } from './market.js';
import { loadReferencePath, TICK_MS } from './reference-path.js';
import { tradesOf } from './tape.js';

const paths = { BTC: loadReferencePath('BTC'), ETH: loadReferencePath('ETH'), LTC: loadReferencePath('LTC') };
const market = new Market({ venue: 'binance', seed: '1', shape: loadMarketShape('binance'), paths });
/** Forwards and backwards: 2 × 1,440 minutes of four ticks. */
const WHOLE_TURN = 11_520;

describe('what traded at the venue', () => {
  it('shows the last trades at every hour of the recording, the seven silent ones included', () => {
    for (const instrument of instrumentsOf('binance')) {
      for (let tick = 119_700_000; tick < 119_700_000 + WHOLE_TURN; tick += 120) {
        const untilMs = tick * TICK_MS;
        const trades = tradesOf(market, instrument, { untilMs, limit: 5 });
        expect(trades).toHaveLength(5);
        expect(trades.every(({ at, quantity }) => at <= untilMs && quantity.gt('0'))).toBe(true);
        expect(trades.map(({ id }) => id)).toEqual(trades.map(({ id }) => id).toSorted((a, b) => a - b));
      }
    }
  });

  it('shows none older than asked for', () => {
    const [instrument] = instrumentsOf('binance');
    const untilMs = 119_700_000 * TICK_MS;
    const trades = tradesOf(market, instrument!, { sinceMs: untilMs - 10 * TICK_MS, untilMs, limit: 1_000 });
    expect(trades.every(({ at }) => at >= untilMs - 10 * TICK_MS)).toBe(true);
  });
});
