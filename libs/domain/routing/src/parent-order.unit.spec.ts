import { describe, expect, it } from '@jest/globals';
import { decimal, plain } from '@switchyard/money';
import fc from 'fast-check';
import {
  completionOf,
  evolveParent,
  NO_CHILDREN,
  replaceableChild,
  withCancelAsked,
  withChildren,
  withGivenUp,
  heldCaps,
  triedAccounts,
  type ChildFact,
  type ParentOrder,
} from './index.js';

const child = (orderId = 'c0', quantity = '1') => ({ orderId, accountId: 'acc-1', venue: 'binance', quantity });
const parent = withChildren(NO_CHILDREN, [child()]);
const run = (facts: readonly ChildFact[], from: ParentOrder = parent) => facts.reduce(evolveParent, from);

const placed = (version = 1): ChildFact => ({ kind: 'placed', orderId: 'c0', version });
const fill = (
  version: number,
  quantity: string,
  cumulativeQuantity: string,
  price = '100',
  complete = false,
): ChildFact => ({
  kind: 'filled',
  orderId: 'c0',
  version,
  tradeId: `t${version}`,
  quantity,
  price,
  cumulativeQuantity,
  complete,
});
const end = (
  version: number,
  how: 'cancelled' | 'expired' | 'rejected' | 'failed',
  cumulativeQuantity = '0',
  retriable = false,
): ChildFact => ({ kind: 'ended', orderId: 'c0', version, end: how, cumulativeQuantity, retriable });

describe('a parent order', () => {
  it('is filled when its child is, at the average price of the fills', () => {
    const done = run([placed(), fill(2, '0.4', '0.4', '100'), fill(3, '0.6', '1', '200', true)]);
    expect(completionOf(done)).toEqual({
      status: 'filled',
      filledQuantity: '1',
      averagePrice: '160',
      overfilled: false,
    });
  });

  it('waits for the fills that a cancellation speaks of', () => {
    const early = run([placed(), end(3, 'cancelled', '0.4')]);
    expect(completionOf(early)).toBeUndefined();
    expect(completionOf(run([fill(2, '0.4', '0.4')], early))).toMatchObject({
      status: 'partially_filled',
      filledQuantity: '0.4',
    });
  });

  it.each(['cancelled', 'expired', 'rejected', 'failed'] as const)(
    'ends %s when its child did and nothing was filled',
    (how) => {
      expect(completionOf(run([end(1, how)]))).toEqual({ status: how, filledQuantity: '0', overfilled: false });
    },
  );

  it('is not completed while its child is live', () => {
    expect(completionOf(run([placed(), fill(2, '0.5', '0.5')]))).toBeUndefined();
    expect(completionOf(NO_CHILDREN)).toBeUndefined();
  });

  it('counts a trade once, even if it comes under two versions', () => {
    const twice = { ...fill(3, '0.4', '0.4'), tradeId: 't2' } as ChildFact;
    expect(run([fill(2, '0.4', '0.4'), twice]).children[0]?.filled).toBe('0.4');
  });

  it('knows an event again by its version, even when it has forgotten the trade', () => {
    const fills = Array.from({ length: 300 }, (_, index) => fill(index + 1, '0.001', '0.3'));
    const state = run(fills);
    expect(state.children[0]).toMatchObject({ filled: '0.3', versions: [[1, 300]] });
    expect(run(fills, state)).toBe(state);
  });

  it('keeps a fill larger than what was ordered, and says so', () => {
    expect(completionOf(run([fill(1, '1.5', '1.5', '100', true)]))).toMatchObject({
      filledQuantity: '1.5',
      overfilled: true,
    });
  });

  it('ignores a child that is not its own', () => {
    expect(run([{ ...placed(), orderId: 'stranger' }])).toBe(parent);
  });
});

describe('failing over', () => {
  it('is possible after a failure that left nothing at the venue, and only then', () => {
    expect(replaceableChild(run([end(1, 'failed', '0', true)]))?.orderId).toBe('c0');
    expect(replaceableChild(run([end(1, 'failed', '0', false)]))).toBeUndefined();
    expect(replaceableChild(run([fill(1, '0.1', '0.1'), end(2, 'failed', '0', true)]))).toBeUndefined();
    expect(replaceableChild(run([end(2, 'failed', '0.1', true)]))).toBeUndefined();
    expect(replaceableChild(parent)).toBeUndefined();
  });

  it('is over once anything was filled by any child: one that was said to have failed may turn up after all', () => {
    const next = withChildren(run([end(1, 'failed', '0', true)]), [child('c1', '1')], 'c0');
    const late = run([fill(2, '1', '1', '100', true), { ...end(1, 'failed', '0', true), orderId: 'c1' }], next);
    expect(replaceableChild(late)).toBeUndefined();
    expect(completionOf(late)).toMatchObject({ filledQuantity: '1', overfilled: false });
  });

  it('makes the successor the one that counts', () => {
    const next = withChildren(run([end(1, 'failed', '0', true)]), [child('c1', '0.9')], 'c0');
    expect(completionOf(next)).toBeUndefined();
    const done = run([{ ...fill(1, '0.9', '0.9', '100', true), orderId: 'c1' }], next);
    expect(completionOf(done)).toMatchObject({ status: 'filled', filledQuantity: '0.9', overfilled: false });
  });

  it('ends with the last failure when no venue is left', () => {
    const next = withChildren(run([end(1, 'failed', '0', true)]), [child('c1')], 'c0');
    expect(completionOf(run([{ ...end(1, 'rejected'), orderId: 'c1' }], next))?.status).toBe('rejected');
  });
});

describe('a parent with several children', () => {
  const split = withChildren(NO_CHILDREN, [child('c0', '1'), child('c1', '2'), child('c2', '3')]);
  const of = (orderId: string, fact: ChildFact): ChildFact => ({ ...fact, orderId });
  const refused = (orderId: string) => of(orderId, end(1, 'rejected', '0', true));
  const done = (orderId: string, quantity: string) => of(orderId, fill(1, quantity, quantity, '100', true));

  it('is over when the last of them is, whichever that is', () => {
    const two = run([done('c2', '3'), done('c0', '1')], split);
    expect(completionOf(two)).toBeUndefined();
    expect(completionOf(run([done('c1', '2')], two))).toMatchObject({ status: 'filled', filledQuantity: '6' });
  });

  it('replaces the one that failed, whatever the others fill meanwhile', () => {
    const failed = run([done('c0', '1'), refused('c1')], split);
    expect(replaceableChild(failed)?.orderId).toBe('c1');
    const next = withChildren(failed, [child('c3', '1.5'), child('c4', '0.5')], 'c1');
    expect(replaceableChild(next)).toBeUndefined();
    const over = run([done('c2', '3'), done('c3', '1.5'), done('c4', '0.5')], next);
    expect(completionOf(over)).toMatchObject({ status: 'filled', filledQuantity: '6', overfilled: false });
  });

  it('replaces none whose predecessor turned out filled after all, and goes on replacing the others', () => {
    const next = withChildren(run([refused('c1')], split), [child('c3', '2')], 'c1');
    const late = run([of('c1', fill(2, '2', '2', '100', true)), refused('c3'), refused('c0')], next);
    expect(replaceableChild(late)?.orderId).toBe('c0');
    expect(replaceableChild(withGivenUp(late, 'c0'))).toBeUndefined();
  });

  it('asks for no successor again once there is none', () => {
    const failed = run([refused('c1')], split);
    expect(replaceableChild(withGivenUp(failed, 'c1'))).toBeUndefined();
    const over = run([done('c0', '1'), done('c2', '3')], withGivenUp(failed, 'c1'));
    expect(completionOf(over)).toMatchObject({ status: 'partially_filled', filledQuantity: '4' });
  });

  it('never replaces one of which it is not known what became of it', () => {
    const gone = run([of('c1', end(1, 'failed', '0', false)), of('c2', end(1, 'failed', '0.1', true))], split);
    expect(replaceableChild(gone)).toBeUndefined();
  });

  it('holds of each cap what lives and what was traded, and nothing of what failed', () => {
    const state = run(
      [refused('c0'), of('c1', fill(1, '0.5', '0.5')), of('c2', fill(1, '1', '1')), of('c2', end(2, 'cancelled', '1'))],
      split,
    );
    expect(heldCaps(state).map(({ quantity }) => quantity)).toEqual(['2', '1']);
  });

  it('asks no account for another’s part that failed or said no, whether that may be replaced or not', () => {
    const accounts = withChildren(NO_CHILDREN, [
      { ...child('c0'), accountId: 'a' },
      { ...child('c1'), accountId: 'b' },
      { ...child('c2'), accountId: 'c' },
    ]);
    const state = run([refused('c0'), of('c1', end(1, 'failed', '0', false)), of('c2', end(1, 'expired'))], accounts);
    expect(triedAccounts(state)).toEqual(['a', 'b']);
  });

  it('ends the same, however the events of all of them are shuffled and repeated', () => {
    const facts: readonly ChildFact[] = [
      of('c0', placed(1)),
      of('c0', fill(2, '0.4', '0.4')),
      of('c0', end(3, 'cancelled', '0.4')),
      of('c1', placed(1)),
      of('c1', fill(2, '2', '2', '200', true)),
      of('c2', end(1, 'failed', '0', false)),
    ];
    const expected = completionOf(run(facts, split));
    expect(expected).toMatchObject({ status: 'partially_filled', filledQuantity: '2.4' });
    fc.assert(
      fc.property(fc.shuffledSubarray([...facts, ...facts], { minLength: 12 }), (arrivals) => {
        expect(completionOf(run(arrivals, split))).toEqual(expected);
      }),
    );
  });
});

describe('for any life of a child', () => {
  const life = fc
    .record({
      fills: fc.array(fc.integer({ min: 1, max: 50 }), { maxLength: 8 }),
      prices: fc.array(fc.integer({ min: 1, max: 1_000 }), { minLength: 8, maxLength: 8 }),
      open: fc.integer({ min: 0, max: 20 }),
      how: fc.constantFrom('cancelled' as const, 'expired' as const, 'failed' as const),
    })
    .map(({ fills, prices, open, how }) => {
      const total = fills.reduce((sum, units) => sum + units, 0);
      let cumulative = 0;
      const facts: ChildFact[] = [placed(1)];
      fills.forEach((units, index) => {
        cumulative += units;
        const complete = open === 0 && index === fills.length - 1;
        facts.push(fill(index + 2, String(units), String(cumulative), String(prices[index]), complete));
      });
      if (open > 0 || fills.length === 0) facts.push(end(fills.length + 2, how, String(total)));
      return { facts, quantity: String(Math.max(1, total + open)), total };
    });
  const shuffled = life.chain((one) =>
    fc
      .tuple(
        fc.array(fc.nat(one.facts.length - 1), { maxLength: 10 }),
        fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })),
      )
      .map(([repeats, weights]) => ({
        ...one,
        arrivals: [...one.facts, ...repeats.map((index) => one.facts[index]!)]
          .map((fact) => [weights.next().value, fact] as const)
          .sort(([a], [b]) => a - b)
          .map(([, fact]) => fact),
      })),
  );

  it('any order and any duplicates of its events give the same end, and quantities add up', () => {
    fc.assert(
      fc.property(shuffled, ({ facts, arrivals, quantity, total }) => {
        const start = withChildren(NO_CHILDREN, [child('c0', quantity)]);
        const expected = completionOf(run(facts, start));
        const end = run(arrivals, start);
        expect(expected).toBeDefined();
        expect(completionOf(end)).toEqual(expected);
        expect(expected?.filledQuantity).toBe(String(total));
        expect(decimal(end.children[0]!.filled).lte(decimal(quantity))).toBe(true);
        expect(end.children[0]!.versions).toEqual([[1, facts.length]]);
      }),
      { numRuns: 500 },
    );
  });

  it('is completed by the last missing event, and by none before', () => {
    fc.assert(
      fc.property(shuffled, ({ facts, arrivals, quantity }) => {
        const start = withChildren(NO_CHILDREN, [child('c0', quantity)]);
        const needed = new Set(facts.filter(({ kind }) => kind !== 'placed').map(({ version }) => version));
        let state = start;
        for (const fact of arrivals) {
          state = evolveParent(state, fact);
          needed.delete(fact.version);
          expect(completionOf(state) !== undefined).toBe(needed.size === 0);
        }
      }),
    );
  });

  it('a cancel at any moment changes no quantity, has nothing sent after it, and ends the unfilled as cancelled', () => {
    fc.assert(
      fc.property(shuffled, fc.double({ min: 0, max: 1, noNaN: true }), ({ arrivals, quantity, total }, at) => {
        const start = withChildren(NO_CHILDREN, [child('c0', quantity), child('c1', '1')]);
        const moment = Math.round(at * arrivals.length);
        const refusedElsewhere: ChildFact = { ...end(1, 'failed', '0', true), orderId: 'c1' };
        let state = run(arrivals.slice(0, moment), start);
        state = withCancelAsked(state);
        for (const fact of [...arrivals.slice(moment), refusedElsewhere]) {
          state = evolveParent(state, fact);
          expect(replaceableChild(state)).toBeUndefined();
        }
        const filled = String(total);
        expect(completionOf(state)).toMatchObject({
          filledQuantity: filled,
          status: total > 0 ? 'partially_filled' : 'cancelled',
        });
      }),
      { numRuns: 300 },
    );
  });

  it('a child that is cancelled alone has no successor; its siblings may', () => {
    const parents = withChildren(NO_CHILDREN, [child('c0'), child('c1')]);
    const failedBoth = run([end(1, 'failed', '0', true), { ...end(1, 'failed', '0', true), orderId: 'c1' }], parents);
    expect(replaceableChild(withCancelAsked(failedBoth, 'c0'))?.orderId).toBe('c1');
    expect(replaceableChild(withCancelAsked(withCancelAsked(failedBoth, 'c0'), 'c1'))).toBeUndefined();
  });

  it('says what its fills cost on average', () => {
    const done = run([fill(1, '0.3', '0.3', '1'), fill(2, '0.7', '1', '2', true)]);
    expect(plain(decimal(completionOf(done)!.averagePrice!))).toBe('1.7');
  });
});
