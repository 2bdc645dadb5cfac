import type { DocumentRef, LogEvent, Unit } from '@switchyard/log';
import type { Metrics } from '@switchyard/observability';
import type { TradingStates, UserPolicy } from '@switchyard/model';
import {
  decide,
  restored,
  waitingExits,
  type Outcome,
  type RiskCommand,
  type RiskSettings,
  type StoredUser,
} from '@switchyard/risk-domain';
import type { HeldExitsEffect } from '../adapters/held-exits-table.js';
import type { MarketPrices } from '../adapters/market-prices.js';
import { riskMetrics, type RiskMetrics } from '../metrics.js';
import { orderApproved, signalHeld, signalRejected } from './outgoing.js';

const USER = 'user';
const POLICY = 'policy';

/** What risk knows of a user; a user's events come under the user's key. The policy seldom changes, all else with every event. */
export const userOf = ({ key }: LogEvent): readonly DocumentRef[] => [
  { kind: USER, key },
  { kind: POLICY, key },
];

/** Loads a user, decides, stores and tells. */
export class DecideRisk {
  private readonly metrics: RiskMetrics;

  constructor(
    private readonly settings: RiskSettings,
    private readonly prices: Pick<MarketPrices, 'board'> & Partial<Pick<MarketPrices, 'volatility'>>,
    metrics: Metrics,
    private readonly states?: TradingStates,
  ) {
    this.metrics = riskMetrics(metrics);
  }

  handle(command: RiskCommand, event: LogEvent, unit: Unit): void {
    const { key } = event;
    const stored = unit.get<StoredUser>(USER, key);
    const before = restored(stored, command, () => unit.get<UserPolicy>(POLICY, key));
    const { settings, prices, states } = this;
    const environment = { now: unit.now, market: prices.board, settings, states, volatility: prices.volatility };
    const { state, outcomes } = decide(before, command, environment);
    if (state !== before) {
      const { policy, ...user } = state;
      unit.put(USER, key, user);
      if (policy !== undefined && (policy !== before.policy || stored?.policy !== undefined))
        unit.put(POLICY, key, policy);
    }
    if (before.held.length > 0 || state.held.length > 0) {
      const waiting: HeldExitsEffect = {
        userId: key,
        atMs: unit.now.getTime(),
        exits: waitingExits(state, environment),
      };
      unit.effect(waiting);
    }
    for (const outcome of outcomes) this.tell(outcome, event, unit);
  }

  private tell(outcome: Outcome, event: LogEvent, unit: Unit): void {
    switch (outcome.type) {
      case 'approved':
        this.metrics.approved.inc({ signal_type: outcome.approval.signalType, mode: outcome.approval.mode });
        unit.emit(orderApproved(event, outcome));
        break;
      case 'rejected':
        this.metrics.refused.inc({ stage: 'risk', code: outcome.failed[0].code });
        unit.emit(signalRejected(event, outcome, unit.now));
        break;
      case 'held':
        this.metrics.held.inc({ entries: outcome.entries });
        unit.emit(signalHeld(event, outcome, unit.now));
        break;
    }
  }
}
