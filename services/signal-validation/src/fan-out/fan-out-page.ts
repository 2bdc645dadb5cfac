import type { StrategySignalDecided } from '@switchyard/contracts';
import type { OutgoingEvent } from '@switchyard/log';
import { decimal } from '@switchyard/money';
import { refuse, type Refusal } from '@switchyard/model';
import { closes, copySignal, type Follower } from '@switchyard/signal';
import type { FanOut } from './fan-out.js';

/** An account in its place of the order. Without a follower: it has unsubscribed since. */
export interface Ranked {
  readonly rank: number;
  readonly userId: string;
  readonly accountId: string;
  readonly follower: Follower | undefined;
  /** Whether it was ever sent an entry of this strategy in this pair. */
  readonly entered: boolean;
}

export interface Page {
  readonly number: number;
  readonly last: boolean;
  readonly subscribers: number;
  readonly ranked: readonly Ranked[];
}

export interface PageDecision {
  /** The copies, each keyed by its user, then what became of everyone on this page. */
  readonly events: readonly OutgoingEvent[];
  /** Accounts that are sent an entry. */
  readonly entering: readonly Ranked[];
  readonly copies: number;
  readonly skipped: number;
}

/** Decides a page of a strategy's signal: a copy or a reason for each account. Copies go through the door as any signal does. */
export const decidePage = (fanOut: FanOut, { number, last, subscribers, ranked }: Page): PageDecision => {
  const { signal, strategyId, price, decidedAt } = fanOut;
  const now = new Date(decidedAt);
  const worth = price === undefined ? undefined : decimal(price);
  const events: OutgoingEvent[] = [];
  const entering: Ranked[] = [];
  const copies: StrategySignalDecided['copies'][number][] = [];
  const skipped: StrategySignalDecided['skipped'][number][] = [];
  for (const one of ranked) {
    const { rank, userId, accountId, follower, entered } = one;
    if (follower === undefined) {
      skipped.push({ rank, userId, accountId, reason: 'unsubscribed', facts: {} });
      continue;
    }
    const copy = copySignal(signal, follower, { now, price: worth, entered });
    if (copy.type === 'skipped') {
      skipped.push({ rank, userId, accountId, reason: copy.reason, facts: copy.facts });
      continue;
    }
    const { signalId } = copy.signal;
    copies.push({ rank, userId, accountId, signalId });
    if (!closes(signal) && !entered) entering.push(one);
    events.push({
      topic: 'TradingSignalGenerated',
      type: 'TradingSignalGenerated',
      key: userId,
      payload: copy.signal,
      role: `copy/${accountId}`,
      cause: { ...fanOut.cause, correlationId: signalId },
    });
  }
  const told: StrategySignalDecided = {
    strategyId,
    signalId: signal.signalId,
    contentHash: fanOut.contentHash,
    outcome: 'copied',
    orderSeed: fanOut.orderSeed,
    subscribers,
    page: number,
    last,
    copies,
    skipped,
    decidedAt,
  };
  events.push(decided(fanOut, told, `page/${number}`));
  return { events, entering, copies: copies.length, skipped: skipped.length };
};

/** Nobody follows: that is a refusal, told to the strategy. */
export const nobodyFollows = (fanOut: FanOut): OutgoingEvent =>
  decided(
    fanOut,
    refusedSignal({
      strategyId: fanOut.strategyId,
      signalId: fanOut.signal.signalId,
      contentHash: fanOut.contentHash,
      failed: [refuse('NO_SUBSCRIBERS', { strategyId: fanOut.strategyId })],
      decidedAt: fanOut.decidedAt,
    }),
  );

export interface RefusedSignal {
  readonly strategyId: string;
  readonly signalId: string;
  readonly contentHash?: string;
  readonly failed: readonly Refusal[];
  readonly decidedAt: string;
}

export const refusedSignal = ({ failed, ...rest }: RefusedSignal): StrategySignalDecided => ({
  ...rest,
  outcome: 'rejected',
  failedChecks: [...failed],
  subscribers: 0,
  page: 0,
  last: true,
  copies: [],
  skipped: [],
});

const decided = ({ strategyId, signal, cause }: FanOut, payload: StrategySignalDecided, role = ''): OutgoingEvent => ({
  topic: 'StrategySignalDecided',
  type: 'StrategySignalDecided',
  key: strategyId,
  payload,
  role,
  cause: { ...cause, correlationId: signal.signalId },
});
