import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { TradingStateBoard, tradingHalted, type ToldState } from './trading-states.js';
import { TRADING_STATES } from './vocabulary.js';

const told = (scope: string, state: ToldState['state'], version: number): ToldState => ({
  ...{ scope, state, version, reason: 'because' },
  changedAt: '2026-11-22T03:00:00.000Z',
});

describe('the trading states that are known', () => {
  it('keep a user from opening by the global state and by the user’s own, and nobody else', () => {
    const board = new TradingStateBoard();
    board.put(told('user:ann', 'halted', 1));
    expect([board.ofUser('ann')?.scope, board.ofUser('bob')]).toEqual(['user:ann', undefined]);
    board.put(told('global', 'reducing', 1));
    expect([board.ofUser('ann')?.scope, board.ofUser('bob')?.scope]).toEqual(['global', 'global']);
    board.put(told('global', 'active', 2));
    expect([board.ofUser('ann')?.state, board.ofUser('bob')]).toEqual(['halted', undefined]);
  });

  it('keep everybody from opening at a venue, and nowhere else', () => {
    const board = new TradingStateBoard();
    board.put(told('venue:kraken', 'reducing', 3));
    expect([board.atVenue('kraken')?.state, board.atVenue('binance'), board.ofUser('kraken')]).toEqual([
      'reducing',
      undefined,
      undefined,
    ]);
  });

  it('are those of the highest version, in whatever order and however often they come', () => {
    const versions = fc.uniqueArray(fc.tuple(fc.integer({ min: 1, max: 30 }), fc.constantFrom(...TRADING_STATES)), {
      selector: ([version]) => version,
      minLength: 1,
    });
    fc.assert(
      fc.property(versions, fc.array(fc.nat()), (all, again) => {
        const board = new TradingStateBoard();
        const some = again.map((index) => all[index % all.length]!);
        for (const [version, state] of [...all, ...some]) board.put(told('global', state, version));
        const [, newest] = all.reduce((one, other) => (other[0] > one[0] ? other : one));
        expect(board.ofUser('anyone')?.state ?? 'active').toBe(newest);
      }),
    );
  });

  it('say in a refusal which scope, which state, why and since when', () => {
    const board = new TradingStateBoard();
    board.put(told('global', 'halted', 7));
    expect(tradingHalted(board.ofUser('ann')!)).toMatchObject({
      code: 'TRADING_HALTED',
      facts: { scope: 'global', state: 'halted', reason: 'because', since: '2026-11-22T03:00:00.000Z' },
    });
  });
});
