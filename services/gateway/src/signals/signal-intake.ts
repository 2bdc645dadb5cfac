import { hash } from 'node:crypto';
import { mayPublish, type Principal } from '@switchyard/auth';
import type { BadField } from '@switchyard/contracts';
import { Problem, problemOf, requirePermission } from '@switchyard/http';
import { deriveId } from '@switchyard/log';
import type { Signal } from '@switchyard/model';
import type { Market } from '@switchyard/signal';
import { canonicalContent, refusedAtDoor } from '@switchyard/signal';
import type { AdmissionBatcher } from './admission-batcher.js';
import { readSignal, readStrategySignal } from './read-signal.js';
import type { AdmissibleSignal, SignalAdmission } from './signal-admission.js';

export interface Accepted {
  readonly signalId: string;
  readonly eventId: string;
}

export interface Sender {
  readonly caller: Principal;
  readonly traceparent: string | undefined;
}

/**
 * The REST door. Shape, then ownership, then identity, then time and pair: a signal that was accepted once is accepted again however
 * old it has become, and what is refused claims no id.
 */
export class SignalIntake {
  constructor(
    private readonly admission: SignalAdmission,
    private readonly batcher: AdmissionBatcher,
    private readonly market: Market & { readonly size: number },
    private readonly limits: {
      readonly maxSignalBytes: number;
      readonly maxStrategySignalBytes: number;
      readonly userMaxParked: number;
    },
    private readonly clock: () => Date = () => new Date(),
  ) {}

  /** Throws `Problem`: MALFORMED, FORBIDDEN, EVENT_TOO_LARGE, UNKNOWN_PAIR, SIGNAL_STALE, SIGNAL_FROM_FUTURE, SIGNAL_ID_REUSED, USER_PARKED, USER_RATE_LIMITED, INTAKE_BUSY. */
  accept(body: unknown, sender: Sender): Promise<Accepted> {
    const now = this.clock();
    const reading = readSignal(body, sender.caller.userId, now);
    if (!reading.ok) throw malformed(reading.errors);
    const { signal, userId } = reading;
    requirePermission(sender.caller, 'signals.send', userId);
    return this.admit(signal, userId, sender, now);
  }

  /** A strategy's own signal, for all who follow: for those who may publish it. Throws the same. */
  acceptOfStrategy(body: unknown, strategyId: string, sender: Sender): Promise<Accepted> {
    const now = this.clock();
    requirePublisher(sender.caller, strategyId);
    const reading = readStrategySignal(body, strategyId, now);
    if (!reading.ok) throw malformed(reading.errors);
    return this.admit(reading.signal, strategyId, sender, now);
  }

  private async admit(signal: Signal, owner: string, sender: Sender, now: Date): Promise<Accepted> {
    const item = this.admissible(signal, owner, sender, now);
    const { contentHash, eventId } = item;
    const { signalId } = signal;
    const [refusal] = refusedAtDoor({ signal, market: this.market, now });
    if (refusal !== undefined) {
      const known = await this.admission.identityOf(signal);
      if (known === undefined) throw this.market.size === 0 ? noMarketYet() : problemOf(refusal);
      if (known.hash !== contentHash) throw reused(signalId);
      return { signalId, eventId };
    }
    const outcome = await this.batcher.admit(item);
    if (outcome === 'reused') throw reused(signalId);
    if (outcome === 'parked') throw this.parked(owner);
    return { signalId, eventId };
  }

  /** Whatever came now would only wait behind what waits already. */
  private parked(userId: string): Problem {
    return new Problem(
      'USER_PARKED',
      'Events of this user wait for an operator, and no more can wait. Send again with the same signalId once they are released.',
      { facts: { userId, limit: this.limits.userMaxParked } },
    );
  }

  private admissible(signal: Signal, owner: string, { traceparent }: Sender, now: Date): AdmissibleSignal {
    const value = Buffer.from(JSON.stringify(signal));
    const ofStrategy = signal.userId === undefined;
    const limit = ofStrategy ? this.limits.maxStrategySignalBytes : this.limits.maxSignalBytes;
    if (value.length > limit)
      throw new Problem('EVENT_TOO_LARGE', `The signal has ${value.length} bytes; send less metadata.`, {
        facts: { bytes: value.length, limit },
      });
    return {
      signal,
      owner,
      contentHash: hash('sha256', canonicalContent(signal), 'hex'),
      eventId: deriveId(ofStrategy ? 'strategy-signal' : 'signal', owner, signal.signalId),
      value,
      receivedAt: now,
      traceparent,
    };
  }
}

const malformed = (errors: readonly BadField[]): Problem =>
  new Problem('MALFORMED', 'The signal is not as it should be; every bad field is listed.', { errors });

const requirePublisher = (caller: Principal, strategyId: string): void => {
  if (!mayPublish(caller, strategyId))
    throw new Problem('FORBIDDEN', 'The token is not good for signals of this strategy.', { facts: { strategyId } });
};

const reused = (signalId: string): Problem =>
  new Problem(
    'SIGNAL_ID_REUSED',
    'This signalId was used before with other content; give each signal an id of its own.',
    {
      facts: { signalId },
    },
  );

/** Without any book, no pair can be told from one that nobody lists. */
const noMarketYet = (): Problem =>
  new Problem('UNAVAILABLE', 'No market data has been received yet; try again.', { headers: { 'retry-after': '1' } });
