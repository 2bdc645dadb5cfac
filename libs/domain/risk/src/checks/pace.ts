import { refuse } from '@switchyard/model';
import { accountOf } from '../funds.js';
import { hasToken, isCounted, refilled, waitMs } from '../rate.js';
import { tradingDay } from '../trading-day.js';
import type { Check } from './check.js';

/** Only approved entries count: exits, stop-losses and cancels are never slowed down. */
export const tradesPerSecond: Check = ({ state, limits, nowMs, command }) => {
  if (isCounted(state.bucket, command.signal)) return undefined;
  const bucket = refilled(state.bucket, limits, nowMs);
  if (hasToken(bucket)) return undefined;
  return refuse('USER_RATE_LIMITED', {
    tradesPerSecond: limits.tradesPerSecond,
    burst: limits.burst,
    retryAfterMs: waitMs(bucket, limits),
  });
};

/** A user's orders today: over all accounts, each on the trading day of its own zone. Exits count, and are not stopped. */
export const ordersPerDay: Check = ({ state, policy, limits, environment: { now } }) => {
  let orders = 0;
  for (const { accountId, timeZone } of policy.accounts) {
    orders += tradingDay(accountOf(state, accountId), timeZone, now).orders;
  }
  return orders < limits.maxOrdersPerDay
    ? undefined
    : refuse('MAX_ORDERS_PER_DAY', { orders, maxOrdersPerDay: limits.maxOrdersPerDay });
};

/** A user's share of the orders under way is bounded, for everyone's sake. */
export const ordersUnderWay: Check = ({ state, environment: { settings } }) => {
  const underWay = state.parents.length;
  return underWay < settings.maxOpenParents
    ? undefined
    : refuse('QUEUE_FULL', { underWay, maxOpenParents: settings.maxOpenParents });
};
