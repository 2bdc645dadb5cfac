import type { Refusal } from '@switchyard/model';
import { refuse } from '@switchyard/model';
import { decimal, plain, ZERO, type Decimal } from '@switchyard/money';
import type { FillSeen, OrderFact } from '@switchyard/order-domain';
import type { RoutedOrder } from '../tasks/task.js';
import type { LiveBook } from './board.js';
import type { DepthTaken } from './depth-taken.js';
import { match, type Trade } from './match.js';
import { feeOf, heldBy, type FeeCurrency, type Wallets } from './wallet.js';

export interface Market {
  readonly wallets: Wallets;
  readonly depth: DepthTaken;
  readonly feeCurrency: FeeCurrency;
}

/** The simulated venue's own ids, functions of the order. */
export const simulatedOrderId = (orderId: string): string => `sim-${orderId}`;
const tradeIdOf = (orderId: string, number: number): string => `sim-${orderId}-${number}`;

/** Takes an order as a venue would: refuses it, or trades it against the book and lets the rest rest or expire. Moves the balances. */
export const fillOrder = (
  routed: RoutedOrder,
  book: LiveBook | undefined,
  market: Market,
  at: string,
): readonly OrderFact[] => {
  if (book === undefined) return refused(refuse('PRICE_UNKNOWN', { pair: routed.pair }), at);
  const quantity = decimal(routed.quantity);
  const limit = routed.limitPrice === undefined ? undefined : decimal(routed.limitPrice);
  const { side, accountId } = routed;
  const matched = match(
    routed,
    { side, quantity, limit },
    book,
    market.depth.of(accountId, book.pair, side, book.hash),
  );
  if (matched.kind === 'refused') return refused(matched.refusal, at);
  const { trades, rest } = matched;
  const open = rest === 'rests' ? quantity.minus(sumOf(trades)) : ZERO;
  const short = shortOf(routed, trades, open, limit, book, market);
  if (short) return refused(short, at);

  const venueOrderId = simulatedOrderId(routed.orderId);
  const fills = trades.map((trade, index) => settle(routed, trade, index + 1, 'taker', book, market, at));
  if (trades.length > 0) market.depth.add(accountId, book.pair, side, book.hash, sumOf(trades));
  if (rest === 'rests' && limit !== undefined) {
    const held = heldBy(side, open, limit, book);
    market.wallets.lock(accountId, held.currency, held.amount);
  }
  const accepted: OrderFact = { kind: 'accepted', venueOrderId, at };
  const reason =
    routed.orderType === 'market' ? 'the book held no more' : `the rest of ${routed.timeInForce} did not trade at once`;
  return rest === 'expires'
    ? [accepted, ...fills, { kind: 'expired', venueOrderId, reason, at }]
    : [accepted, ...fills];
};

/** Books one trade: what is paid, what is received, and the fee. */
export const settle = (
  { orderId, accountId, side }: RoutedOrder,
  trade: Trade,
  number: number,
  liquidity: 'maker' | 'taker',
  book: LiveBook,
  { wallets, feeCurrency }: Market,
  at: string,
): FillSeen => {
  const { base, quote } = book.instrument;
  const notional = trade.quantity.times(trade.price);
  const fee = feeOf(side, trade, liquidity === 'maker' ? book.maker : book.taker, book, feeCurrency);
  wallets.add(accountId, base, side === 'buy' ? trade.quantity : trade.quantity.times('-1'));
  wallets.add(accountId, quote, side === 'buy' ? notional.times('-1') : notional);
  wallets.add(accountId, fee.currency, fee.amount.times('-1'));
  return {
    kind: 'fillSeen',
    venueOrderId: simulatedOrderId(orderId),
    tradeId: tradeIdOf(orderId, number),
    quantity: plain(trade.quantity),
    price: plain(trade.price),
    fee: { amount: plain(fee.amount), currency: fee.currency },
    liquidity,
    at,
  };
};

const sumOf = (trades: readonly Trade[]): Decimal => trades.reduce((sum, { quantity }) => sum.plus(quantity), ZERO);

/** A venue takes no order that the account could not pay for. */
const shortOf = (
  { side, accountId }: RoutedOrder,
  trades: readonly Trade[],
  open: Decimal,
  limit: Decimal | undefined,
  book: LiveBook,
  { wallets, feeCurrency }: Market,
): Refusal | undefined => {
  const { base, quote } = book.instrument;
  const currency = side === 'buy' ? quote : base;
  let needed = side === 'buy' ? ZERO : sumOf(trades);
  for (const trade of trades) {
    if (side !== 'buy') break;
    needed = needed.plus(trade.quantity.times(trade.price));
    const fee = feeOf(side, trade, book.taker, book, feeCurrency);
    if (fee.currency === quote) needed = needed.plus(fee.amount);
  }
  if (open.gt(ZERO) && limit !== undefined) {
    needed = needed.plus(heldBy(side, open, limit, book).amount);
    const fee = feeOf(side, { quantity: open, price: limit }, book.maker, book, feeCurrency);
    if (side === 'buy' && fee.currency === quote) needed = needed.plus(fee.amount);
  }
  const free = wallets.freeOf(accountId, currency);
  return needed.gt(free)
    ? refuse('INSUFFICIENT_FUNDS', { accountId, currency, needed: plain(needed), free: plain(free) })
    : undefined;
};

const refused = (refusal: Refusal, at: string): readonly OrderFact[] => [{ kind: 'refused', refusal, at }];
