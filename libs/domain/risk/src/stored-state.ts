import type { UserPolicy } from '@switchyard/model';
import type { RiskCommand } from './commands.js';
import { needsPolicy } from './decide.js';
import { finishedParent } from './finished-parents.js';
import { EMPTY, type FinishedParent, type RiskState, type SeenFills } from './state.js';

/** The document of a user without the policy. Versions of before 2026-11-21 held the policy, too, and finished parents as objects. */
export type StoredUser = Omit<RiskState, 'finished'> & {
  readonly finished: readonly (FinishedParent | { readonly parentOrderId: string; readonly seen: SeenFills })[];
};

/** What a decision on a command starts from. `policy` reads the other document; it is asked only where the decision looks at it. */
export const restored = (
  user: StoredUser | undefined,
  command: RiskCommand,
  policy: () => UserPolicy | undefined,
): RiskState => {
  if (user === undefined) return whole(EMPTY, command, policy);
  const { finished } = user;
  const texts = finished.map((one) => (typeof one === 'string' ? one : finishedParent(one.parentOrderId, one.seen)));
  return whole({ ...user, finished: texts }, command, policy);
};

const whole = (state: RiskState, command: RiskCommand, policy: () => UserPolicy | undefined): RiskState => {
  const old = state.policy;
  if (old === undefined && !needsPolicy(state, command)) return state;
  const kept = policy();
  if (kept === undefined || (old !== undefined && old.version >= kept.version)) return state;
  return { ...state, policy: kept };
};
