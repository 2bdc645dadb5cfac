import { describe, expect, it } from '@jest/globals';
import { decimal, type Decimal } from '@switchyard/money';
import fc from 'fast-check';
import { bucketVolumeOf, effectiveSpreadOf, flowOf, noFlow, withTrade, type FlowState } from './flow.js';
import { moveAfter, takerOf, type LastMove, type MarketTrade } from './trade-side.js';
import { NO_BUCKETS, poured, vpinOf, type VolumeBuckets } from './volume-buckets.js';
import type { Side } from './vocabulary.js';

const NOW = Date.UTC(2026, 10, 22, 3);

const trade = (
  price: string,
  quantity: string,
  { takerSide = null, mid = null, agoS = 0 }: { takerSide?: Side | null; mid?: string | null; agoS?: number } = {},
): MarketTrade => ({
  price: decimal(price),
  quantity: decimal(quantity),
  takerSide,
  mid: mid === null ? null : decimal(mid),
  atMs: NOW - agoS * 1_000,
});

const after = (trades: readonly MarketTrade[], bucket?: Decimal, from = noFlow(NOW - 3_600_000)): FlowState =>
  trades.reduce((state, one) => withTrade(state, one, bucket), from);

describe('who took', () => {
  it.each<[string, MarketTrade, LastMove, Side | null]>([
    ['is whom the venue names', trade('9', '1', { takerSide: 'buy', mid: '10' }), move('8', 'sell'), 'buy'],
    ['is a buyer above the mid', trade('10.1', '1', { mid: '10' }), move('8', 'sell'), 'buy'],
    ['is a seller below the mid', trade('9.9', '1', { mid: '10' }), move('8', 'buy'), 'sell'],
    ['is told at the mid by the last move', trade('10', '1', { mid: '10' }), move('10', 'sell'), 'sell'],
    ['is told without a mid by the last move', trade('10', '1'), move('10', 'buy'), 'buy'],
    ['is not known before anything moved', trade('10', '1'), move('10', null), null],
  ])('%s', (_, one, moved, expected) => {
    expect(takerOf(one, moved)).toBe(expected);
  });

  it('keeps the last move while prices stand still', () => {
    const moves = ['5', '6', '6', '5', '5'].reduce<LastMove[]>(
      (all, price) => [...all, moveAfter({ price: decimal(price) }, all.at(-1))],
      [],
    );
    expect(moves.map(({ side }) => side)).toEqual([null, 'buy', 'buy', 'sell', 'sell']);
  });
});

describe('the flow of trades', () => {
  it('is, by hand: spread and imbalance weighted with quantities, volume and turnover a minute, impact of the turnover', () => {
    const state = after([
      trade('100', '4', { takerSide: 'sell', mid: '101', agoS: 600 }),
      trade('100.1', '1', { takerSide: 'buy', mid: '100', agoS: 30 }),
      trade('99.8', '3', { takerSide: 'sell', mid: '100', agoS: 20 }),
      trade('100.1', '2', { takerSide: 'buy', agoS: 5 }),
    ]);
    const { lastTrade, lookBacks, windows, toxicity } = flowOf(state, NOW);
    expect(lastTrade).toEqual({ price: '100.1', quantity: '2', takerSide: 'buy', atMs: NOW - 5_000 });
    // 2 x 0.1 / 100 and 2 x 0.2 / 100, one and three parts; the fourth's mid is not known.
    expect(windows[0]).toEqual({
      minutes: 1,
      coveredS: 45,
      trades: 3,
      volumePerMinute: '8',
      turnover: '599.7',
      effectiveSpreadBps: 35,
      imbalance: 0,
      impactBps: 0,
    });
    // From 100 to 100.1: 10 basis points, for 999.7 of 100,000.
    expect(windows[2]).toMatchObject({ minutes: 15, trades: 4, turnover: '999.7', impactBps: 1000.30009 });
    expect(lookBacks[0]).toMatchObject({ trades: 10, counted: 4, imbalance: -0.4 });
    expect(toxicity).toBeNull();
  });

  it('says nothing where nothing traded', () => {
    const { lastTrade, lookBacks, windows } = flowOf(noFlow(NOW - 20_000), NOW);
    expect(lastTrade).toBeNull();
    for (const figures of [...lookBacks, ...windows])
      expect(figures).toMatchObject({ effectiveSpreadBps: null, imbalance: null });
    expect(windows.map(({ coveredS, volumePerMinute }) => [coveredS, volumePerMinute])).toEqual([
      [20, '0'],
      [20, '0'],
      [20, '0'],
    ]);
  });

  it('has no spread to a mid that is not known', () => {
    expect(effectiveSpreadOf({ price: decimal('5'), mid: null })).toBeNull();
    expect(effectiveSpreadOf({ price: decimal('5'), mid: decimal('5') })?.toFixed()).toBe('0');
  });
});

function move(price: string, side: Side | null): LastMove {
  return { price: decimal(price), side };
}

const someTrades = fc.array(
  fc
    .record({
      cents: fc.integer({ min: 9_900, max: 10_100 }),
      lots: fc.integer({ min: 1, max: 9_999 }),
      takerSide: fc.constantFrom<Side | null>('buy', 'sell', null),
      mid: fc.option(fc.integer({ min: 9_950, max: 10_050 }), { nil: null }),
      agoS: fc.integer({ min: 0, max: 1_200 }),
    })
    .map(({ cents, lots, takerSide, mid, agoS }) =>
      trade(`${cents / 100}`, `${lots / 1_000}`, { takerSide, mid: mid === null ? null : `${mid / 100}`, agoS }),
    ),
  { maxLength: 120 },
);

const mirrored = (one: MarketTrade): MarketTrade => ({
  ...one,
  price: decimal('200').minus(one.price),
  mid: one.mid && decimal('200').minus(one.mid),
  takerSide: one.takerSide === null ? null : one.takerSide === 'buy' ? 'sell' : 'buy',
});

const V = decimal('7.5');

describe('whatever traded', () => {
  it('stays within its bounds, and remembers no more than it says', () => {
    fc.assert(
      fc.property(someTrades, (trades) => {
        const state = after(trades, V);
        const { lookBacks, windows, toxicity } = flowOf(state, NOW);
        expect(state.recent.length).toBeLessThanOrEqual(50);
        expect(state.bars.length).toBeLessThanOrEqual(60);
        expect(state.buckets.full.length).toBeLessThanOrEqual(50);
        for (const { imbalance, effectiveSpreadBps } of [...lookBacks, ...windows]) {
          expect(Math.abs(imbalance ?? 0)).toBeLessThanOrEqual(1);
          expect(effectiveSpreadBps ?? 0).toBeGreaterThanOrEqual(0);
        }
        expect(toxicity?.vpin ?? 0).toBeGreaterThanOrEqual(0);
        expect(toxicity?.vpin ?? 0).toBeLessThanOrEqual(1);
        const [one, five, fifteen] = windows.map(({ trades: count }) => count);
        expect(one!).toBeLessThanOrEqual(five!);
        expect(five!).toBeLessThanOrEqual(fifteen!);
      }),
      { numRuns: 60 },
    );
  });

  it('is turned round with its sides: the opposite imbalance, and the same toxicity', () => {
    fc.assert(
      fc.property(someTrades, (trades) => {
        const [straight, round] = [trades, trades.map(mirrored)].map((each) => flowOf(after(each, V), NOW));
        expect(round!.toxicity).toEqual(straight!.toxicity);
        const told = ({ windows, lookBacks }: typeof straight & object) => [...windows, ...lookBacks];
        for (const [n, { imbalance }] of told(round!).entries())
          expect((imbalance ?? 0) + (told(straight!)[n]?.imbalance ?? 0)).toBeCloseTo(0, 5);
      }),
      { numRuns: 60 },
    );
  });

  it('counts in its windows the same in whichever order it was told of', () => {
    fc.assert(
      fc.property(
        someTrades.chain((trades) =>
          // Who took is not inferred here: that goes by the order.
          fc.tuple(fc.constant(trades.filter(({ takerSide }) => takerSide !== null)), fc.infiniteStream(fc.nat())),
        ),
        ([trades, keys]) => {
          const shuffled = trades
            .map((one) => [keys.next().value, one] as const)
            .toSorted(([a], [b]) => (a ?? 0) - (b ?? 0))
            .map(([, one]) => one);
          const counted = (each: readonly MarketTrade[]) =>
            flowOf(after(each), NOW).windows.map((window) => ({ ...window, impactBps: null }));
          expect(counted(shuffled)).toEqual(counted(trades));
        },
      ),
      { numRuns: 60 },
    );
  });

  it('adds up in its windows to the trades that are in them', () => {
    fc.assert(
      fc.property(someTrades, (trades) => {
        const within = trades.filter(({ atMs }) => atMs >= NOW - 14 * 60_000);
        const [, , fifteen] = flowOf(after(within), NOW).windows;
        const turnover = within.reduce((sum, { price, quantity }) => sum.plus(price.times(quantity)), decimal('0'));
        expect(fifteen).toMatchObject({ trades: within.length, turnover: turnover.toFixed() });
      }),
      { numRuns: 60 },
    );
  });
});

const pouring = fc.array(
  fc.tuple(fc.integer({ min: 1, max: 40_000 }), fc.constantFrom<Side | null>('buy', 'sell', null)),
  { maxLength: 80 },
);
const filled = (amounts: readonly (readonly [lots: number, taker: Side | null])[], size = V): VolumeBuckets =>
  amounts.reduce((all, [lots, taker]) => poured(all, decimal(`${lots / 1_000}`), taker, size), NO_BUCKETS);

describe('flow toxicity', () => {
  it('loses no volume: buckets are full to the brim, and the one that is being filled holds the rest', () => {
    fc.assert(
      fc.property(pouring, (amounts) => {
        const { full, filling } = filled(amounts);
        for (const { size, bought, sold } of full) expect(bought.plus(sold).toFixed()).toBe(size.toFixed());
        const sum = amounts.reduce((total, [lots]) => total.plus(`${lots / 1_000}`), decimal('0'));
        const held = filling === undefined ? decimal('0') : filling.bought.plus(filling.sold);
        expect(held.lt(V)).toBe(true);
        const whole = sum.minus(held).div(V);
        expect(whole.round(0, 0).toFixed()).toBe(whole.toFixed());
        expect(full.length).toBe(Math.min(50, Number(whole.toFixed())));
      }),
      { numRuns: 60 },
    );
  });

  it('is 1 where all took one side, and 0 where buyers and sellers take alike in each bucket', () => {
    const one = Array.from({ length: 30 }, (): [number, Side] => [7_500, 'sell']);
    const alike = Array.from({ length: 60 }, (_, n): [number, Side] => [3_750, n % 2 === 0 ? 'buy' : 'sell']);
    expect(vpinOf(filled(one))).toBe(1);
    expect(vpinOf(filled(alike))).toBe(0);
    expect(vpinOf(filled(Array.from({ length: 30 }, () => [7_500, null])))).toBe(0);
  });

  it('says nothing until ten buckets are full', () => {
    const one = (count: number) => Array.from({ length: count }, (): [number, Side] => [7_500, 'buy']);
    expect(vpinOf(filled(one(9)))).toBeNull();
    expect(vpinOf(filled(one(10)))).toBe(1);
  });

  it('does not care how an order was parted in trades', () => {
    fc.assert(
      fc.property(pouring, (amounts) => {
        const parted = amounts.flatMap(([lots, taker]) =>
          lots < 2
            ? [[lots, taker] as const]
            : [[Math.floor(lots / 2), taker] as const, [Math.ceil(lots / 2), taker] as const],
        );
        expect(vpinOf(filled(parted))).toBe(vpinOf(filled(amounts)));
      }),
      { numRuns: 60 },
    );
  });

  it('is measured in thousandths of a day: as the venue tells it, else at the pace of the last minutes', () => {
    const state = after([trade('100', '30', { agoS: 60 }), trade('100', '30', { agoS: 100 })]);
    expect(bucketVolumeOf(state, decimal('5000'), NOW)?.toFixed()).toBe('5');
    // 60 in 885 s: the last 15 minutes but the bar that is left.
    expect(bucketVolumeOf(state, null, NOW)?.toFixed()).toBe('5.85762712');
    const young = after([trade('100', '30', { agoS: 60 })], undefined, noFlow(NOW - 200_000));
    expect(bucketVolumeOf(young, null, NOW)).toBeUndefined();
  });
});
