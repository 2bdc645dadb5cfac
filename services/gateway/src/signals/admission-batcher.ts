import { Problem } from '@switchyard/http';
import { RequestRate, type Rate } from '../webhooks/request-rate.js';
import type { AdmissibleSignal, AdmissionOutcome, SignalAdmission } from './signal-admission.js';
import { WaitingByUser } from './waiting-by-user.js';

const MAX_SIGNALS = 500;
const MAX_BYTES = 4 * 1024 * 1024;
/** Users whose pace is remembered while they send. */
const MAX_USERS = 100_000;

interface Waiting {
  readonly signal: AdmissibleSignal;
  readonly resolve: (outcome: AdmissionOutcome) => void;
  readonly reject: (error: unknown) => void;
}

export interface IntakeBounds {
  /** Signals that may wait, of all users. */
  readonly waiting: number;
  /** Of one user. */
  readonly waitingPerUser: number;
  /** How fast one user may send. */
  readonly ratePerUser: Rate;
}

/**
 * Turns many requests at once into few database calls: while one call is under way, what arrives waits for the next. A lone request
 * goes at once, a crowd pays one call for up to 500.
 *
 * What may wait is bounded, for all and for each user, and so is the pace of each: whoever sends more than their share is refused for
 * themselves alone. Users take turns, so that nobody waits behind another's crowd; a user's own signals keep their order.
 */
export class AdmissionBatcher {
  private readonly waiting = new WaitingByUser<Waiting>();
  private readonly rates: RequestRate;
  private running = false;

  /** @param observe told the size of each call */
  constructor(
    private readonly admission: Pick<SignalAdmission, 'admit'>,
    private readonly bounds: IntakeBounds,
    private readonly observe: (signals: number) => void = () => undefined,
    now: () => number = () => performance.now(),
  ) {
    this.rates = new RequestRate(bounds.ratePerUser, MAX_USERS, now);
  }

  /**
   * Rejects with `Problem` USER_RATE_LIMITED where the user sends too fast, INTAKE_BUSY where too many wait, of the user or of all, and
   * with the call's own error where it fails.
   */
  admit(signal: AdmissibleSignal): Promise<AdmissionOutcome> {
    const owner = ownerOf(signal);
    const refusal = this.refusalOf(owner);
    if (refusal !== undefined) return Promise.reject(refusal);
    return new Promise((resolve, reject) => {
      this.waiting.push(owner, { signal, resolve, reject });
      if (this.running) return;
      this.running = true;
      // Requests that came in the same turn of the loop go together.
      setImmediate(() => void this.drain());
    });
  }

  private refusalOf(owner: string): Problem | undefined {
    const { waiting, waitingPerUser, ratePerUser } = this.bounds;
    if (this.waiting.sizeOf(owner) >= waitingPerUser) return busy({ owner, limit: waitingPerUser });
    if (this.waiting.size >= waiting) return busy({});
    const waitS = this.rates.take(owner);
    return waitS === 0 ? undefined : tooFast(owner, ratePerUser, waitS);
  }

  private async drain(): Promise<void> {
    while (this.waiting.size > 0) {
      const batch = this.take();
      try {
        const outcomes = await this.admission.admit(batch.map(({ signal }) => signal));
        this.observe(batch.length);
        batch.forEach(({ resolve, reject }, i) => {
          const outcome = outcomes[i];
          if (outcome === undefined) reject(new Error('a signal was not answered'));
          else resolve(outcome);
        });
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    this.running = false;
  }

  private take(): readonly Waiting[] {
    let bytes = 0;
    let count = 0;
    return this.waiting.take(({ signal }) => {
      bytes += signal.value.length;
      if (count === MAX_SIGNALS || (bytes > MAX_BYTES && count > 0)) return false;
      count += 1;
      return true;
    });
  }
}

/** Whose it is: the user's, or, of a strategy's own signal, the strategy's. */
const ownerOf = ({ signal }: AdmissibleSignal): string => signal.userId ?? signal.strategyId ?? '';

const busy = (facts: Readonly<Record<string, unknown>>): Problem =>
  new Problem('INTAKE_BUSY', 'More signals come in than may be admitted at once; send again with the same signalId.', {
    facts,
    headers: { 'retry-after': '1' },
  });

const tooFast = (owner: string, { perSecond, burst }: Rate, waitS: number): Problem =>
  new Problem(
    'USER_RATE_LIMITED',
    'The user sends more signals than are taken in; send again with the same signalId.',
    {
      facts: { owner, perSecond, burst },
      headers: { 'retry-after': String(waitS) },
    },
  );
