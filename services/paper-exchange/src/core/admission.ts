import { decimal, type Decimal } from '@switchyard/money';
import { oppositeOf, type Book } from './book.js';
import type { Instrument } from './instrument.js';
import { crosses, planTakes, type TakePlan } from './matching.js';
import { checkRules } from './order-rules.js';
import type { OrderRequest } from './order.js';
import { refusal, type Refusal } from './refusal.js';
import type { VenueState } from './venue-state.js';

/** What becomes of an order on arrival: what it takes at once, and what it holds back of which asset. Pure. */
export interface Admission {
  readonly plan: TakePlan;
  readonly lockedAsset: string;
  readonly locked: Decimal;
}

const ZERO = decimal('0');
const NOTHING: TakePlan = { takes: [], quantity: ZERO, cost: ZERO };
const MAX_OPEN_ORDERS = 200;

/** Takes the order as it stands, or says why not. Judges in Binance's order: the pair's rules, the client id, the book, the money. */
export const admit = (
  request: OrderRequest,
  instrument: Instrument,
  book: Book,
  state: VenueState,
): Admission | Refusal => {
  const { accountKey, clientOrderId, side, symbol } = request;
  const broken = checkRules(request, instrument, middleOf(book));
  if (broken !== undefined) return broken;
  if (state.hasOpen(accountKey, clientOrderId)) return refusal('DUPLICATE_CLIENT_ORDER_ID', { clientOrderId });
  if (state.openCount(accountKey, symbol) >= MAX_OPEN_ORDERS) return refusal('TOO_MANY_OPEN_ORDERS');
  const best = oppositeOf(book, side)[0];
  if (request.postOnly && best !== undefined && crosses(side, decimal(request.limitPrice ?? '0'), best.price)) {
    return refusal('WOULD_TAKE', { best: best.price.toFixed() });
  }
  const plan = planOf(request, instrument, book);
  const { lockedAsset, locked } = holdOf(request, instrument, plan);
  const free = state.account(accountKey)?.balance(lockedAsset).free ?? ZERO;
  return free.lt(locked)
    ? refusal('INSUFFICIENT_BALANCE', { asset: lockedAsset, free: free.toFixed(), needed: locked.toFixed() })
    : { plan, lockedAsset, locked };
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

/** A limit order holds back its whole size at its limit, a market order what it takes. */
const holdOf = (request: OrderRequest, { base, quote }: Instrument, plan: TakePlan): Omit<Admission, 'plan'> => {
  const limit = request.limitPrice === undefined ? undefined : decimal(request.limitPrice);
  const quantity = request.quantity === undefined ? plan.quantity : decimal(request.quantity);
  return request.side === 'sell'
    ? { lockedAsset: base, locked: limit === undefined ? plan.quantity : quantity }
    : { lockedAsset: quote, locked: limit === undefined ? plan.cost : limit.times(quantity) };
};
