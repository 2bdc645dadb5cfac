import type { MarketFlow } from '@switchyard/contracts';
import { flowOf, type FlowOverTrades } from '@switchyard/model';
import type { KeptTrades } from './kept-trades.js';
import { trimmed } from './same-prices.js';

/** What the venue last said of its last 24 hours. */
export interface DayTicker {
  readonly last: string | null;
  readonly baseVolume: string | null;
  readonly toldAtMs: number;
}

/** The part of a snapshot that tells what traded; absent until the venue has told of trades. */
export const marketFlowOf = (
  { flow, heardAtMs, sinceMs, gaps, missed }: KeptTrades['state'],
  day: DayTicker | undefined,
  nowMs: number,
): MarketFlow | undefined => {
  if (heardAtMs === undefined) return undefined;
  const { lastTrade, lookBacks, windows, toxicity } = flowOf(flow, nowMs);
  return {
    heardAt: instant(heardAtMs),
    watchedSince: instant(sinceMs),
    ...{ gaps, missed },
    ...(lastTrade && {
      lastTrade: {
        price: lastTrade.price,
        quantity: lastTrade.quantity,
        ...(lastTrade.takerSide && { takerSide: lastTrade.takerSide }),
        tradedAt: instant(lastTrade.atMs),
      },
    }),
    ...(day && {
      day: {
        ...(day.last !== null && { last: trimmed(day.last) }),
        ...(day.baseVolume !== null && { volume: trimmed(day.baseVolume) }),
        toldAt: instant(day.toldAtMs),
      },
    }),
    lookBacks: lookBacks.map(({ trades, counted, ...figures }) => ({ trades, counted, ...known(figures) })),
    windows: windows.map(({ minutes, coveredS, trades, volumePerMinute, turnover, impactBps, ...figures }) => ({
      ...{ minutes, coveredS, trades, volumePerMinute, turnover },
      ...known(figures),
      ...(impactBps !== null && { impactBps }),
    })),
    ...(toxicity && { toxicity }),
  };
};

const known = ({
  effectiveSpreadBps,
  imbalance,
}: Pick<FlowOverTrades, 'effectiveSpreadBps' | 'imbalance'>): {
  effectiveSpreadBps?: number;
  imbalance?: number;
} => ({
  ...(effectiveSpreadBps !== null && { effectiveSpreadBps }),
  ...(imbalance !== null && { imbalance }),
});

const instant = (ms: number): string => new Date(ms).toISOString();
