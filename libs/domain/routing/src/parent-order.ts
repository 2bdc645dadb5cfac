import type { DecimalString } from '@switchyard/money';
import type { AccountId, OrderId } from '@switchyard/model';

/** How a child order ended. */
export type ChildEnd = 'filled' | 'cancelled' | 'rejected' | 'expired' | 'failed';

/** What the events of a child say, reduced to what the parent needs. `version` is the order's own number of the event. */
export type ChildFact =
  | { readonly kind: 'placed'; readonly orderId: OrderId; readonly version: number }
  | {
      readonly kind: 'filled';
      readonly orderId: OrderId;
      readonly version: number;
      /** The venue's id of the trade. */
      readonly tradeId: string;
      readonly quantity: DecimalString;
      readonly price: DecimalString;
      readonly cumulativeQuantity: DecimalString;
      /** Whether this fill completes the order. */
      readonly complete: boolean;
    }
  | {
      readonly kind: 'ended';
      readonly orderId: OrderId;
      readonly version: number;
      readonly end: Exclude<ChildEnd, 'filled'>;
      /** All that was ever filled, by the executor's word; fills on the way may still be unseen. */
      readonly cumulativeQuantity: DecimalString;
      /** Nothing of it is, or will be, at the venue. Never true where the outcome is unknown. */
      readonly retriable: boolean;
      readonly code?: string;
    };

export interface ChildTerminal {
  readonly end: ChildEnd;
  readonly cumulative: DecimalString;
  readonly retriable: boolean;
  readonly version: number;
  readonly code?: string;
}

export interface Child {
  readonly orderId: OrderId;
  readonly accountId: AccountId;
  readonly venue: string;
  readonly quantity: DecimalString;
  /** Sum of the fills seen. */
  readonly filled: DecimalString;
  /** Sum of price times quantity of the fills seen. */
  readonly value: DecimalString;
  /** Versions seen, as [from, to] ranges in order: bounded, because an order's versions are dense. */
  readonly versions: readonly (readonly [number, number])[];
  /** Venue trade ids seen, the latest ones. */
  readonly trades: readonly string[];
  readonly terminal?: ChildTerminal;
  /** Another child took its place. */
  readonly replaced?: true;
}

/**
 * A parent order at work: a fold of its children's events, small enough to be stored at each of them.
 *
 * 1. The fold commutes: any order of the events gives the same parent. Each event counts once, by version and by trade.
 * 2. A child has ended when its terminal event is seen *and* the fills seen add up to that event's cumulative quantity.
 * 3. A child is replaced only when its failure says that nothing of it is or will be at the venue, and nothing of the parent was filled.
 * 4. A fill is never dropped for exceeding what we ordered: the venue's word beats ours, and `overfilled` says so.
 */
export interface ParentOrder {
  readonly children: readonly Child[];
}

export const NO_CHILDREN: ParentOrder = { children: [] };

/** Adds the next child; it takes the place of the last one where that one can be replaced. */
export const withChild = (
  parent: ParentOrder,
  child: Pick<Child, 'orderId' | 'accountId' | 'venue' | 'quantity'>,
): ParentOrder => {
  const replaced = replaceableChild(parent);
  const before = parent.children.map((old) => (old === replaced ? { ...old, replaced: true as const } : old));
  return { children: [...before, { ...child, filled: '0', value: '0', versions: [], trades: [] }] };
};

/** The child whose place another venue may take now, if there is one. */
export const replaceableChild = ({ children }: ParentOrder): Child | undefined => {
  const last = children.at(-1);
  const { terminal } = last ?? {};
  // A child said to have failed may turn out filled after all: what another then bought must not be bought again.
  const untouched = children.every(({ filled }) => filled === '0');
  return untouched && terminal?.retriable === true && terminal.cumulative === '0' ? last : undefined;
};
