import { hash } from 'node:crypto';
import type { Principal } from '@switchyard/auth';
import { Problem, problemOf, requirePermission } from '@switchyard/http';
import { deriveId } from '@switchyard/log';
import type { Market } from '@switchyard/signal';
import { canonicalContent, refusedAtDoor } from '@switchyard/signal';
import type { AdmissionBatcher } from './admission-batcher.js';
import { readSignal } from './read-signal.js';
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
    private readonly limits: { readonly maxSignalBytes: number; readonly userMaxParked: number },
    private readonly clock: () => Date = () => new Date(),
  ) {}

  /** Throws `Problem`: MALFORMED, FORBIDDEN, EVENT_TOO_LARGE, UNKNOWN_PAIR, SIGNAL_STALE, SIGNAL_FROM_FUTURE, SIGNAL_ID_REUSED, USER_PARKED, USER_RATE_LIMITED, INTAKE_BUSY. */
  async accept(body: unknown, sender: Sender): Promise<Accepted> {
    const now = this.clock();
    const item = this.admissible(body, sender, now);
    const { signal, userId, contentHash, eventId } = item;
    const [refusal] = refusedAtDoor({ signal, market: this.market, now });
    if (refusal !== undefined) {
      const known = await this.admission.identityOf(userId, signal.signalId);
      if (known === undefined) throw this.market.size === 0 ? noMarketYet() : problemOf(refusal);
      if (known.hash !== contentHash) throw reused(signal.signalId);
      return { signalId: signal.signalId, eventId };
    }
    const outcome = await this.batcher.admit(item);
    if (outcome === 'reused') throw reused(signal.signalId);
    if (outcome === 'parked') throw this.parked(userId);
    return { signalId: signal.signalId, eventId };
  }

  /** Whatever came now would only wait behind what waits already. */
  private parked(userId: string): Problem {
    return new Problem(
      'USER_PARKED',
      'Events of this user wait for an operator, and no more can wait. Send again with the same signalId once they are released.',
      { facts: { userId, limit: this.limits.userMaxParked } },
    );
  }

  private admissible(body: unknown, { caller, traceparent }: Sender, now: Date): AdmissibleSignal {
    const reading = readSignal(body, caller.userId, now);
    if (!reading.ok)
      throw new Problem('MALFORMED', 'The signal is not as it should be; every bad field is listed.', {
        errors: reading.errors,
      });
    const { signal, userId } = reading;
    requirePermission(caller, 'signals.send', userId);
    const value = Buffer.from(JSON.stringify(signal));
    const limit = this.limits.maxSignalBytes;
    if (value.length > limit)
      throw new Problem('EVENT_TOO_LARGE', `The signal has ${value.length} bytes; send less metadata.`, {
        facts: { bytes: value.length, limit },
      });
    return {
      signal,
      userId,
      contentHash: hash('sha256', canonicalContent(signal), 'hex'),
      eventId: deriveId('signal', userId, signal.signalId),
      value,
      receivedAt: now,
      traceparent,
    };
  }
}

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
