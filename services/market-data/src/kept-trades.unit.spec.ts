import { describe, expect, it } from '@jest/globals';
import type { PublicTrade } from '@switchyard/exchanges';
import { flowOf } from '@switchyard/model';
import fc from 'fast-check';
import { KeptTrades } from './kept-trades.js';
import { MidHistory } from './mid-history.js';

const NOW = 1_795_000_000_000;

const trade = (number: number, more: Partial<PublicTrade> = {}): PublicTrade => ({
  tradeId: String(number),
  price: '100',
  quantity: '1',
  takerSide: 'buy',
  tradedAtMs: NOW - 60_000 + number,
  ...more,
});
const range = (from: number, to: number): readonly PublicTrade[] =>
  Array.from({ length: to - from + 1 }, (_, n) => trade(from + n));
const kept = (numbered: boolean): KeptTrades => new KeptTrades(numbered, new MidHistory(), NOW - 3_600_000);
const counted = ({ state }: KeptTrades): number | undefined => flowOf(state.flow, NOW).windows.at(-1)?.trades;

describe('a public trade', () => {
  it('counts once, whichever way and however often it came', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(60), fc.nat(15), fc.boolean()), { maxLength: 30 }),
        fc.boolean(),
        (told, numbered) => {
          const trades = kept(numbered);
          const all = new Set<string>();
          for (const [from, more, byStream] of told) {
            const some = range(from, from + more);
            const fresh = new Set(some.map(({ tradeId }) => tradeId).filter((id) => !all.has(id))).size;
            const added = byStream ? trades.streamed(some, NOW) : trades.answered(some, 100, NOW);
            expect(added.fresh).toBe(fresh);
            for (const { tradeId } of some) all.add(tradeId);
          }
          expect(counted(trades)).toBe(all.size);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('that is missing by its number is asked for, and counts when it comes', () => {
    const trades = kept(true);
    trades.answered(range(1, 5), 100, NOW);
    expect(trades.streamed(range(8, 9), NOW)).toEqual({ fresh: 2, pending: true, lost: false });
    expect(trades.answered(range(1, 9), 100, NOW)).toEqual({ fresh: 2, pending: false, lost: false });
    expect([counted(trades), trades.state.gaps, trades.state.missed]).toEqual([9, 0, 0]);
  });

  it('that no request brings is lost, and told by number', () => {
    const trades = kept(true);
    trades.answered(range(1, 5), 100, NOW);
    trades.streamed(range(50, 50), NOW);
    expect(trades.answered(range(40, 60), 21, NOW)).toEqual({ fresh: 20, pending: false, lost: true });
    expect([counted(trades), trades.state.gaps, trades.state.missed]).toEqual([26, 1, 34]);
  });

  it('that a late answer could not know of is waited for', () => {
    const trades = kept(true);
    trades.answered(range(1, 5), 100, NOW);
    trades.streamed(range(8, 8), NOW);
    expect(trades.answered(range(1, 6), 100, NOW)).toMatchObject({ pending: true, lost: false });
    expect(trades.answered(range(1, 8), 100, NOW)).toMatchObject({ pending: false, lost: false });
  });

  it('without numbers is lost where an answer is full of others', () => {
    const trades = kept(false);
    expect(trades.answered(range(1, 5), 5, NOW)).toMatchObject({ lost: false });
    expect(trades.answered(range(5, 9), 5, NOW)).toMatchObject({ lost: false });
    expect(trades.answered(range(20, 22), 5, NOW)).toMatchObject({ lost: false });
    expect(trades.answered(range(30, 34), 5, NOW)).toEqual({ fresh: 5, pending: false, lost: true });
    expect([trades.state.gaps, trades.state.missed]).toEqual([1, 0]);
  });

  it('older than all that are remembered is left out', () => {
    const trades = kept(true);
    for (let from = 1; from < 3_000; from += 100) trades.streamed(range(from, from + 99), NOW);
    expect(trades.streamed([trade(7)], NOW).fresh).toBe(0);
    expect(trades.streamed([trade(2_999)], NOW).fresh).toBe(0);
    expect(trades.streamed([trade(3_001)], NOW).fresh).toBe(1);
  });

  it('has happened by now, whatever the venue’s clock says', () => {
    const trades = kept(true);
    trades.streamed([trade(1, { tradedAtMs: NOW + 5_000 })], NOW);
    expect(flowOf(trades.state.flow, NOW).lastTrade?.atMs).toBe(NOW);
  });

  it('is measured by the mid that stood before it, and by none where nobody had looked', () => {
    const mids = new MidHistory();
    mids.note('99', '101', NOW - 3_000);
    mids.note('99', '101', NOW - 2_500);
    mids.note('109', '111', NOW - 2_000);
    expect(mids.before(NOW - 3_001)).toBeNull();
    expect(mids.before(NOW - 2_001)?.toFixed()).toBe('100');
    expect(mids.before(NOW - 2_000)?.toFixed()).toBe('110');
    expect(mids.before(NOW + 3_000)?.toFixed()).toBe('110');
    expect(mids.before(NOW + 3_001)).toBeNull();
    const trades = new KeptTrades(true, mids, NOW - 60_000);
    trades.streamed([trade(1, { price: '101', tradedAtMs: NOW - 2_400 })], NOW);
    expect(flowOf(trades.state.flow, NOW).lookBacks[0]?.effectiveSpreadBps).toBe(200);
  });

  it('of a flood takes no more memory than of a trickle', () => {
    const trades = kept(true);
    for (let n = 0; n < 20; n += 1)
      trades.streamed(
        Array.from({ length: 1_000 }, (_, at) => trade(n * 1_000 + at, { tradedAtMs: NOW - 60_000 + n })),
        NOW,
      );
    const { flow } = trades.state;
    expect([flow.recent.length, counted(trades)]).toEqual([50, 20_000]);
    expect(flow.bars.length).toBeLessThanOrEqual(60);
  });
});
