import { decimal, plain, ZERO, type Decimal, type DecimalString } from '@switchyard/money';
import {
  baseOf,
  quoteOf,
  type AccountId,
  type ClientOrderId,
  type Currency,
  type OrderId,
  type Pair,
  type Side,
  type VenueOrderId,
} from '@switchyard/model';
import { foldFill, settleBook } from './fold-fill.js';
import { withDoubt } from './orders-in-doubt.js';
import { EMPTY_BOOK, type Fill, type PairTerms, type PositionBook, type PositionChange } from './position-book.js';

/** Trades remembered per account, to know a fill again and to compare with the venue's. Older ones are taken on trust. */
export const TRADES_KEPT = 32;
/** Ended orders remembered, so that their late acknowledgement doesn't open them again. What comes later still is in doubt. */
export const ENDED_KEPT = 16;
/** How far a venue's clock may be from ours, milliseconds. */
export const CLOCK_SKEW_MS = 2_000;

/**
 * What we hold to be true of one account, to be stored as JSON at every event, and bounded: by the pairs it trades, its open orders and
 * the memories above.
 *
 * 1. Every fold commutes with the others and takes each event once: fills by (venue's symbol, venue's trade id, side), orders by their id.
 * 2. An order is open from its acknowledgement until its end is known and all fills that the end speaks of were seen. One whose end may
 *    have been forgotten is in doubt until the venue's next report.
 * 3. `flows` is what fills did to the balances since `agreed`, the venue's last word that left no difference.
 */
export interface AccountBooks {
  readonly accountId: AccountId;
  readonly positions: Readonly<Record<string, PositionBook>>;
  readonly orders: Readonly<Record<OrderId, OrderInBooks>>;
  readonly ended: readonly OrderId[];
  /** When the last order ended, milliseconds since 1970. Absent before the first end. */
  readonly lastEndMs?: number;
  /** Oldest first. */
  readonly trades: readonly RememberedTrade[];
  /** Trades up to this time may be forgotten. Milliseconds since 1970. */
  readonly forgottenMs: number;
  readonly agreed?: AgreedBalances;
  readonly flows: Readonly<Record<Currency, DecimalString>>;
  /** Differences that stand, by signature. */
  readonly suspects: Readonly<Record<string, Suspect>>;
  /** When the last report compared was asked for, milliseconds since 1970. */
  readonly comparedMs?: number;
}

/**
 * `venueSymbol|tradeId|side|at`: the trade's key and the venue's time of it, milliseconds since 1970. One text: books are read and
 * written at every fill, and a list of pairs costs twice as much.
 */
export type RememberedTrade = string;

export interface AgreedBalances {
  readonly atMs: number;
  readonly totals: Readonly<Record<Currency, DecimalString>>;
}

/** A difference as first seen; `reported` once it was called a drift. */
export interface Suspect {
  readonly sinceMs: number;
  readonly reported: boolean;
}

export interface OrderInBooks {
  readonly pair: Pair;
  readonly filled: DecimalString;
  /** Absent until the venue's acknowledgement is seen. */
  readonly placed?: PlacedOrder;
  /** The agreement of balances that stood when the acknowledgement came: whoever agreed did not know of this order. */
  readonly agreedMs?: number;
  /** What the end of the order says was filled. */
  readonly endedAt?: DecimalString;
  /** Acknowledged so late that its end may have been forgotten. Says nothing any more once a fill or an end came. */
  readonly doubtful?: true;
}

export interface PlacedOrder {
  readonly clientOrderId: ClientOrderId;
  readonly venueOrderId: VenueOrderId;
  readonly side: Side;
  readonly quantity: DecimalString;
  readonly atMs: number;
}

export interface Booked {
  readonly books: AccountBooks;
  readonly changes: readonly PositionChange[];
}

export const newBooks = (accountId: AccountId, nowMs: number): AccountBooks => ({
  accountId,
  positions: {},
  orders: {},
  ended: [],
  trades: [],
  forgottenMs: nowMs,
  flows: {},
  suspects: {},
});

/** A venue's trade id means something within its symbol only, and two orders of one account that meet share it: one buys, one sells. */
export const tradeKey = (venueSymbol: string, tradeId: string, side: Side): string =>
  `${venueSymbol}|${tradeId}|${side}`;

/** Whether the books took this trade, as far back as they remember. */
export const knowsTrade = ({ trades }: AccountBooks, key: string): boolean =>
  trades.some((trade) => trade.startsWith(key) && trade.lastIndexOf('|') === key.length);

export const rememberedTrade = (key: string, atMs: number): RememberedTrade => `${key}|${atMs}`;
export const keyOfTrade = (trade: RememberedTrade): string => trade.slice(0, trade.lastIndexOf('|'));
export const timeOfTrade = (trade: RememberedTrade): number => Number(trade.slice(trade.lastIndexOf('|') + 1));

/** The venue acknowledged an order. */
export const bookPlaced = (books: AccountBooks, orderId: OrderId, pair: Pair, placed: PlacedOrder): AccountBooks => {
  const known = books.orders[orderId];
  if (books.ended.includes(orderId) || known?.placed !== undefined) return books;
  const acknowledged = { placed, ...(books.agreed === undefined ? {} : { agreedMs: books.agreed.atMs }) };
  if (known === undefined && mayHaveEnded(books, placed))
    return {
      ...books,
      orders: withDoubt(books.orders, orderId, { pair, filled: '0', ...acknowledged, doubtful: true }),
    };
  return { ...books, orders: { ...books.orders, [orderId]: { ...(known ?? { pair, filled: '0' }), ...acknowledged } } };
};

/** Ends were forgotten, and one of them may have come after this acknowledgement: the two are different topics. */
const mayHaveEnded = ({ ended, lastEndMs = 0 }: AccountBooks, { atMs }: PlacedOrder): boolean =>
  ended.length >= ENDED_KEPT && atMs <= lastEndMs + CLOCK_SKEW_MS;

/** A fill: into the position, the order and the balances. The same trade again changes nothing. */
export const bookFill = (books: AccountBooks, pair: Pair, fill: Fill, terms: PairTerms | undefined): Booked => {
  const key = tradeKey(terms?.venueSymbol ?? pair, fill.tradeId, fill.side);
  if (knowsTrade(books, key)) return { books, changes: [] };
  const folded = foldFill(books.positions[pair] ?? EMPTY_BOOK, fill, terms ?? termsByName(pair));
  const booked: AccountBooks = {
    ...withFlows(remember(books, key, Date.parse(fill.at)), fill, terms),
    positions: withPosition(books.positions, pair, folded.book),
    orders: withFilled(books, pair, fill),
  };
  return {
    books: settleOrder(booked, fill.orderId, fill.at, fill.working ? undefined : 'complete'),
    changes: folded.change === undefined ? [] : [folded.change],
  };
};

/** Without the venue's terms the pair's own name is all there is; the smallest order is not known. */
const termsByName = (pair: Pair): PairTerms => ({
  venueSymbol: pair,
  base: baseOf(pair),
  quote: quoteOf(pair),
  smallest: '0',
});

/** An order ended (failed, rejected, cancelled, expired) with `cumulative` filled in all. */
export const bookEnd = (
  books: AccountBooks,
  end: { readonly orderId: OrderId; readonly pair: Pair; readonly cumulative: DecimalString; readonly at: string },
  terms: PairTerms | undefined,
): Booked => {
  const { orderId, pair, cumulative, at } = end;
  if (books.ended.includes(orderId)) return { books, changes: [] };
  const order = { ...(books.orders[orderId] ?? { pair, filled: '0' }), endedAt: cumulative };
  const settled = settleOrder({ ...books, orders: { ...books.orders, [orderId]: order } }, orderId, at);
  const position = settled.positions[pair];
  if (settled.orders[orderId] !== undefined || position === undefined || terms === undefined)
    return { books: settled, changes: [] };
  const folded = settleBook(position, terms, at);
  return {
    books: { ...settled, positions: withPosition(settled.positions, pair, folded.book) },
    changes: folded.change === undefined ? [] : [folded.change],
  };
};

const remember = (books: AccountBooks, key: string, atMs: number): AccountBooks => {
  const [oldest] = books.trades;
  const trade = rememberedTrade(key, atMs);
  if (books.trades.length < TRADES_KEPT || oldest === undefined) return { ...books, trades: [...books.trades, trade] };
  return {
    ...books,
    trades: [...books.trades.slice(1), trade],
    forgottenMs: Math.max(books.forgottenMs, timeOfTrade(oldest)),
  };
};

/** A flat book is forgotten: a document holds what is, not what was. */
const withPosition = (
  positions: AccountBooks['positions'],
  pair: Pair,
  book: PositionBook,
): AccountBooks['positions'] =>
  book.quantity === '0' && book.turn === undefined && book.outside === undefined
    ? without(positions, pair)
    : { ...positions, [pair]: book };

const without = <Value>(record: Readonly<Record<string, Value>>, key: string): Readonly<Record<string, Value>> =>
  key in record ? Object.fromEntries(Object.entries(record).filter(([name]) => name !== key)) : record;

const withFilled = (books: AccountBooks, pair: Pair, { orderId, quantity }: Fill): AccountBooks['orders'] => {
  if (books.ended.includes(orderId)) return books.orders;
  const order = books.orders[orderId] ?? { pair, filled: '0' };
  return { ...books.orders, [orderId]: { ...order, filled: plain(decimal(order.filled).plus(decimal(quantity))) } };
};

/** Takes an order out once its end is known and its fills are in. `complete`: this fill says that it is filled. */
const settleOrder = (books: AccountBooks, orderId: OrderId, at: string, fill?: 'complete'): AccountBooks => {
  const order = books.orders[orderId];
  if (order === undefined) return books;
  const done =
    fill === 'complete' || (order.endedAt !== undefined && decimal(order.filled).gte(decimal(order.endedAt)));
  if (!done) return books;
  const ended = [...books.ended.slice(books.ended.length >= ENDED_KEPT ? 1 : 0), orderId];
  const lastEndMs = Math.max(books.lastEndMs ?? 0, Date.parse(at));
  return { ...books, orders: without(books.orders, orderId), ended, lastEndMs };
};

/**
 * What the fill did to the balances since they were last agreed. A fill of an order that was known to rest then came after, for its fills
 * were compared; any other is told by its time. So close to the agreement that clocks could deceive, or without the venue's terms, nobody can
 * tell: the balances are agreed anew by the next report, and nothing is guessed.
 */
const withFlows = (books: AccountBooks, fill: Fill, terms: PairTerms | undefined): AccountBooks => {
  const { agreed } = books;
  if (agreed === undefined) return books;
  const afterMs = Date.parse(fill.at) - agreed.atMs;
  const { placed, agreedMs } = books.orders[fill.orderId] ?? {};
  const rested = placed !== undefined && agreedMs !== agreed.atMs && placed.atMs < agreed.atMs - CLOCK_SKEW_MS;
  if (terms === undefined || (!rested && Math.abs(afterMs) <= CLOCK_SKEW_MS)) return withoutAgreement(books);
  return rested || afterMs > 0 ? { ...books, flows: flowsWith(books.flows, fill, terms) } : books;
};

const withoutAgreement = ({ agreed, ...books }: AccountBooks): AccountBooks =>
  agreed === undefined ? books : { ...books, flows: {} };

const flowsWith = (before: AccountBooks['flows'], fill: Fill, terms: PairTerms): AccountBooks['flows'] => {
  const quantity = decimal(fill.quantity);
  const value = quantity.times(decimal(fill.price));
  const [base, quote] = fill.side === 'buy' ? [quantity, ZERO.minus(value)] : [ZERO.minus(quantity), value];
  const flows: Record<Currency, DecimalString> = { ...before };
  const add = (currency: Currency, amount: Decimal): void => {
    flows[currency] = plain(decimal(flows[currency] ?? '0').plus(amount));
  };
  add(terms.base, base);
  add(terms.quote, quote);
  if (fill.fee.amount !== '0') add(fill.fee.currency, ZERO.minus(decimal(fill.fee.amount)));
  return flows;
};
