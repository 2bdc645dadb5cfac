import { decimal, plain, ZERO, type Decimal } from '@switchyard/money';
import type { Currency } from '@switchyard/model';
import type { Fill, Folded, Opening, PairTerms, PositionBook, Turn } from './position-book.js';

/** How long a sell may wait for the buy that it sold, by the venue's clock. */
export const EARLY_SELL_GRACE_MS = 60_000;

/** Places that a divided cost keeps; the rest stays with the other part, so that nothing is lost. */
const COST_PLACES = 18;
const HALF_UP = 1;

/** Takes one fill into the books. The caller drops fills that are known already. */
export const foldFill = (before: PositionBook, fill: Fill, terms: PairTerms): Folded => {
  const book = withoutOutside(before, fill.at);
  const amount = decimal(fill.quantity);
  const value = amount.times(decimal(fill.price));
  const fee = decimal(fill.fee.amount);
  const inBase = fill.fee.currency === terms.base ? fee : ZERO;
  const inQuote = fill.fee.currency === terms.quote ? fee : ZERO;
  const buy = fill.side === 'buy';
  const delta = buy ? amount.minus(inBase) : ZERO.minus(amount.plus(inBase));
  const cash = buy ? ZERO.minus(value.plus(inQuote)) : value.minus(inQuote);
  const moved = move(book, delta, cash);
  const turn = withVolume(book.turn ?? newTurn(book), fill, amount, value, fee);
  const negative = decimal(moved.quantity).lt(ZERO);
  const next: PositionBook = {
    ...moved,
    ...(negative ? { negativeSince: book.negativeSince ?? fill.at } : {}),
    ...(book.outside === undefined ? {} : { outside: book.outside }),
    turn,
  };
  return announce(next, terms, fill.at, fill.working, {
    orderId: fill.orderId,
    tradeId: fill.tradeId,
    parentOrderId: fill.parentOrderId,
    signalId: fill.signalId,
    at: fill.at,
  });
};

/** Looks at the books again when an order ended without a last fill: what it left below the smallest order is dust now. */
export const settleBook = (before: PositionBook, terms: PairTerms, at: string): Folded =>
  announce(withoutOutside(before, at), terms, at, false, undefined);

/** Changes the quantity, and moves cost into result for what is closed by it. Signed: a sell before its buy is the mirror of a buy. */
const move = (
  book: PositionBook,
  delta: Decimal,
  cash: Decimal,
): Pick<PositionBook, 'quantity' | 'cost' | 'realized'> => {
  const quantity = decimal(book.quantity);
  const cost = decimal(book.cost);
  const after = quantity.plus(delta);
  if (quantity.s === delta.s || quantity.eq(ZERO) || delta.eq(ZERO))
    return { quantity: plain(after), cost: plain(cost.minus(cash)), realized: book.realized };
  const wholly = delta.abs().gte(quantity.abs());
  const costOut = wholly ? cost : share(cost, delta, quantity);
  const cashOut = wholly ? share(cash, quantity, delta) : cash;
  return {
    quantity: plain(after),
    cost: plain(cost.minus(costOut).minus(cash.minus(cashOut))),
    realized: plain(decimal(book.realized).plus(cashOut).minus(costOut)),
  };
};

const share = (amount: Decimal, part: Decimal, whole: Decimal): Decimal =>
  part.abs().eq(whole.abs()) ? amount : amount.times(part.abs()).div(whole.abs()).round(COST_PLACES, HALF_UP);

const withoutOutside = (book: PositionBook, at: string): PositionBook => {
  const { negativeSince, outside } = book;
  if (negativeSince === undefined || Date.parse(at) - Date.parse(negativeSince) <= EARLY_SELL_GRACE_MS) return book;
  return {
    quantity: '0',
    cost: '0',
    realized: book.realized,
    outside: {
      quantity: plain(decimal(outside?.quantity ?? '0').minus(decimal(book.quantity))),
      proceeds: plain(decimal(outside?.proceeds ?? '0').minus(decimal(book.cost))),
    },
    ...(book.turn?.opened === undefined ? {} : { turn: book.turn }),
  };
};

const newTurn = ({ realized }: PositionBook): Turn => ({
  bought: '0',
  boughtValue: '0',
  sold: '0',
  soldValue: '0',
  fees: {},
  realizedBefore: realized,
});

const withVolume = (turn: Turn, fill: Fill, amount: Decimal, value: Decimal, fee: Decimal): Turn => ({
  ...turn,
  ...(fill.side === 'buy'
    ? { bought: plain(decimal(turn.bought).plus(amount)), boughtValue: plain(decimal(turn.boughtValue).plus(value)) }
    : { sold: plain(decimal(turn.sold).plus(amount)), soldValue: plain(decimal(turn.soldValue).plus(value)) }),
  fees: fee.eq(ZERO) ? turn.fees : withFee(turn.fees, fill.fee.currency, fee),
});

const withFee = (fees: Turn['fees'], currency: Currency, fee: Decimal): Turn['fees'] => ({
  ...fees,
  [currency]: plain(decimal(fees[currency] ?? '0').plus(fee)),
});

const announce = (
  book: PositionBook,
  { smallest }: PairTerms,
  at: string,
  working: boolean,
  opening: Opening | undefined,
): Folded => {
  const { turn } = book;
  if (turn === undefined) return { book };
  const held = decimal(book.quantity);
  const tradable = held.gt(ZERO) && held.gte(decimal(smallest));
  if (turn.opened === undefined) {
    if (!tradable || opening === undefined || turn.bought === '0')
      return held.eq(ZERO) ? { book: flat(book) } : { book };
    return {
      book: { ...book, turn: { ...turn, opened: opening } },
      change: {
        kind: 'opened',
        opening,
        quantity: book.quantity,
        averageEntryPrice: averageOf(turn.boughtValue, turn.bought),
        bought: turn.bought,
        boughtValue: turn.boughtValue,
        fees: turn.fees,
      },
    };
  }
  if (tradable || turn.sold === '0' || held.lt(ZERO) || (working && held.gt(ZERO))) return { book };
  return {
    book: flat(book),
    change: {
      kind: 'closed',
      opening: turn.opened,
      quantity: turn.bought,
      averageEntryPrice: averageOf(turn.boughtValue, turn.bought),
      averageExitPrice: averageOf(turn.soldValue, turn.sold),
      realizedPnl: plain(decimal(book.realized).minus(decimal(turn.realizedBefore))),
      fees: turn.fees,
      dust: book.quantity,
      closedAt: at,
    },
  };
};

const flat = ({ quantity, cost, realized, negativeSince, outside }: PositionBook): PositionBook => ({
  quantity,
  cost,
  realized,
  ...(negativeSince === undefined ? {} : { negativeSince }),
  ...(outside === undefined ? {} : { outside }),
});

const averageOf = (value: string, quantity: string): string =>
  quantity === '0' ? '0' : plain(decimal(value).div(decimal(quantity)).round(COST_PLACES, HALF_UP));
