import { describe, expect, it } from '@jest/globals';
import { executionConfig } from './config.js';
import { costsOf, limitsOf } from './guard/limits.js';
import { binanceCapabilities } from '@switchyard/exchanges';

const FILE = {
  venues: {
    binance: {
      fees: { maker: '0.001', taker: '0.001' },
      budget: { perSecond: 20, burst: 50, perAccountPerSecond: 0.5 },
      breaker: { failures: 3, openS: 30 },
      retries: 1,
      deadlineMs: 4_000,
      slowMs: 900,
    },
  },
};
const ENV = { SWITCHYARD_EXECUTION_RATE_PER_SECOND: '7', SWITCHYARD_EXECUTION_ACCOUNT_BURST: '9' };

describe('what is set for a venue', () => {
  it('goes before what is set for all of them', () => {
    expect(executionConfig('binance').parse({ ...ENV, ...FILE })).toMatchObject({
      budget: { perSecond: 20, burst: 50, perAccountPerSecond: 0.5, perAccountBurst: 9 },
      breakerFailures: 3,
      breakerOpenMs: 30_000,
      retries: 1,
      deadlineMs: 4_000,
      slowMs: 900,
    });
  });

  it('is no other venue’s', () => {
    expect(executionConfig('kraken').parse({ ...ENV, ...FILE })).toMatchObject({
      budget: { perSecond: 7, perAccountBurst: 9 },
      breakerFailures: 5,
      breakerOpenMs: 60_000,
      retries: 3,
      deadlineMs: 10_000,
      slowMs: 2_000,
    });
  });

  it('is refused where it is misspelt or impossible', () => {
    const parsed = executionConfig('binance').safeParse({
      venues: { binance: { budget: { perSecnod: 20 }, breaker: { failures: 0 } } },
    });
    expect(parsed.error?.issues.map(({ path }) => path.join('.'))).toEqual([
      'venues.binance.budget',
      'venues.binance.breaker.failures',
    ]);
  });
});

describe('a budget', () => {
  const { rates } = binanceCapabilities;
  const rulesOf = (limits: ReturnType<typeof limitsOf>, call: 'place' | 'balances') =>
    Object.fromEntries(
      costsOf(limits, 'shared', call, 'acc-1').map(({ scope, rules, tokens }) => [scope, [rules, tokens]]),
    );

  it('of a real venue is ten calls a second and twenty at once, half of that for an account, within what the venue documents', () => {
    expect(rulesOf(limitsOf({}, rates, false), 'place')).toEqual({
      'address/shared/calls': [{ perSecond: 10, burst: 20 }, 1],
      'address/shared/weight': [{ perSecond: 80, burst: 1_200 }, 1],
      'account/acc-1/calls': [{ perSecond: 5, burst: 10 }, 1],
      'account/acc-1/orders': [{ perSecond: 8, burst: 20 }, 1],
    });
  });

  it('of a simulator counts an account’s orders, and else what is set', () => {
    expect(rulesOf(limitsOf({}, rates, true), 'place')).toEqual({
      'account/acc-1/orders': [{ perSecond: 10, burst: 100 }, 1],
    });
    expect(rulesOf(limitsOf({ perSecond: 3, weight: 60_000 }, rates, true), 'balances')).toEqual({
      'address/shared/calls': [{ perSecond: 3, burst: 6 }, 1],
      'address/shared/weight': [{ perSecond: 1_000, burst: 60_000 }, 20],
    });
  });

  it('of a venue that grants more weight than it documents is what it grants', () => {
    expect(rulesOf(limitsOf({ weight: 60_000 }, rates, false), 'balances')).toMatchObject({
      'address/shared/weight': [{ perSecond: 800, burst: 12_000 }, 20],
    });
  });

  it('fits every window of the venue, whenever a burst comes', () => {
    const { weight, orders } = limitsOf({}, rates, false);
    expect(weight!.burst + 60 * weight!.perSecond).toBe(6_000);
    expect(orders!.burst + 10 * orders!.perSecond).toBe(100);
  });

  it('of a venue whose limits are not known counts calls', () => {
    expect(rulesOf(limitsOf({ burst: 40 }, undefined, false), 'place')).toEqual({
      'address/shared/calls': [{ perSecond: 10, burst: 40 }, 1],
      'account/acc-1/calls': [{ perSecond: 5, burst: 10 }, 1],
    });
  });
});
