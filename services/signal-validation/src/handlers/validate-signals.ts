import type { AccountPolicyChanged } from '@switchyard/contracts';
import type { DocumentRef, LogEvent, Unit } from '@switchyard/log';
import type { Metrics } from '@switchyard/observability';
import { decideSignal, type Market, type SignalIdentity, type SignalPolicy } from '@switchyard/signal';
import type { ValidationConfig } from '../config.js';
import { validationMetrics, type ValidationMetrics } from '../metrics.js';
import { doorRecord, readSignal } from './door-record.js';
import { signalRejected, signalValidated } from './outgoing.js';

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
    const decision = decideSignal({
      read: readSignal(value, event, this.config.maxSignalBytes),
      known: unit.get<SignalIdentity>(identity.kind, identity.key),
      policy: policy === undefined ? undefined : unit.get<SignalPolicy>(policy.kind, policy.key),
      market: this.market,
      venues: this.config.venues,
      now: unit.now,
    });
    this.metrics.signals[decision.type].inc();
    if (decision.type === 'repeat') return;
    if (decision.identity !== undefined) unit.put(identity.kind, identity.key, decision.identity);
    if (decision.type === 'validated') {
      unit.emit(signalValidated(event, decision, unit.now));
    } else {
      this.metrics.refused.inc({ stage: 'validation', code: decision.failed[0].code });
      unit.emit(signalRejected(event, signalId, decision, unit.now));
    }
  }
}

export const policyOf = ({ key }: LogEvent): readonly DocumentRef[] => [{ kind: 'policy', key }];

/** Keeps a user's policy, the highest version of it. */
export const keepPolicy = ({ key, payload }: LogEvent<AccountPolicyChanged>, unit: Unit): void => {
  const known = unit.get<SignalPolicy>('policy', key);
  if (known === undefined || known.version < payload.version) unit.put('policy', key, payload);
};
