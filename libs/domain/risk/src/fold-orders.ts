import { decimal, plain, ZERO, type Decimal } from '@switchyard/money';
import { baseOf, quoteOf, type Currency, type ParentOrderId } from '@switchyard/model';
import type { Environment, OrderCompleted, OrderFilled } from './commands.js';
import { finishedParent, isOfParent, seenOf } from './finished-parents.js';
import { accountOf, amountOf, withAccount } from './funds.js';
import { withPosition } from './positions.js';
import { Prices } from './prices.js';
import { flowOf, hasTraded, NO_PROFIT } from './profit.js';
import { entryOf, withEntry } from './record.js';
import { released, used } from './reservations.js';
import { wasSeen, withSeen } from './seen-fills.js';
import type { AccountBook, OpenParent, RiskState, SeenFills } from './state.js';
import { withTraded } from './trading-day.js';

/**
 * What a fill does to the books: money and base change hands, the fee leaves the currency it was charged in, the reservation shrinks by what
 * was used, the position changes. A fee charged in base is not held. A repeated fill changes nothing.
 */
export const orderFilled = (state: RiskState, fill: OrderFilled, environment: Environment): RiskState => {
  const parent = openParent(state, fill.parentOrderId);
  const past = parent === undefined ? state.finished.find((one) => isOfParent(one, fill.parentOrderId)) : undefined;
  const seen = parent?.seen ?? (past === undefined ? {} : seenOf(past));
  if (wasSeen(seen, fill)) return state;

  const effect = effectOf(fill, quoteCurrency(parent, fill, environment));
  const account = accountOf(state, fill.accountId);
  const prices = new Prices(environment.market, environment.now.getTime());
  const booked = {
    ...foldedAccount(account, fill, effect),
    ...tradeOf(account, fill, effect, prices, environment.now),
  };
  const folded = withAccount(state, fill.accountId, booked);
  const nowSeen = withSeen(seen, fill);
  if (parent === undefined) return remember(folded, fill.parentOrderId, nowSeen, environment);

  const cap = entryOf(parent.caps, fill.accountId);
  const caps = cap === undefined ? parent.caps : withEntry(parent.caps, fill.accountId, used(cap, effect.used));
  const filled = plain(decimal(parent.filled).plus(decimal(fill.quantity)));
  return settle(folded, { ...parent, caps, filled, seen: nowSeen, activeMs: environment.now.getTime() }, environment);
};

/** The end of a parent: what it did not use is free again, but for fills that are still to be seen. Unknown and finished parents are no news. */
export const orderCompleted = (state: RiskState, event: OrderCompleted, environment: Environment): RiskState => {
  const parent = openParent(state, event.parentOrderId);
  if (parent === undefined || parent.completed !== undefined) return state;
  const completed = { filledQuantity: event.filledQuantity, at: event.completedAt };
  return settle(state, { ...parent, completed }, environment);
};

const openParent = (state: RiskState, id: ParentOrderId): OpenParent | undefined =>
  state.parents.find(({ parentOrderId }) => parentOrderId === id);

/** Stores a parent, or lets it go once it is completed and every fill is seen. */
const settle = (state: RiskState, parent: OpenParent, environment: Environment): RiskState => {
  const { completed, parentOrderId: id } = parent;
  const kept = (one: OpenParent): RiskState => ({
    ...state,
    parents: state.parents.map((other) => (other.parentOrderId === id ? one : other)),
  });
  if (completed === undefined) return kept(parent);
  if (decimal(parent.filled).lt(decimal(completed.filledQuantity))) return kept(released(parent));
  const parents = state.parents.filter(({ parentOrderId }) => parentOrderId !== id);
  let over = remember({ ...state, parents }, id, parent.seen, environment);
  for (const accountId of Object.keys(parent.caps)) {
    over = withAccount(over, accountId, changedAt(accountOf(over, accountId), completed.at));
  }
  return over;
};

/** What a fill moves, in base and in quote currency, and how much of its reservation that uses. */
interface Effect {
  readonly base: Decimal;
  readonly quote: Decimal;
  readonly quoteCurrency: Currency;
  readonly position: Decimal;
  readonly used: Decimal;
}

const effectOf = (fill: OrderFilled, quoteCurrency: Currency): Effect => {
  const quantity = decimal(fill.quantity);
  const worth = quantity.times(decimal(fill.price));
  const fee = decimal(fill.fee.amount);
  const inBase = fill.fee.currency === baseOf(fill.pair) ? fee : ZERO;
  const inQuote = fill.fee.currency === quoteCurrency ? fee : ZERO;
  const position = fill.side === 'buy' ? quantity.minus(inBase) : ZERO.minus(quantity).minus(inBase);
  return {
    base: position,
    quote: fill.side === 'buy' ? ZERO.minus(worth).minus(inQuote) : worth.minus(inQuote),
    quoteCurrency,
    position,
    used: fill.side === 'buy' ? worth.plus(inQuote) : quantity.plus(inBase),
  };
};

const foldedAccount = (account: AccountBook, fill: OrderFilled, effect: Effect): AccountBook => {
  const moved = changedAt(withPosition(account, fill.pair, effect.position), fill.filledAt);
  if (moved.book === undefined) return moved;
  const { currency, amount } = fill.fee;
  const { quoteCurrency } = effect;
  const base = baseOf(fill.pair);
  const after = (of: Currency, change: Decimal): string => plain(amountOf(moved.book ?? {}, of).plus(change));
  const book = { ...moved.book, [base]: after(base, effect.base), [quoteCurrency]: after(quoteCurrency, effect.quote) };
  if (currency === base || currency === quoteCurrency) return { ...moved, book };
  return { ...moved, book: { ...book, [currency]: after(currency, ZERO.minus(decimal(amount))) } };
};

/** What the fill adds to the profit of its account, and to what was traded on its day. */
const tradeOf = (
  account: AccountBook,
  fill: OrderFilled,
  effect: Effect,
  prices: Prices,
  now: Date,
): Pick<AccountBook, 'flows' | 'day' | 'profit'> => {
  const quote = quoteOf(fill.pair);
  const rate = prices.dollarsPer(quote);
  const [quantity, price] = [decimal(fill.quantity), decimal(fill.price)];
  const flow = flowOf(account, fill, { quantity, price, fee: feeInQuote(fill, effect, prices) });
  const flows = { ...account.flows, [quote]: plain(amountOf(account.flows ?? {}, quote).plus(flow)) };
  const worth = quantity.times(price);
  const day = withTraded(account, rate === undefined ? worth : worth.times(rate), now);
  return hasTraded(account) ? { flows, day } : { flows, day, profit: NO_PROFIT };
};

/** A fee in base is no longer held, so it is in the position already; one in a third currency counts at its price, where that is known. */
const feeInQuote = ({ pair, fee }: OrderFilled, { quoteCurrency }: Effect, prices: Prices): Decimal => {
  if (fee.currency === baseOf(pair)) return ZERO;
  if (fee.currency === quoteCurrency || fee.currency === quoteOf(pair)) return decimal(fee.amount);
  const [of, per] = [prices.dollarsPer(fee.currency), prices.dollarsPer(quoteOf(pair))];
  return of === undefined || per === undefined || per.eq(ZERO)
    ? ZERO
    : decimal(fee.amount).times(of).div(per).round(12, 3);
};

const changedAt = (account: AccountBook, at: string): AccountBook =>
  account.lastChangeAt !== undefined && account.lastChangeAt >= at ? account : { ...account, lastChangeAt: at };

/** What the account pays or is paid in: fixed by the approval; for a parent long forgotten, what the venue lists. */
const quoteCurrency = (parent: OpenParent | undefined, fill: OrderFilled, { market }: Environment): Currency =>
  (parent === undefined ? undefined : entryOf(parent.caps, fill.accountId)?.quote) ??
  market.quote(fill.venue, fill.pair)?.instrument.quote ??
  quoteOf(fill.pair);

const remember = (
  state: RiskState,
  parentOrderId: ParentOrderId,
  seen: SeenFills,
  { settings }: Environment,
): RiskState => {
  const others = state.finished.filter((one) => !isOfParent(one, parentOrderId));
  const finished = [...others, finishedParent(parentOrderId, seen)];
  return { ...state, finished: finished.slice(-settings.rememberedParents) };
};
