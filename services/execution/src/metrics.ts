import { LatencyProfiler, counter, gauge, histogram, type Metrics } from '@switchyard/observability';

/** What the executor counts. All carry the venue: executors may share a registry, and do share dashboards. */
export class ExecutionMetrics {
  readonly #venue: string;
  readonly #executions;
  readonly #latency;
  readonly #queueDepth;
  readonly #inFlight;
  readonly #intakePaused;
  readonly #unknown;
  readonly #stale;
  readonly #failures;
  readonly #balances;
  readonly #circuit;
  readonly #held;
  readonly #stateSilence;
  readonly #cancels;
  readonly #stages;

  constructor(metrics: Metrics, venue: string, profiler = new LatencyProfiler()) {
    const labels = ['venue'] as const;
    this.#venue = venue;
    this.#stages = {
      submission: profiler.stage(`${venue}.submission`),
      acknowledgement: profiler.stage(`${venue}.acknowledgement`),
      execution: profiler.stage(`${venue}.execution`),
    };
    this.#executions = counter(metrics, {
      name: 'executions_total',
      help: 'Attempts to execute an order, by outcome',
      labels: ['venue', 'mode', 'outcome'],
    });
    this.#cancels = counter(metrics, {
      name: 'executor_cancels_total',
      help: 'Cancels asked of the venue, by what it answered; an order’s end is told by what is looked up afterwards',
      labels: ['venue', 'mode', 'outcome'],
    });
    this.#latency = histogram(metrics, {
      name: 'execution_latency_seconds',
      help: 'From the claim to the answer (request) or to the stored outcome (stored); a whole batch (simulated_batch)',
      labels: ['venue', 'step'],
    });
    this.#queueDepth = gauge(metrics, { name: 'executor_queue_depth', help: 'Tasks that wait', labels });
    this.#inFlight = gauge(metrics, { name: 'executor_in_flight', help: 'Tasks under way in this process', labels });
    this.#intakePaused = gauge(metrics, {
      name: 'executor_intake_paused',
      help: '1 while orders stay in the log because the venue’s queue is full',
      labels,
    });
    this.#unknown = gauge(metrics, {
      name: 'executor_unknown_orders',
      help: 'Orders of which it is not known whether the venue has them',
      labels,
    });
    this.#stale = counter(metrics, {
      name: 'executor_stale_outcomes_total',
      help: 'Outcomes dropped because the lease had passed on',
      labels,
    });
    this.#failures = counter(metrics, {
      name: 'executor_failures_total',
      help: 'Pieces of work that failed and are tried again',
      labels: ['venue', 'work'],
    });
    this.#balances = counter(metrics, {
      name: 'executor_balance_fetches_total',
      help: 'Balances asked for at the venue, by result',
      labels: ['venue', 'result'],
    });
    this.#circuit = counter(metrics, {
      name: 'circuit_changes_total',
      help: 'Changes of a venue’s circuit, by what it became; each counted by the one replica that made it',
      labels: ['venue', 'to'],
    });
    this.#stateSilence = gauge(metrics, {
      name: 'executor_state_silence_seconds',
      help: 'How long nothing was heard of the global trading state; beyond SWITCHYARD_TRADING_STATE_SILENCE_MS nothing is opened. 0 where nobody tells it',
      labels,
    });
    this.#held = counter(metrics, {
      name: 'executor_calls_held_total',
      help: 'Calls to a venue that were put off or refused: circuit, closed (it told us to stay away), budget, slow, store',
      labels: ['venue', 'reason'],
    });
  }

  executed(mode: string, outcome: string, count = 1): void {
    this.#executions.inc({ venue: this.#venue, mode, outcome }, count);
  }

  cancelled(mode: string, outcome: string): void {
    this.#cancels.inc({ venue: this.#venue, mode, outcome });
  }

  took(step: 'request' | 'stored' | 'simulated_batch', milliseconds: number): void {
    this.#latency.observe({ venue: this.#venue, step }, milliseconds / 1_000);
  }

  /**
   * How long an order took, milliseconds. `submission`: from its claim to the write of its request, all of it our own time; `acknowledgement`:
   * from the write to the venue's answer; `execution`: from the claim until what came of it is stored.
   */
  profiled(stage: 'submission' | 'acknowledgement' | 'execution', milliseconds: number): void {
    this.#stages[stage].record(milliseconds);
  }

  depths(queued: number, unknown: number): void {
    this.#queueDepth.set({ venue: this.#venue }, queued);
    this.#unknown.set({ venue: this.#venue }, unknown);
  }

  intakePaused(paused: boolean): void {
    this.#intakePaused.set({ venue: this.#venue }, paused ? 1 : 0);
  }

  inFlight(count: number): void {
    this.#inFlight.set({ venue: this.#venue }, count);
  }

  stale(): void {
    this.#stale.inc({ venue: this.#venue });
  }

  failed(work: string): void {
    this.#failures.inc({ venue: this.#venue, work });
  }

  circuitChanged(to: string): void {
    this.#circuit.inc({ venue: this.#venue, to });
  }

  stateSilence(milliseconds: number | undefined): void {
    this.#stateSilence.set({ venue: this.#venue }, (milliseconds ?? 0) / 1_000);
  }

  held(reason: string): void {
    this.#held.inc({ venue: this.#venue, reason });
  }

  balancesFetched(result: 'told' | 'failed'): void {
    this.#balances.inc({ venue: this.#venue, result });
  }
}
