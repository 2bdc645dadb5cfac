import { decimal, plain, type Decimal } from '@switchyard/money';
import { isExit, refuse, type Signal } from '@switchyard/model';
import { referencePrice } from './protective-prices.js';
import type { Check } from './subject.js';

/**
 * The size that was asked for fits the user's order limit, as far as that can be said without balances; what is shown of it is no more than
 * all of it. Exits are cut to what may be sold, never refused for being large: a position must be closable.
 */
export const sizeWithinLimits: Check = ({ signal, limits, mid }) => {
  const quantity = wishedQuantity(signal, mid);
  const most = decimal(limits.maxOrderQuantity);
  const closes = isExit(signal.signalType) || signal.reduceOnly === true;
  if (quantity !== undefined && !closes && quantity.gt(most)) {
    return refuse('SIZE_OUT_OF_RANGE', {
      size: signal.size,
      quantity: plain(quantity),
      maxOrderQuantity: limits.maxOrderQuantity,
      recommended: { size: { base: limits.maxOrderQuantity } },
    });
  }
  const { displayQuantity } = signal;
  if (displayQuantity !== undefined && quantity !== undefined && decimal(displayQuantity).gt(quantity)) {
    return refuse('SIZE_OUT_OF_RANGE', { displayQuantity, quantity: plain(quantity) });
  }
  return undefined;
};

/** The base quantity that a size stands for, where that can be said without knowing a balance. */
const wishedQuantity = ({ size, ...signal }: Signal, mid: Decimal | undefined): Decimal | undefined => {
  if (size === undefined || 'balancePercent' in size) return undefined;
  if ('base' in size) return decimal(size.base);
  const price = referencePrice(signal, mid);
  return price?.gt(decimal('0')) === true ? decimal(size.quote).div(price) : undefined;
};
