import type { Refusal } from '@switchyard/model';

/** An order, or a request for an account's state, that is the next to be sent. */
export interface Candidate {
  readonly kind: 'order' | 'request';
  readonly accountId: string;
  /** 1 (stop-loss) to 5. */
  readonly priority: number;
  readonly reduceOnly: boolean;
  /** Whether routing saw another suitable venue. */
  readonly hasAlternative: boolean;
  /** Milliseconds since the epoch; an order that has not left by then is refused. */
  readonly sendByMs: number;
}

export type GateDecision =
  | { readonly kind: 'send' }
  /** Stays in the queue, its intent not stored, and is looked at again after so many milliseconds. */
  | { readonly kind: 'wait'; readonly forMs: number }
  | { readonly kind: 'refuse'; readonly refusal: Refusal; readonly retriable: boolean };

/** Says of what is next in the queue whether the venue may be called for it now. Asked inside the claim, before an intent is stored. */
export interface OrderGate {
  /** One decision a candidate, in their order: what stands first has the first right to what is left of the budget. */
  decide(candidates: readonly Candidate[], nowMs: number): Promise<readonly GateDecision[]>;
}
