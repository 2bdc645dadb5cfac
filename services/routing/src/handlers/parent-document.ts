import type { OrderApproved } from '@switchyard/contracts';
import type { DocumentRef } from '@switchyard/log';
import type { Refusal } from '@switchyard/model';
import type { ChildPlan, DecisionRecord, ParentEnd, ParentOrder, RecordedInputs } from '@switchyard/routing-domain';

/** A decision as it is kept: what went out, why, and what it was made with. */
export interface StoredDecision {
  readonly children: readonly ChildPlan[];
  readonly record: DecisionRecord;
  readonly inputs: RecordedInputs;
  readonly remainder: string;
}

/** A parent order at work: what was approved, every decision with its inputs, and the fold of its children's events. */
export interface WorkingParent {
  readonly approved: OrderApproved;
  /** The first, and one for each child that failed and was replaced. */
  readonly decisions: readonly StoredDecision[];
  readonly order: ParentOrder;
  /** Why no venue took a failed child's part over, the last time. */
  readonly refusal?: Refusal;
}

/** What is left of a parent order when it is finished, so that no repeat of its approval is routed again. */
export interface FinishedParent {
  readonly completedAt: string;
  readonly status: ParentEnd;
  /** Whose parent it is, where its cancel came before its approval: nothing of it will be sent. */
  readonly cancelledAhead?: string;
}

export type ParentDocument = WorkingParent | FinishedParent;

export const PARENT = 'parent';
export const parentRef = (parentOrderId: string): DocumentRef => ({ kind: PARENT, key: parentOrderId });
export const isFinished = (document: ParentDocument): document is FinishedParent => 'completedAt' in document;
