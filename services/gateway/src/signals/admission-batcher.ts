import { Problem } from '@switchyard/http';
import type { AdmissibleSignal, AdmissionOutcome, SignalAdmission } from './signal-admission.js';

const MAX_SIGNALS = 500;
const MAX_BYTES = 4 * 1024 * 1024;

interface Waiting {
  readonly signal: AdmissibleSignal;
  readonly resolve: (outcome: AdmissionOutcome) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Turns many requests at once into few database calls: while one call is under way, what arrives waits for the next. A lone request
 * goes at once, a crowd pays one call for up to 500. What may wait is bounded: beyond it the door says INTAKE_BUSY.
 */
export class AdmissionBatcher {
  private waiting: Waiting[] = [];
  private running = false;

  /** @param observe told the size of each call */
  constructor(
    private readonly admission: Pick<SignalAdmission, 'admit'>,
    private readonly maxWaiting: number,
    private readonly observe: (signals: number) => void = () => undefined,
  ) {}

  /** Rejects with `Problem` INTAKE_BUSY where too many wait, and with the call's own error where it fails. */
  admit(signal: AdmissibleSignal): Promise<AdmissionOutcome> {
    if (this.waiting.length >= this.maxWaiting) return Promise.reject(busy());
    return new Promise((resolve, reject) => {
      this.waiting.push({ signal, resolve, reject });
      if (this.running) return;
      this.running = true;
      // Requests that came in the same turn of the loop go together.
      setImmediate(() => void this.drain());
    });
  }

  private async drain(): Promise<void> {
    while (this.waiting.length > 0) {
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
    for (const { signal } of this.waiting) {
      bytes += signal.value.length;
      if (count === MAX_SIGNALS || (bytes > MAX_BYTES && count > 0)) break;
      count += 1;
    }
    return this.waiting.splice(0, count);
  }
}

const busy = (): Problem =>
  new Problem('INTAKE_BUSY', 'More signals come in than may be admitted at once; send again with the same signalId.', {
    headers: { 'retry-after': '1' },
  });
