import { refuse } from '@switchyard/model';
import type { Check } from './subject.js';

/** Stop orders wait for the issue that watches prices; until then a signal that asks for one is told so. */
export const offeredOrderType: Check = ({ signal: { orderType } }) =>
  orderType === 'stop' || orderType === 'stop_limit'
    ? refuse('UNSUPPORTED', { orderType, possible: ['market', 'limit'] })
    : undefined;

/** Limit orders name a limit price, stop orders a stop price. */
export const neededPrices: Check = ({ signal }) => {
  const { orderType, limitPrice, stopPrice } = signal;
  const missing: string[] = [];
  if ((orderType === 'limit' || orderType === 'stop_limit') && limitPrice === undefined) missing.push('limitPrice');
  if ((orderType === 'stop' || orderType === 'stop_limit') && stopPrice === undefined) missing.push('stopPrice');
  return missing.length === 0 ? undefined : refuse('PRICE_MISSING', { orderType, missing });
};

/** Good till date names a date that is still to come. */
export const neededExpiry: Check = ({ signal: { timeInForce, expireAt }, nowMs }) => {
  if (timeInForce !== 'gtd') return undefined;
  return expireAt !== undefined && Date.parse(expireAt) > nowMs
    ? undefined
    : refuse('EXPIRY_MISSING', { timeInForce, expireAt: expireAt ?? null, now: new Date(nowMs).toISOString() });
};

/** Post-only rests in the book or is not placed at all: without a limit price that may rest it contradicts itself. */
export const consistentPostOnly: Check = ({ signal: { postOnly, orderType, timeInForce } }) => {
  if (postOnly !== true) return undefined;
  const problem =
    orderType === 'market'
      ? 'needs a limit order'
      : timeInForce === 'ioc' || timeInForce === 'fok'
        ? `can't be combined with ${timeInForce}`
        : undefined;
  return problem === undefined ? undefined : refuse('MALFORMED', { fields: [{ path: 'postOnly', problem }] });
};
