import { describe, expect, it } from '@jest/globals';
import { decimal, plain, ZERO } from '@switchyard/money';
import fc from 'fast-check';
import type { RiskCommand } from './commands.js';
import { decide } from './decide.js';
import { DEFAULT_SETTINGS } from './settings.js';
import type { RiskState } from './state.js';
import { scenario, START } from './testing/scenario.js';
import { action, PAIRS, World } from './testing/world.js';

describe('over any interleaving of signals, fills, completions and balances', () => {
  it('what is approved is covered by what is there; in the end nothing is reserved, and the books are the fills', () => {
    let approved = 0;
    fc.assert(
      fc.property(fc.array(action, { minLength: 20, maxLength: 120 }), (actions) => {
        const world = new World();
        for (const one of actions) {
          world.act(one);
          world.expectCovered();
        }
        // Exits that waited are approved while the rest is delivered: until nothing more comes.
        do {
          for (const parent of world.parents) if (!parent.over) world.complete(parent);
          world.drain();
          world.expectCovered();
        } while (world.parents.some(({ over }) => !over));
        approved += world.parents.length;
        expect(world.state.parents).toEqual([]);
        expect(world.state.held).toEqual([]);
        for (const [id, account] of world.accounts) {
          const { book, positions } = world.state.accounts[id]!;
          for (const [currency, total] of account.truth)
            expect([id, currency, book?.[currency] ?? '0']).toEqual([id, currency, plain(total)]);
          for (const each of PAIRS)
            expect(positions[each] ?? '0').toBe(plain(world.bought.get(`${id}|${each}`) ?? ZERO));
        }
        expect(JSON.parse(JSON.stringify(world.state))).toEqual(world.state);
      }),
      { numRuns: 300 },
    );
    expect(approved).toBeGreaterThan(500);
  });

  it('fills and completion of a parent come to the same in any order', () => {
    const parts = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(parts, fc.integer(), (sizes, seed) => {
        const story = scenario();
        story.policy();
        story.balance({ USDT: '100000' });
        story.signal('a');
        const start = story.state;
        let sum = 0;
        const events: RiskCommand[] = sizes.map((size, index) => {
          sum += size;
          return {
            type: 'orderFilled',
            orderId: 'child',
            parentOrderId: 'a',
            accountId: 'acc-1',
            venue: 'binance',
            pair: 'BTC-USD',
            side: 'buy',
            quantity: `0.00${String(size)}`,
            price: `4990${String(index)}`,
            fee: { amount: '0.000001', currency: 'BTC' },
            cumulativeQuantity: plain(decimal('0.001').times(decimal(String(sum)))),
            filledAt: new Date(START + index).toISOString(),
          };
        });
        events.push({
          type: 'orderCompleted',
          parentOrderId: 'a',
          filledQuantity: plain(decimal('0.001').times(decimal(String(sum)))),
          completedAt: new Date(START + 9).toISOString(),
        });
        const fold = (commands: readonly RiskCommand[]): RiskState =>
          commands.reduce(
            (state, command) =>
              decide(state, command, { now: new Date(START), market: story.market, settings: DEFAULT_SETTINGS }).state,
            start,
          );
        const shuffled = [...events].sort((one, other) => rank(one, seed) - rank(other, seed));
        expect(fold([...shuffled, ...events])).toEqual(fold(events));
      }),
      { numRuns: 100 },
    );
  });
});

/** An order of events that the seed alone decides. */
const rank = (command: RiskCommand, seed: number): number => {
  let hash = seed;
  for (const character of JSON.stringify(command)) hash = (hash * 31 + character.charCodeAt(0)) | 0;
  return hash;
};
