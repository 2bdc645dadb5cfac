import { describe, expect, it } from '@jest/globals';
import type { MarketFlow } from '@switchyard/contracts';
import { marketFlow } from '../openapi/market-flow.js';
import { flowView } from './flow-view.js';

const HEARD = '2026-11-22T03:00:00.000Z';
const NOW = Date.parse(HEARD);

const FLOW: MarketFlow = {
  ...{ heardAt: HEARD, watchedSince: '2026-11-22T02:00:00.000Z', gaps: 1, missed: 3 },
  lastTrade: { price: '64000.1', quantity: '0.5', takerSide: 'sell', tradedAt: '2026-11-22T02:59:58.000Z' },
  day: { last: '64000.1', toldAt: '2026-11-22T02:59:30.000Z' },
  lookBacks: [{ trades: 10, counted: 2, imbalance: -0.5 }],
  windows: [
    { minutes: 1, coveredS: 50, trades: 2, volumePerMinute: '1.2', turnover: '64000', effectiveSpreadBps: 1.5 },
  ],
  toxicity: { vpin: 0.4, buckets: 12, bucketVolume: '3.5' },
};

describe('what traded', () => {
  it('is told with its ages, and null for what is not known', () => {
    const told = flowView(FLOW, NOW + 1_000);
    expect(marketFlow.parse(told)).toEqual(told);
    expect(told).toMatchObject({
      ...{ ageMs: 1_000, stale: false, missed: 3 },
      lastTrade: { takerSide: 'sell', ageMs: 3_000 },
      day: { volume: null, ageMs: 31_000 },
      lookBacks: [{ effectiveSpreadBps: null, imbalance: -0.5 }],
      windows: [{ effectiveSpreadBps: 1.5, imbalance: null, impactBps: null }],
    });
  });

  it('is stale when the venue was not heard on its trades for half a minute, however old the last of them is', () => {
    expect(flowView(FLOW, NOW + 30_000)?.stale).toBe(false);
    expect(flowView(FLOW, NOW + 30_001)?.stale).toBe(true);
  });

  it('is null until the venue has told of trades', () => {
    expect(flowView(undefined, NOW)).toBeNull();
  });
});
