import { describe, expect, it } from '@jest/globals';
import { figuresOf, reasonsOf, type Seen } from './figures.js';
import type { Story, ToldChild } from './story.js';

const child = (venue: string, number: number, routedAt: number, more: Partial<ToldChild> = {}): ToldChild => ({
  ...{ orderId: `${venue}-${number}`, venue, child: number, routedAt, filled: 0, ...more },
});
const story = (...children: readonly ToldChild[]): Story => ({
  ...{ parentOrderId: 'p', approved: 1, children, refusal: undefined },
});
const failed = (at: number, code = 'VENUE_REFUSED') => ({ failure: { at, code, retriable: true } });
const filled = (placedAt: number) => ({ placedAt, filled: 1 });

const TAKEN_OVER = story(child('okx', 0, 1_000, failed(1_100)), child('kraken', 1, 1_120, filled(1_400)));
const PROVEN = story(child('okx', 0, 2_000, failed(9_000, 'NEVER_ARRIVED')), child('bybit', 1, 9_010, filled(9_200)));
const PAST = story(child('bybit', 0, 1_500, filled(1_600)));

const seen = (more: Partial<Seen> = {}): Seen => ({
  victim: 'okx',
  spells: [{ trouble: 'refuse', from: 900, to: 2_500, healedAt: 2_900 }],
  stories: [TAKEN_OVER, PROVEN, PAST],
  filledAtVenues: 3,
  ...more,
});

describe('the figures of failover', () => {
  it('run from the failure, and from the decision that chose the venue in trouble', () => {
    expect(figuresOf(seen()).figures).toMatchObject({
      failovers: 1,
      failoverP99Ms: 300,
      detourP99Ms: 400,
      'refuse.signals': 3,
      'refuse.filledElsewhere': 3,
      'refuse.longestUntilUsedAgainMs': 400,
    });
  });

  it('keep apart who was taken over only when it was proven that it never arrived', () => {
    expect(figuresOf(seen()).figures).toMatchObject({ failoversAfterProof: 1, afterProofP99Ms: 200 });
  });

  it('tell an order that two venues filled, and a venue that was not used again', () => {
    const spells = [{ trouble: 'down', from: 900, to: 2_500, healedAt: undefined }] as const;
    const { figures, goals } = figuresOf(seen({ filledAtVenues: 4, spells }));
    expect(figures['doubled']).toBe(1);
    expect(goals.filter(({ met }) => !met).map(({ name }) => name)).toEqual([
      'doubled',
      'spells after which the venue was not used again',
    ]);
  });

  it('tell a signal of which more was traded than approved; parts of a split are none', () => {
    const [okx, kraken] = [child('okx', 0, 1_000, filled(1_050)), child('kraken', 1, 1_000, filled(1_060))];
    const twice = story(okx, kraken);
    expect(figuresOf(seen({ stories: [twice], filledAtVenues: 2 })).figures['doubled']).toBe(1);
    const split = { ...twice, approved: 2 };
    expect(figuresOf(seen({ stories: [split], filledAtVenues: 2 })).figures).toMatchObject({ doubled: 0, split: 1 });
  });

  it('take for the successor who was routed after the failure, not a sibling of the split', () => {
    const parts = [child('okx', 0, 1_000, failed(1_100)), child('kraken', 1, 1_000, filled(1_050))];
    const { figures } = figuresOf(seen({ stories: [story(...parts, child('bybit', 2, 1_110, filled(1_250)))] }));
    expect(figures).toMatchObject({ failovers: 1, failoverMaxMs: 150 });
  });

  it('are no good ones where nothing was measured', () => {
    const { goals } = figuresOf(seen({ stories: [PAST], filledAtVenues: 1 }));
    expect(goals.filter(({ unit }) => unit === 'ms').map(({ met }) => met)).toEqual([false, false]);
  });

  it('name why signals were not filled', () => {
    const [first] = TAKEN_OVER.children;
    const none = story(...(first === undefined ? [] : [first]));
    expect(reasonsOf([none, { ...none, refusal: 'NO_SUITABLE_VENUE' }, PAST])).toEqual({
      ...{ VENUE_REFUSED: 1, NO_SUITABLE_VENUE: 1 },
    });
  });
});
