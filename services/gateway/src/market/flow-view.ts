import type { MarketFlow } from '@switchyard/contracts';
import type { MarketFlowView } from '../openapi/market-flow.js';

/** A venue that was not heard on its trades for so long may be away; it is asked each quarter of a minute at the least. */
export const STALE_FLOW_MS = 30_000;

/** A snapshot's flow as it is told: everything with its age, and null for what is not known. */
export const flowView = (flow: MarketFlow | undefined, nowMs: number): MarketFlowView => {
  if (flow === undefined) return null;
  const ageOf = (at: string): number => Math.max(0, nowMs - Date.parse(at));
  const { lastTrade, day, toxicity, lookBacks, windows, ...rest } = flow;
  const ageMs = ageOf(flow.heardAt);
  return {
    ...rest,
    ageMs,
    stale: ageMs > STALE_FLOW_MS,
    lastTrade: lastTrade
      ? { ...lastTrade, takerSide: lastTrade.takerSide ?? null, ageMs: ageOf(lastTrade.tradedAt) }
      : null,
    day: day
      ? { last: day.last ?? null, volume: day.volume ?? null, toldAt: day.toldAt, ageMs: ageOf(day.toldAt) }
      : null,
    lookBacks: lookBacks.map((of) => ({
      ...of,
      effectiveSpreadBps: of.effectiveSpreadBps ?? null,
      imbalance: of.imbalance ?? null,
    })),
    windows: windows.map((of) => ({
      ...of,
      effectiveSpreadBps: of.effectiveSpreadBps ?? null,
      imbalance: of.imbalance ?? null,
      impactBps: of.impactBps ?? null,
    })),
    toxicity: toxicity ?? null,
  };
};
