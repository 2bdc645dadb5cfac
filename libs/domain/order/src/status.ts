import type { OrderStatus } from '@switchyard/model';

/** The states of a child order: one order at one venue. `routing` belongs to parents, so it is not among them. */
export const CHILD_STATUSES = [
  'pending',
  'queued',
  'executing',
  'unknown',
  'placed',
  'partially_filled',
  'filled',
  'cancel_pending',
  'cancelled',
  'rejected',
  'expired',
  'failed',
] as const satisfies readonly OrderStatus[];
export type ChildStatus = (typeof CHILD_STATUSES)[number];

/** What each state means, in words for the docs. */
export const MEANINGS: Readonly<Record<ChildStatus, string>> = {
  pending: 'routed, not yet in the queue',
  queued: 'waits in the queue; no request is out',
  executing: 'the intent is stored; a request may be on its way',
  unknown: 'a request may have arrived and nobody knows yet: it is looked up, never sent again',
  placed: 'the venue has it, nothing is filled',
  partially_filled: 'the venue has it, part of it is filled',
  filled: 'all of it is filled',
  cancel_pending: 'the venue was asked to cancel the rest',
  cancelled: 'the rest was cancelled',
  rejected: 'the venue said no',
  expired: 'the rest ran out of its time in force',
  failed: 'it ended without the venue ever having it',
};

const TERMINAL: ReadonlySet<ChildStatus> = new Set(['filled', 'cancelled', 'rejected', 'expired', 'failed']);

/** Whether nothing more will be sent for the order; only a fill that the venue reports late can still change it. */
export const isTerminal = (status: ChildStatus): boolean => TERMINAL.has(status);
