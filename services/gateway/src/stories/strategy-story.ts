import type { StrategySignalDecided, TradingSignalGenerated } from '@switchyard/contracts';
import { payloadOf, type AuditRecord } from '../journal/audit-record.js';
import type { RefusalView } from './signal-story.js';

type Copied = StrategySignalDecided['copies'][number];
type Skipped = StrategySignalDecided['skipped'][number];

/** Copies by what became of them. `waiting`: neither refused nor made an order of yet. */
export interface CopyOutcomes {
  readonly waiting: number;
  readonly refused: number;
  readonly working: number;
  readonly done: number;
}

/** A strategy's own signal as REST shows it to operators: what was sent, and what became of its copies. */
export interface StrategySignalView {
  readonly signalId: string;
  readonly strategyId: string;
  /** `copying`: some who follow have not had their turn. */
  readonly status: 'accepted' | 'rejected' | 'copying' | 'copied';
  readonly refusals: readonly RefusalView[];
  /** Accounts that followed when the fan-out began; absent before. */
  readonly subscribers?: number;
  /** The order is that of sha-256 over `orderSeed/accountId`. */
  readonly orderSeed?: string;
  readonly copied: number;
  readonly skipped: number;
  readonly outcomes: CopyOutcomes;
  /** The first thousand of each, by rank; GET /v1/audit has every page. */
  readonly copies: readonly Copied[];
  readonly skips: readonly Skipped[];
  readonly [field: string]: unknown;
}

/** What the trail says of a strategy's signal, without its copies' outcomes. */
export interface StrategyStory {
  readonly sent: Readonly<Record<string, unknown>> | undefined;
  readonly refusals: readonly RefusalView[];
  readonly rejected: boolean;
  readonly pages: readonly StrategySignalDecided[];
}

const SHOWN = 1_000;

/** From audit rows in any order. A refusal of a second signal with the same id is shown, and leaves the first alone. */
export const strategyStory = (records: readonly AuditRecord[]): StrategyStory => {
  let sent: Readonly<Record<string, unknown>> | undefined;
  const refusals: RefusalView[] = [];
  const pages = new Map<number, StrategySignalDecided>();
  let rejected = false;
  for (const record of [...records].sort((a, b) => a.recordedAt.getTime() - b.recordedAt.getTime() || a.row - b.row)) {
    const payload = payloadOf(record);
    if (typeof payload !== 'object' || payload === null) continue;
    if (record.topic === 'TradingSignalGenerated') {
      const signal = payload as TradingSignalGenerated;
      sent ??= Object.fromEntries(Object.entries(signal).filter(([field]) => field !== 'defaulted'));
    } else if (record.topic === 'StrategySignalDecided') {
      const decided = payload as StrategySignalDecided;
      if (decided.outcome === 'copied') pages.set(decided.page, decided);
      for (const failed of decided.failedChecks ?? []) {
        refusals.push({ stage: 'validation', ...failed });
        rejected ||= failed.code !== 'SIGNAL_ID_REUSED';
      }
    }
  }
  return { sent, refusals, rejected, pages: [...pages.values()].sort((a, b) => a.page - b.page) };
};

export const strategySignalView = (
  signalId: string,
  strategyId: string,
  { sent, refusals, rejected, pages }: StrategyStory,
  outcomes: CopyOutcomes,
): StrategySignalView => {
  const [first] = pages;
  const copies = pages.flatMap((page) => page.copies);
  const skips = pages.flatMap((page) => page.skipped);
  return {
    ...sent,
    signalId,
    strategyId,
    status:
      first === undefined
        ? rejected
          ? 'rejected'
          : 'accepted'
        : pages.some(({ last }) => last)
          ? 'copied'
          : 'copying',
    refusals,
    ...(first === undefined ? {} : { subscribers: first.subscribers }),
    ...(first?.orderSeed === undefined ? {} : { orderSeed: first.orderSeed }),
    copied: copies.length,
    skipped: skips.length,
    outcomes,
    copies: copies.slice(0, SHOWN),
    skips: skips.slice(0, SHOWN),
  };
};
