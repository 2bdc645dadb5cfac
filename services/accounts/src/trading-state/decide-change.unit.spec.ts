import { describe, expect, it } from '@jest/globals';
import { TRADING_STATES, type TradingState } from '@switchyard/model';
import fc from 'fast-check';
import { decideChange, strictness, type StateAuthor, type StateDecision, type WishedState } from './decide-change.js';
import { NEVER_CHANGED, type StoredState } from './stored-state.js';

const ann: StateAuthor = { userId: 'ann', role: 'trader' };
const operator: StateAuthor = { userId: 'otto', role: 'operator' };
const admin: StateAuthor = { userId: 'ada', role: 'admin' };
const wish = (state: TradingState, more: Partial<WishedState> = {}): WishedState => ({
  ...{ state, reason: `${state} please`, cancelOpen: false },
  ...more,
});
const fresh: StoredState = { scope: 'user:ann', ...NEVER_CHANGED };

const after = (before: StoredState, decision: StateDecision): StoredState =>
  decision.kind === 'changed' ? { ...decision.next, changedAt: new Date(0) } : before;
const through = (...steps: readonly (readonly [StateAuthor, TradingState])[]): StoredState =>
  steps.reduce((now, [by, state]) => after(now, decideChange(now, wish(state), by, true)), fresh);

describe('who changes a trading state', () => {
  it('users halt themselves, and go on when they like', () => {
    expect(through([ann, 'halted'])).toMatchObject({ state: 'halted', version: 1, held: 'active' });
    expect(through([ann, 'halted'], [ann, 'active'])).toMatchObject({ state: 'active', version: 2 });
  });

  it('a user does not lift what an operator ordered, nor below it after tightening it', () => {
    const held = through([operator, 'reducing']);
    expect(decideChange(held, wish('active'), ann, true)).toEqual({
      kind: 'held',
      state: 'reducing',
      reason: 'reducing please',
    });
    const tightened = through([operator, 'reducing'], [ann, 'halted']);
    expect(tightened).toMatchObject({ state: 'halted', held: 'reducing', changedBy: 'ann' });
    expect(decideChange(tightened, wish('active'), ann, true).kind).toBe('held');
    expect(through([operator, 'reducing'], [ann, 'halted'], [ann, 'reducing'])).toMatchObject({ state: 'reducing' });
  });

  it('an operator lifts what anybody ordered, an admin too', () => {
    expect(through([ann, 'halted'], [operator, 'active'])).toMatchObject({ state: 'active', held: 'active' });
    expect(through([admin, 'halted'], [operator, 'active'])).toMatchObject({ state: 'active', held: 'active' });
  });

  it('an operator who orders what the user has chosen takes it out of the user’s hands', () => {
    const both = through([ann, 'halted'], [operator, 'halted']);
    expect(both).toMatchObject({ version: 2, held: 'halted' });
    expect(decideChange(both, wish('active'), ann, true).kind).toBe('held');
  });

  it('the same wish again changes nothing', () => {
    for (const state of TRADING_STATES) {
      const now = through([operator, state]);
      expect(decideChange(now, wish(state), operator, true)).toEqual({ kind: 'same' });
    }
  });

  it('cancelling again joins what is still worked on, and begins anew once that is verified', () => {
    const killed = after(fresh, decideChange(fresh, wish('halted', { cancelOpen: true }), operator, true));
    expect(decideChange(killed, wish('halted', { cancelOpen: true }), operator, false)).toEqual({ kind: 'same' });
    expect(decideChange(killed, wish('halted', { cancelOpen: true }), operator, true)).toMatchObject({
      kind: 'changed',
      next: { version: 2, cancelOpen: true },
    });
    expect(decideChange(killed, wish('halted'), operator, true)).toEqual({ kind: 'same' });
  });

  it('never raises a version by more than one, nor lets a user below what an operator left', () => {
    const step = fc.tuple(fc.constantFrom(ann, operator, admin), fc.constantFrom(...TRADING_STATES), fc.boolean());
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        let now = fresh;
        for (const [by, state, cancelOpen] of steps) {
          const next = after(now, decideChange(now, wish(state, { cancelOpen }), by, true));
          expect(next.version - now.version).toBeLessThanOrEqual(1);
          expect(strictness(next.state)).toBeGreaterThanOrEqual(strictness(next.held));
          if (by.role === 'trader') expect(next.held).toBe(now.held);
          now = next;
        }
      }),
    );
  });
});
