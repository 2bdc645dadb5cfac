import { decimal, plain, ZERO } from '@switchyard/money';
import type { Child, ChildEnd, ChildFact, ChildTerminal, ParentOrder } from './parent-order.js';

/** Trade ids kept per child. Versions alone tell duplicates; the ids guard against one trade reported under two versions. */
const TRADES_KEPT = 200;

/** Takes one event of a child in. The same parent comes back where the event is known, or the child isn't this parent's. */
export const evolveParent = (parent: ParentOrder, fact: ChildFact): ParentOrder => {
  const index = parent.children.findIndex(({ orderId }) => orderId === fact.orderId);
  const child = parent.children[index];
  if (child === undefined || seen(child.versions, fact.version)) return parent;
  return { ...parent, children: parent.children.with(index, evolveChild(child, fact)) };
};

const evolveChild = (child: Child, fact: ChildFact): Child => {
  const known = { ...child, versions: withVersion(child.versions, fact.version) };
  switch (fact.kind) {
    case 'placed':
      return known;
    case 'filled': {
      if (child.trades.includes(fact.tradeId)) return known;
      const quantity = decimal(fact.quantity);
      const filled = {
        ...known,
        filled: plain(decimal(child.filled).plus(quantity)),
        value: plain(decimal(child.value).plus(quantity.times(decimal(fact.price)))),
        trades: [...child.trades.slice(child.trades.length >= TRADES_KEPT ? 1 : 0), fact.tradeId],
      };
      if (!fact.complete) return filled;
      return ended(filled, {
        end: 'filled',
        cumulative: plain(decimal(fact.cumulativeQuantity)),
        retriable: false,
        version: fact.version,
      });
    }
    case 'ended':
      return ended(known, {
        end: fact.end,
        cumulative: plain(decimal(fact.cumulativeQuantity)),
        retriable: fact.retriable,
        version: fact.version,
        ...(fact.code === undefined ? {} : { code: fact.code }),
      });
  }
};

/** Of two terminal events the one with the higher version speaks: it was written knowing the other. */
const ended = (child: Child, terminal: ChildTerminal): Child =>
  child.terminal !== undefined && child.terminal.version > terminal.version ? child : { ...child, terminal };

const seen = (ranges: Child['versions'], version: number): boolean =>
  ranges.some(([from, to]) => version >= from && version <= to);

const withVersion = (ranges: Child['versions'], version: number): Child['versions'] => {
  const merged: (readonly [number, number])[] = [];
  let [from, to] = [version, version];
  let placed = false;
  for (const range of ranges) {
    if (range[1] < from - 1) merged.push(range);
    else if (range[0] > to + 1) {
      if (!placed) merged.push([from, to]);
      placed = true;
      merged.push(range);
    } else [from, to] = [Math.min(from, range[0]), Math.max(to, range[1])];
  }
  if (!placed) merged.push([from, to]);
  return merged;
};

/** Whether the child's last word is known and every fill it speaks of was seen. */
export const isSettled = ({ terminal, filled }: Child): boolean =>
  terminal !== undefined && (filled === terminal.cumulative || decimal(filled).gt(decimal(terminal.cumulative)));

export type ParentEnd = ChildEnd | 'partially_filled';

export interface Completion {
  readonly status: ParentEnd;
  readonly filledQuantity: string;
  readonly averagePrice?: string;
  /** More was filled than its children ordered: to be looked at by a person. */
  readonly overfilled: boolean;
}

/**
 * The parent's end: no child is live, and all fills are in. Undefined while something can still come. Where nothing was filled, it ended as
 * the last of its children did that nobody replaced, or as cancelled where somebody wanted it gone.
 */
export const completionOf = ({ children, cancelAsked }: ParentOrder): Completion | undefined => {
  const last = children.findLast(({ replaced }) => replaced !== true);
  if (last?.terminal === undefined || !children.every(isSettled)) return undefined;
  const total = (of: (child: Child) => string, among = children) =>
    among.reduce((sum, child) => sum.plus(decimal(of(child))), ZERO);
  const filled = total((child) => child.filled);
  const ordered = total(
    (child) => child.quantity,
    children.filter(({ replaced }) => replaced !== true),
  );
  const average = filled.eq(ZERO)
    ? undefined
    : total((child) => child.value)
        .div(filled)
        .round(18, HALF_UP);
  const unfilled = cancelAsked === true ? 'cancelled' : endOf(last.terminal);
  return {
    status: filled.gte(ordered) ? 'filled' : filled.gt(ZERO) ? 'partially_filled' : unfilled,
    filledQuantity: plain(filled),
    ...(average === undefined ? {} : { averagePrice: plain(average) }),
    overfilled: filled.gt(ordered),
  };
};

const HALF_UP = 1;

const endOf = ({ end }: ChildTerminal): ChildEnd => (end === 'filled' ? 'failed' : end);
