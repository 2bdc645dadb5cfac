import type { OrderApproved } from '@switchyard/contracts';
import type { DocumentRef } from '@switchyard/log';
import type { ParentEnd, ParentOrder, RouteDecision } from '@switchyard/routing-domain';

/** A parent order at work: what was approved, every decision with its inputs, and the fold of its children's events. */
export interface WorkingParent {
  readonly approved: OrderApproved;
  /** One a child. */
  readonly decisions: readonly RouteDecision[];
  readonly order: ParentOrder;
}

/** What is left of a parent order when it is finished, so that no repeat of its approval is routed again. */
export interface FinishedParent {
  readonly completedAt: string;
  readonly status: ParentEnd;
}

export type ParentDocument = WorkingParent | FinishedParent;

export const PARENT = 'parent';
export const parentRef = (parentOrderId: string): DocumentRef => ({ kind: PARENT, key: parentOrderId });
export const isFinished = (document: ParentDocument): document is FinishedParent => 'completedAt' in document;
