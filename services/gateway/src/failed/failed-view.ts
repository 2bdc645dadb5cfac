import type { FailedAction, FailedItem, FailedKind } from './failed-item.js';
import type { Acted } from './failed-work.js';

/** A piece of failed work as REST shows it. */
export interface FailedView {
  readonly id: string;
  readonly kind: FailedKind;
  /** Since when, RFC 3339. */
  readonly at: string;
  readonly userId?: string;
  /** What the caller may do with it. */
  readonly actions: readonly FailedAction[];
  readonly [field: string]: unknown;
}

/** Who may not act sees what happened to their work, not the words of a program. */
export const failedView = (item: FailedItem, mayAct: boolean): FailedView => ({
  id: item.id,
  kind: item.kind,
  at: new Date(item.at).toISOString(),
  ...(item.userId === undefined ? {} : { userId: item.userId }),
  actions: mayAct && item.done === undefined ? item.actions : [],
  ...item.told,
  ...(mayAct ? item.internals : {}),
});

export interface ActedView {
  readonly id: string;
  readonly kind: FailedKind;
  readonly action: FailedAction;
  /** Names the act in the audit trail; absent where it had been done before. */
  readonly actId?: string;
  /** What happens now, for a person. */
  readonly detail: string;
}

export const actedView = ({ item, done }: Acted, action: FailedAction): ActedView => ({
  id: item.id,
  kind: item.kind,
  action,
  ...(done === undefined ? {} : { actId: done.actId }),
  detail: done?.sentence ?? 'This was done already; nothing was done again.',
});
