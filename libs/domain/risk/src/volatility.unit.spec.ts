import { describe, expect, it } from '@jest/globals';
import type { Limits, Pair } from '@switchyard/model';
import { decide } from './decide.js';
import { DEFAULT_SETTINGS } from './settings.js';
import { aTrader } from './testing/scenario.js';
import { VolatilityBoard, type Volatility } from './volatility.js';

const MINUTE = 60_000;
/** A price that goes up and down by as much each minute: its volatility is known. */
const swinging = (board: VolatilityBoard, pair: Pair, by: number, minutes: number, sign = 1): void => {
  for (let minute = 0; minute < minutes; minute += 1)
    board.put(pair, 100 * Math.exp((minute % 2) * by * sign), minute * MINUTE + 1);
};

describe('the volatility of a pair', () => {
  it('is that of its one-minute returns, scaled to a year', () => {
    const board = new VolatilityBoard();
    swinging(board, 'BTC-USD', 0.001, 100);
    expect(Math.sqrt(board.covariance('BTC-USD', 'BTC-USD') ?? 0)).toBeCloseTo(0.001 * Math.sqrt(525_600), 9);
  });

  it('is unknown before enough was seen', () => {
    const board = new VolatilityBoard({ minSamples: 30 });
    swinging(board, 'BTC-USD', 0.001, 31);
    expect(board.covariance('BTC-USD', 'BTC-USD')).toBeUndefined();
    board.put('BTC-USD', 100, 31 * MINUTE);
    expect(board.covariance('BTC-USD', 'BTC-USD')).toBeDefined();
    expect(board.covariance('BTC-USD', 'ETH-USD')).toBeUndefined();
  });

  it('forgets by its half-life', () => {
    const board = new VolatilityBoard({ halfLifeMinutes: 10 });
    for (let minute = 0; minute < 400; minute += 1)
      board.put('BTC-USD', 100 * Math.exp((minute % 2) * (minute < 200 ? 0.01 : 0.001)), minute * MINUTE);
    expect(Math.sqrt((board.covariance('BTC-USD', 'BTC-USD') ?? 0) / 525_600)).toBeCloseTo(0.001, 4);
  });

  it('tells what moves together from what moves against each other', () => {
    const board = new VolatilityBoard();
    for (let minute = 0; minute < 100; minute += 1) {
      const up = Math.exp((minute % 2) * 0.001);
      for (const [pair, price] of [
        ['BTC-USD', up],
        ['ETH-USD', up ** 2],
        ['XRP-USD', 1 / up],
      ] as const)
        board.put(pair, price, minute * MINUTE + 1_000);
    }
    const of = (one: Pair, other: Pair): number => board.covariance(one, other) ?? Number.NaN;
    const correlation = (one: Pair, other: Pair): number => of(one, other) / Math.sqrt(of(one, one) * of(other, other));
    expect(correlation('BTC-USD', 'ETH-USD')).toBeCloseTo(1, 9);
    expect(correlation('XRP-USD', 'BTC-USD')).toBeCloseTo(-1, 9);
    expect(of('BTC-USD', 'ETH-USD')).toBe(of('ETH-USD', 'BTC-USD'));
  });

  it('takes a gap in the prices for the time that it was, old prices for nothing, and follows so many pairs only', () => {
    const board = new VolatilityBoard({ minSamples: 1, maxPairs: 1 });
    board.put('BTC-USD', 100, 0);
    board.put('BTC-USD', 100 * Math.exp(0.02), 4 * MINUTE);
    board.put('BTC-USD', 5, 2 * MINUTE);
    board.put('BTC-USD', 0, 5 * MINUTE);
    board.put('ETH-USD', 100, 5 * MINUTE);
    board.put('BTC-USD', 100, 5 * MINUTE);
    expect((board.covariance('BTC-USD', 'BTC-USD') ?? 0) / 525_600).toBeCloseTo(0.02 ** 2 / 4, 12);
    expect(board.wants('ETH-USD', 6 * MINUTE)).toBe(false);
  });
});

describe('an order that names no size', () => {
  const known: Readonly<Record<string, number>> = {
    'BTC-USD|BTC-USD': 0.25,
    'ETH-USD|ETH-USD': 1,
    'BTC-USD|ETH-USD': 0.4,
    'ETH-USD|BTC-USD': 0.4,
  };
  const volatility: Volatility = { covariance: (one, other) => known[`${one}|${other}`] };
  const sized = (limits: Partial<Limits>, held = '0', pair: Pair = 'BTC-USD', by: Volatility = volatility) => {
    const wide = { tradesPerSecond: 1_000, burst: 1_000, maxSectorPercent: 1_000, maxBalancePercent: 100 };
    const story = aTrader({ limits: { ...wide, ...limits } });
    if (held !== '0') {
      story.signal('held', { size: { base: held }, pair: 'ETH-USD' });
      story.fill('held', { pair: 'ETH-USD', quantity: held, price: '2000' });
      story.complete('held', held);
    }
    const { outcomes } = decide(
      story.state,
      {
        type: 'signalValidated',
        parentOrderId: 'p',
        signal: { signalId: 's', pair, side: 'buy', signalType: 'entry', generatedAt: '2026-11-21T10:00:00.000Z' },
      },
      { now: new Date(story.nowMs), market: story.market, settings: DEFAULT_SETTINGS, volatility: by },
    );
    const [outcome] = outcomes;
    return outcome?.type === 'approved' ? { quantity: outcome.approval.quantity, ...outcome.approval.sizing } : outcome;
  };

  it('is sized so that every position moves the balance alike', () => {
    expect(sized({ targetVolatilityPercent: 1 })).toMatchObject({
      quantity: '0.04',
      percent: 2,
      volatilityPercent: 50,
    });
    expect(sized({ targetVolatilityPercent: 1 }, '0', 'ETH-USD')).toMatchObject({ quantity: '0.5', percent: 1 });
  });

  it('is sized by the user’s percentage where the volatility is not known', () => {
    const unknown = { covariance: () => undefined };
    expect(sized({ targetVolatilityPercent: 1, defaultBalancePercent: 3 }, '0', 'BTC-USD', unknown)).toMatchObject({
      quantity: '0.06',
      volatility: 'unknown',
    });
  });

  it('is cut so that all positions together move no more than allowed, correlations counted', () => {
    const limits = { maxPortfolioVolatilityPercent: 10, defaultBalancePercent: 50 };
    expect(sized(limits)).toMatchObject({ quantity: '0.4', cappedBy: 'maxPortfolioVolatilityPercent' });
    // 5 % in ETH: 0.25 w^2 + 2 w 0.05 * 0.4 + 0.05^2 = 0.1^2 is solved by w = 0.1108.
    const { percent, quantity } = sized(limits, '2.5') as { percent: number; quantity: string };
    const weight = (Number(quantity) * 50_000) / 100_000;
    expect(0.25 * weight ** 2 + 2 * weight * 0.05 * 0.4 + 0.05 ** 2).toBeCloseTo(0.01, 5);
    expect(percent).toBeLessThan(50);
  });

  it('is none where what is held moves more than that already', () => {
    expect(sized({ maxPortfolioVolatilityPercent: 4 }, '2.5')).toMatchObject({
      type: 'rejected',
      failed: [{ code: 'BELOW_MINIMUM', facts: { sizing: { cappedBy: 'maxPortfolioVolatilityPercent' } } }],
    });
  });
});
