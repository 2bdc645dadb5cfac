import { decimal, type Decimal } from '@switchyard/money';
import { oppositeOf, type Book } from './book.js';
import { payingOf } from './charge.js';
import type { Instrument } from './instrument.js';
import { crosses, planTakes, type TakePlan } from './matching.js';
import { checkRules } from './order-rules.js';
import type { Order, OrderRequest } from './order.js';
import { refusal, type Refusal } from './refusal.js';
import type { VenueRules } from './rules.js';
import type { VenueState } from './venue-state.js';

/** What becomes of an order on arrival: what it takes at once, and what it holds back of which asset. Pure. */
export interface Admission {
  readonly plan: TakePlan;
  readonly lockedAsset: string;
  readonly locked: Decimal;
  /** What of it, as a fraction of the rest, is for fees. */
  readonly feeHeld: Decimal;
  /** A post-only order that would take, at a venue that accepts it all the same: it is over at once. */
  readonly lapses?: true;
}

const ZERO = decimal('0');
const NOTHING: TakePlan = { takes: [], quantity: ZERO, cost: ZERO };

/** Takes the order as it stands, or says why not. Judges in Binance's order: the pair's rules, the client id, the book, the money. */
export const admit = (
  request: OrderRequest,
  instrument: Instrument,
  book: Book,
  { state, rules }: { readonly state: VenueState; readonly rules: VenueRules },
): Admission | Refusal => {
  const { accountKey, clientOrderId, symbol } = request;
  const broken = checkRules(request, instrument, middleOf(book));
  if (broken !== undefined) return broken;
  const taken =
    rules.clientIds === 'forever'
      ? state.ordersByClientId(accountKey, clientOrderId).length > 0
      : state.hasOpen(accountKey, clientOrderId);
  if (taken) return refusal('DUPLICATE_CLIENT_ORDER_ID', { clientOrderId });
  if (state.openCount(accountKey, symbol) >= rules.maxOpenOrders) return refusal('TOO_MANY_OPEN_ORDERS');
  const taking = wouldTake(request, book);
  if (taking !== undefined && rules.takingPostOnly !== 'expires') return taking;
  const admission = holdOf(request, instrument, planOf(request, instrument, book), rules);
  return (
    lacking(request, admission.lockedAsset, admission.locked, state) ??
    (taking === undefined ? admission : { ...admission, lapses: true })
  );
};

/**
 * Another price or quantity for an open order: what it takes at once with them, and what it then holds back. `request` is the order as it
 * shall be, `executed` what is filled already.
 */
export const readmit = (
  order: Order,
  request: OrderRequest,
  instrument: Instrument,
  book: Book,
  { state, rules }: { readonly state: VenueState; readonly rules: VenueRules },
): Admission | Refusal => {
  const refused = checkRules(request, instrument, middleOf(book)) ?? wouldTake(request, book);
  if (refused !== undefined) return refused;
  const left = {
    ...request,
    quantity: decimal(request.quantity ?? order.quantity)
      .minus(order.executed)
      .toFixed(),
  };
  const admission = holdOf(left, instrument, planOf(left, instrument, book), rules);
  return lacking(request, admission.lockedAsset, admission.locked.minus(order.locked), state) ?? admission;
};

const wouldTake = ({ postOnly, side, limitPrice = '0' }: OrderRequest, book: Book): Refusal | undefined => {
  const best = oppositeOf(book, side)[0];
  if (!postOnly || best === undefined || !crosses(side, decimal(limitPrice), best.price)) return undefined;
  return refusal('WOULD_TAKE', { best: best.price.toFixed() });
};

const lacking = (
  { accountKey }: OrderRequest,
  asset: string,
  needed: Decimal,
  state: VenueState,
): Refusal | undefined => {
  const free = state.account(accountKey)?.balance(asset).free ?? ZERO;
  if (free.gte(needed)) return undefined;
  return refusal('INSUFFICIENT_BALANCE', { asset, free: free.toFixed(), needed: needed.toFixed() });
};

const middleOf = (book: Book): Decimal | undefined => {
  const bid = book.bids[0]?.price;
  const ask = book.asks[0]?.price;
  return bid !== undefined && ask !== undefined ? bid.plus(ask).div('2') : (bid ?? ask);
};

const planOf = (request: OrderRequest, { lot }: Instrument, book: Book): TakePlan => {
  if (request.postOnly) return NOTHING;
  const plan = planTakes(oppositeOf(book, request.side), {
    side: request.side,
    lot,
    ...(request.quantity === undefined ? {} : { quantity: decimal(request.quantity) }),
    ...(request.quoteQuantity === undefined ? {} : { quoteBudget: decimal(request.quoteQuantity) }),
    ...(request.limitPrice === undefined ? {} : { limit: decimal(request.limitPrice) }),
  });
  const whole = request.quantity !== undefined && plan.quantity.eq(decimal(request.quantity));
  return request.timeInForce === 'fok' && !whole ? NOTHING : plan;
};

/** A limit order holds back its whole size at its limit, a market order what it takes; and the fee, where that comes out of the same. */
const holdOf = (request: OrderRequest, instrument: Instrument, plan: TakePlan, rules: VenueRules): Admission => {
  const limit = request.limitPrice === undefined ? undefined : decimal(request.limitPrice);
  const quantity = limit === undefined || request.quantity === undefined ? plan.quantity : decimal(request.quantity);
  const paid = request.side === 'sell' ? quantity : limit === undefined ? plan.cost : limit.times(quantity);
  const { asset, feeHeld } = payingOf(request, instrument, rules);
  return { plan, lockedAsset: asset, locked: paid.plus(paid.times(feeHeld)), feeHeld };
};
