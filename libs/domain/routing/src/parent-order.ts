import { decimal, ZERO, type DecimalString } from '@switchyard/money';
import type { AccountId, OrderId } from '@switchyard/model';
import type { HeldCap } from './inputs.js';

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
  /** The child that failed and whose place this one took, alone or with others. */
  readonly inPlaceOf?: OrderId;
  /** Others took its place. */
  readonly replaced?: true;
  /** It failed, and no venue could take its place. */
  readonly givenUp?: true;
  /** Somebody wants it gone: nobody takes its place. */
  readonly cancelAsked?: true;
}

/**
 * A parent order at work: a fold of its children's events, small enough to be stored at each of them.
 *
 * 1. The fold commutes: any order of the events gives the same parent. Each event counts once, by version and by trade.
 * 2. A child has ended when its terminal event is seen *and* the fills seen add up to that event's cumulative quantity.
 * 3. A child is replaced only when its failure says that nothing of it is or will be at the venue, and nothing was filled of it nor of any
 *    child in whose place it stands: what is said to have failed may turn out filled after all, and must not be bought again.
 * 4. Children are independent otherwise: what a sibling fills, or whether it lives, changes nothing of another's fate.
 * 5. Of a parent that somebody wants gone, or a child, nothing is sent any more, whatever its children turn out to be.
 * 6. A fill is never dropped for exceeding what we ordered: the venue's word beats ours, and `overfilled` says so.
 */
export interface ParentOrder {
  readonly children: readonly Child[];
  /** Somebody wants all of it gone. */
  readonly cancelAsked?: true;
}

export const NO_CHILDREN: ParentOrder = { children: [] };

/** A child as it begins. */
export type NewChild = Pick<Child, 'orderId' | 'accountId' | 'venue' | 'quantity'>;

/** Adds children: those of a first decision, or those that take the place of one that failed. */
export const withChildren = (
  { children, ...rest }: ParentOrder,
  added: readonly NewChild[],
  inPlaceOf?: OrderId,
): ParentOrder => ({
  ...rest,
  children: [
    ...children.map((child) => (child.orderId === inPlaceOf ? { ...child, replaced: true as const } : child)),
    ...added.map((child): Child => ({
      ...child,
      filled: '0',
      value: '0',
      versions: [],
      trades: [],
      ...(inPlaceOf === undefined ? {} : { inPlaceOf }),
    })),
  ],
});

/** Notes that nobody takes a failed child's place: it is not asked for again. */
export const withGivenUp = ({ children, ...rest }: ParentOrder, orderId: OrderId): ParentOrder => ({
  ...rest,
  children: children.map((child) => (child.orderId === orderId ? { ...child, givenUp: true } : child)),
});

/** Notes that somebody wants all of the parent gone, or this child of it alone. */
export const withCancelAsked = (parent: ParentOrder, childId?: OrderId): ParentOrder =>
  childId === undefined
    ? { ...parent, cancelAsked: true }
    : {
        ...parent,
        children: parent.children.map((child) => (child.orderId === childId ? { ...child, cancelAsked: true } : child)),
      };

/** The first child whose place other venues may take now, if there is one. */
export const replaceableChild = ({ children, cancelAsked }: ParentOrder): Child | undefined =>
  children.find(
    (child) =>
      cancelAsked !== true &&
      child.cancelAsked !== true &&
      child.replaced !== true &&
      child.givenUp !== true &&
      child.terminal?.retriable === true &&
      child.terminal.cumulative === '0' &&
      isUntouched(children, child),
  );

/** Nothing was filled of the child, nor of any in whose place it stands. */
const isUntouched = (children: readonly Child[], { filled, inPlaceOf }: Child): boolean => {
  if (filled !== '0') return false;
  const before = inPlaceOf === undefined ? undefined : children.find(({ orderId }) => orderId === inPlaceOf);
  return before === undefined || isUntouched(children, before);
};

/** Accounts that failed for this order, or said no: none of them is asked for another's part. */
export const triedAccounts = ({ children }: ParentOrder): readonly AccountId[] => [
  ...new Set(
    children.flatMap(({ accountId, terminal }) =>
      terminal?.end === 'failed' || terminal?.end === 'rejected' ? [accountId] : [],
    ),
  ),
];

/** What children that live, or have traded, hold of their accounts' caps. */
export const heldCaps = ({ children }: ParentOrder): readonly HeldCap[] =>
  children.flatMap(({ accountId, quantity, filled, terminal }) => {
    const held = terminal === undefined ? quantity : terminal.cumulative;
    const most = decimal(filled).gt(decimal(held)) ? filled : held;
    return decimal(most).eq(ZERO) ? [] : [{ accountId, quantity: most }];
  });

/** Children that live at venues where the deployment trades no more: nothing can be asked or cancelled there, and nobody takes their place. */
export const strandedChildren = ({ children }: ParentOrder, isRemoved: (venue: string) => boolean): readonly Child[] =>
  children.filter(({ venue, terminal }) => terminal === undefined && isRemoved(venue));
