import type { Algorithm, OrderType, SignalType, TimeInForce } from '@switchyard/model';
import type { DecimalString } from '@switchyard/money';
import { unitsDown } from './grid.js';
import type { Ground } from './ground.js';
import type { ApprovedOrder } from './inputs.js';
import type { Question } from './question.js';

/**
 * Where a limit price comes from: the signal's own, the touch (the best price of the other side, where it can trade now), or the touch
 * and a collar beyond it.
 */
export type PriceBasis = 'none' | 'own' | 'touch' | 'collar';

export interface MethodChoice {
  readonly method: 'market' | 'limit';
  readonly orderType: OrderType;
  readonly algorithm: Algorithm;
  readonly price: PriceBasis;
  /** The rule that matched, as part of a sentence: "because ...". */
  readonly because: string;
}

/**
 * How an order works; the first match wins: the signal's own wish; stop-loss and exit go market; above the value limit
 * TWAP; by confidence; else limit, at the entry price or the touch. Algorithms but `immediate` work as one limit order at the touch and a
 * collar until they are built; the decision says so.
 */
export const chooseMethod = ({ order, settings }: Question, ground: Ground): MethodChoice => {
  const wished = wishOf(order);
  if (wished !== undefined) return wished;
  if (order.signalType === 'stop_loss' || order.signalType === 'exit')
    return market('market', `${NAMES[order.signalType]} goes to the market`);
  if (isAbove(settings.twapAboveUsd, ground)) return standIn('twap', 'its value is above the limit for a single order');
  const { confidence } = order;
  if (confidence !== undefined) {
    const given = `the signal's confidence is ${confidence}`;
    if (confidence > 0.8 && liquidityOf(ground) > 0.7) return market('market', `${given} and the book is deep`);
    return confidence > 0.6 ? standIn('twap', given) : standIn('vwap', given);
  }
  return limitOf(order, 'limit', 'nothing asks for anything else');
};

/** Whether the order is worth more than so many dollars at the best touch; a currency that is no dollar is not compared. */
const isAbove = (usd: DecimalString, { best, quantity, touch, touchPlaces, lotPlaces }: Ground): boolean =>
  best?.market?.inDollars === true && quantity * touch > unitsDown(usd, touchPlaces + lotPlaces);

/**
 * 0..1: the share of the depth displayed by all sound venues that the order leaves untouched. Impact grows with the order's size relative to
 * the liquidity displayed (Bouchaud, Farmer, Lillo: How Markets Slowly Digest Changes in Supply and Demand, 2009).
 */
const liquidityOf = ({ depth, quantity }: Ground): number => (depth > quantity ? 1 - quantity / depth : 0);

const market = (orderType: 'market' | 'stop', because: string): MethodChoice => ({
  method: 'market',
  orderType,
  algorithm: 'immediate',
  price: 'none',
  because,
});

const WISH = 'the signal asks for it';
const WISHED = market('market', WISH);

const NAMES: Readonly<Record<SignalType, string>> = {
  entry: 'an entry',
  exit: 'an exit',
  profit_take: 'a profit take',
  stop_loss: 'a stop-loss',
};

const wishOf = (order: ApprovedOrder): MethodChoice | undefined => {
  const algorithm = order.execution?.algorithm;
  if (algorithm !== undefined && algorithm !== 'immediate') return standIn(algorithm, WISH, order);
  const type = order.orderType ?? impliedType(order) ?? (algorithm === 'immediate' ? 'market' : undefined);
  switch (type) {
    case undefined:
      return undefined;
    case 'market':
      return WISHED;
    case 'stop':
      return market('stop', WISH);
    case 'limit':
    case 'stop_limit':
      return limitOf(order, type, WISH);
  }
};

/** A price or post-only is a wish for the order type that needs it. */
const impliedType = ({ limitPrice, stopPrice, postOnly }: ApprovedOrder): OrderType | undefined => {
  if (stopPrice !== undefined) return limitPrice === undefined ? 'stop' : 'stop_limit';
  return limitPrice !== undefined || postOnly === true ? 'limit' : undefined;
};

const limitOf = (
  { limitPrice, entryPrice }: ApprovedOrder,
  orderType: 'limit' | 'stop_limit',
  because: string,
): MethodChoice => ({
  method: 'limit',
  orderType,
  algorithm: 'immediate',
  price: limitPrice === undefined && entryPrice === undefined ? 'touch' : 'own',
  because,
});

const standIn = (algorithm: Algorithm, because: string, order?: ApprovedOrder): MethodChoice => ({
  method: 'limit',
  orderType: 'limit',
  algorithm,
  price: order?.limitPrice === undefined ? 'collar' : 'own',
  because,
});

/** Where no book can be believed there is no touch: an exit that wanted it goes to the market, anything else waits. */
export const withoutBook = (choice: MethodChoice, order: ApprovedOrder): MethodChoice | undefined => {
  if (choice.price === 'none' || choice.price === 'own') return choice;
  return order.signalType === 'profit_take' || order.postOnly === true ? undefined : IN_THE_DARK;
};

const IN_THE_DARK = market('market', 'no book can be believed, and an exit does not wait');

/** What stands in for an algorithm leaves nothing resting that no algorithm watches, nor does a market order that a dark venue takes. */
export const timeInForceOf = (
  { timeInForce, postOnly, whole }: Question,
  { method, orderType, algorithm }: MethodChoice,
): TimeInForce => {
  if (orderType === 'market' || (method === 'market' && orderType === 'limit')) return whole ? 'fok' : 'ioc';
  return timeInForce ?? (algorithm !== 'immediate' && !postOnly ? 'ioc' : 'gtc');
};

/** 1 is the first of five: stop-loss 1, exit 2, entry 3, others 4. */
export const priorityOf = (type: SignalType): 1 | 2 | 3 | 4 => PRIORITIES[type];
const PRIORITIES = { stop_loss: 1, exit: 2, entry: 3, profit_take: 4 } as const;
