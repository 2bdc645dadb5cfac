import type { LogEvent } from '@switchyard/log';
import { histogram, type Metrics } from '@switchyard/observability';

/** Signals remembered until their order is filled; beyond it the oldest are forgotten, and not measured. */
const MOST_SIGNALS = 100_000;

/**
 * How long users wait: from a signal's arrival to the venue's acceptance, and to the first fill. The journal alone sees both ends. Measured
 * by the events' own times, so that the journal's lag is not in it; what came before this process started is not measured.
 */
export class OrderLatency {
  private readonly arrivedAt = new Map<string, number>();
  private readonly placed;
  private readonly filled;

  constructor(metrics: Metrics) {
    this.placed = histogram(metrics, {
      name: 'signal_to_placed_seconds',
      help: "From a signal's arrival to the venue's acceptance of its first order",
    });
    this.filled = histogram(metrics, {
      name: 'signal_to_fill_seconds',
      help: "From a signal's arrival to its first fill",
    });
  }

  saw({ type, key, correlationId, time }: LogEvent): void {
    if (correlationId === undefined) return;
    const signal = `${key}|${correlationId}`;
    switch (type) {
      case 'TradingSignalGenerated':
        this.arrivedAt.set(signal, Date.parse(time));
        this.forgetOldest();
        return;
      case 'OrderPlaced':
        this.observe(this.placed, signal, time);
        return;
      case 'OrderFilled':
        this.observe(this.filled, signal, time);
        this.arrivedAt.delete(signal);
        return;
      case 'OrderCompleted':
      case 'SignalRejected':
        this.arrivedAt.delete(signal);
        return;
      default:
    }
  }

  private observe(metric: { observe(seconds: number): void }, signal: string, time: string): void {
    const seconds = (Date.parse(time) - (this.arrivedAt.get(signal) ?? Number.NaN)) / 1_000;
    // A stranger may write whatever he likes where the time belongs.
    if (Number.isFinite(seconds)) metric.observe(Math.max(0, seconds));
  }

  private forgetOldest(): void {
    if (this.arrivedAt.size <= MOST_SIGNALS) return;
    const oldest = this.arrivedAt.keys().next().value;
    if (oldest !== undefined) this.arrivedAt.delete(oldest);
  }
}
