import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { finishedParent, isOfParent, seenOf } from './finished-parents.js';
import { omitting } from './record.js';
import { EMPTY, type RiskState } from './state.js';
import { restored, type StoredUser } from './stored-state.js';
import { aPolicy, aTrader } from './testing/scenario.js';

const fill = { type: 'orderCompleted', parentOrderId: 'p', filledQuantity: '0', completedAt: '' } as const;
const change = { type: 'policyChanged', policy: aPolicy() } as const;
const unread = (): never => {
  throw new Error('the policy was read');
};
const throughJson = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

describe('what risk remembers of a user', () => {
  it('is read without the policy where no decision looks at it', () => {
    const user = omitting(aTrader().state, 'policy');
    expect(restored(user, fill, unread)).toEqual(user);
    expect(restored(user, change, () => aPolicy({ version: 7 })).policy?.version).toBe(7);
    const held = { ...user, held: [{ parentOrderId: 'x', waitsFor: [], signal: {} as never }] };
    expect(restored(held, fill, () => aPolicy()).policy).toEqual(aPolicy());
  });

  it('is nothing of a user who is not known yet', () => {
    expect(restored(undefined, fill, unread)).toEqual(EMPTY);
    expect(restored(undefined, change, () => undefined)).toEqual(EMPTY);
  });

  it('is read from documents that held the policy, too; the higher version counts', () => {
    const old = throughJson(aTrader({ version: 5 }).state);
    expect(restored(old, fill, () => undefined).policy?.version).toBe(5);
    expect(restored(old, fill, () => aPolicy({ version: 4 })).policy?.version).toBe(5);
    expect(restored(old, fill, () => aPolicy({ version: 6 })).policy?.version).toBe(6);
  });

  it('knows repeated fills and completions by parents that were stored as objects', () => {
    const story = aTrader();
    story.signal('a', { size: { base: '0.01' } });
    const bought = { quantity: '0.01', cumulativeQuantity: '0.01' };
    story.fill('a', bought);
    story.complete('a', '0.01');
    const old: StoredUser = {
      ...story.state,
      finished: [{ parentOrderId: 'a', seen: { 'child-of-a': [['0', '0.01']] } }],
    };
    story.state = restored(throughJson(old), fill, () => undefined);
    const before = story.state;
    expect(story.fill('a', bought)).toEqual([]);
    expect(story.complete('a', '0.01')).toEqual([]);
    expect(story.state).toEqual(before);
  });
});

describe('a parent that is over', () => {
  it('is remembered in a text that says the same', () => {
    const id = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._:@/+-]{0,40}$/);
    const amount = fc.stringMatching(/^[0-9]{1,5}\.[0-9]{1,8}$/);
    const seen = fc.dictionary(id, fc.array(fc.tuple(amount, amount), { minLength: 1, maxLength: 3 }), { maxKeys: 4 });
    fc.assert(
      fc.property(id, seen, id, (parent, stretches, other) => {
        const text = finishedParent(parent, stretches);
        expect(seenOf(text)).toEqual(stretches);
        expect(isOfParent(text, parent)).toBe(true);
        expect(isOfParent(text, other)).toBe(other === parent);
      }),
    );
  });

  it('is no bigger than its ids and one number', () => {
    const story = aTrader();
    const state: RiskState = story.state;
    story.signal('a', { size: { base: '0.01' } });
    story.fill('a', { quantity: '0.004', cumulativeQuantity: '0.004' });
    story.fill('a', { quantity: '0.006', cumulativeQuantity: '0.01' });
    story.complete('a', '0.01');
    expect(story.state.finished).toEqual(['a child-of-a=0-0.01']);
    expect(state.finished).toEqual([]);
  });
});
