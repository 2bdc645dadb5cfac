import type { AccountPolicyChanged } from '@switchyard/contracts';
import type { DocumentRef, LogEvent, Unit } from '@switchyard/log';
import type { Metrics } from '@switchyard/observability';
import {
  decideSignal,
  followersOf,
  type Market,
  type SignalDecision,
  type SignalIdentity,
  type SignalPolicy,
} from '@switchyard/signal';
import type { ValidationConfig } from '../config.js';
import { validationMetrics, type ValidationMetrics } from '../metrics.js';
import { doorRecord, readSignal } from './door-record.js';
import type { FanOutEffect } from '../fan-out/fan-out-effects.js';
import { fanOutOf, signalRejected, signalValidated, strategySignalRejected } from './outgoing.js';

/** The documents that a record of the door is decided by; none for one that can't be read. */
export const documentsOf = (event: LogEvent): readonly DocumentRef[] => {
  const record = doorRecord(event);
  if (record.type === 'dead') return [];
  return record.policy === undefined ? [record.identity] : [record.identity, record.policy];
};

/** Decides the signals of the door. The one writer of a signal's identity, whichever door it came through. */
export class ValidateSignals {
  private readonly metrics: ValidationMetrics;

  constructor(
    private readonly config: ValidationConfig,
    private readonly market: Market,
    metrics: Metrics,
  ) {
    this.metrics = validationMetrics(metrics);
  }

  decide(event: LogEvent, unit: Unit): void {
    const record = doorRecord(event);
    if (record.type === 'dead') {
      this.metrics.signals.dead_letter.inc();
      unit.deadLetter(record.code, record.message);
      return;
    }
    const { signalId, identity, policy, value } = record;
    const { maxSignalBytes, maxStrategySignalBytes } = this.config;
    const decision = decideSignal({
      read: readSignal(value, event, policy === undefined ? maxStrategySignalBytes : maxSignalBytes),
      known: unit.get<SignalIdentity>(identity.kind, identity.key),
      policy: policy === undefined ? undefined : unit.get<SignalPolicy>(policy.kind, policy.key),
      market: this.market,
      venues: this.config.venues,
      now: unit.now,
    });
    this.metrics.signals[decision.type].inc();
    if (decision.type === 'repeat') return;
    if (decision.identity !== undefined) unit.put(identity.kind, identity.key, decision.identity);
    if (decision.type === 'rejected') this.metrics.refused.inc({ stage: 'validation', code: decision.failed[0].code });
    if (policy === undefined) {
      decideFanOut(event, unit, signalId, decision);
      return;
    }
    unit.emit(
      decision.type === 'validated'
        ? signalValidated(event, decision, unit.now)
        : signalRejected(event, signalId, decision, unit.now),
    );
  }
}

/** A strategy's own signal is copied for those who follow, or told to the strategy to be refused: once, not once a follower. */
const decideFanOut = (
  event: LogEvent,
  unit: Unit,
  signalId: string,
  decision: Exclude<SignalDecision, { readonly type: 'repeat' }>,
): void => {
  if (decision.type === 'validated')
    unit.effect({ type: 'fanOut', fanOut: fanOutOf(event, decision, unit.now) } satisfies FanOutEffect);
  else unit.emit(strategySignalRejected(event, signalId, decision, unit.now));
};

export const policyOf = ({ key }: LogEvent): readonly DocumentRef[] => [{ kind: 'policy', key }];

/**
 * Keeps a user's policy, the highest version of it. The subscriptions are kept apart, by strategy: a decision on the user's own signals
 * needs none of them.
 */
export const keepPolicy = ({ key, payload }: LogEvent<AccountPolicyChanged>, unit: Unit): void => {
  const known = unit.get<StoredPolicy>('policy', key);
  if (known !== undefined && known.version >= payload.version) return;
  const policy = { ...payload };
  delete policy.subscriptions;
  const followers = followersOf(payload);
  const stored = { ...policy, ...(followers.length > 0 ? { follows: true } : {}) };
  unit.put('policy', key, stored);
  if (followers.length > 0 || known?.follows === true)
    unit.effect({ type: 'followers', userId: key, followers } satisfies FanOutEffect);
};

type StoredPolicy = SignalPolicy & {
  /** Some of the user's accounts follow a strategy. */
  readonly follows?: boolean;
};
