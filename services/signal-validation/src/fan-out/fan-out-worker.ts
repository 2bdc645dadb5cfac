import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import { counter, gauge, histogram, type Logger, type Metrics } from '@switchyard/observability';
import { isInfrastructureError } from '@switchyard/persistence';
import { PageFailed, type FanOutPages, type Worked } from './fan-out-pages.js';

/** How long it sleeps where nobody wakes it: what a process left that died is found then. */
const POLL_MS = 1_000;
/** Failures of one page after which a person has to look. */
const STUCK_AFTER = 5;

/** Copies strategies' signals, page after page, while there are any. */
export class FanOutWorker implements OnApplicationBootstrap, OnApplicationShutdown {
  private loop: Promise<void> | undefined;
  private stopped = false;
  private woken = false;
  private interrupt: (() => void) | undefined;
  private readonly metrics: ReturnType<typeof fanOutMetrics>;

  constructor(
    private readonly pages: Pick<FanOutPages, 'work' | 'putOff' | 'waiting'>,
    private readonly logger: Logger,
    metrics: Metrics,
  ) {
    this.metrics = fanOutMetrics(metrics, pages);
  }

  /** There is something to copy. */
  readonly wake = (): void => {
    this.woken = true;
    this.interrupt?.();
  };

  onApplicationBootstrap(): void {
    this.loop = this.run();
  }

  async onApplicationShutdown(): Promise<void> {
    this.stopped = true;
    this.wake();
    await this.loop;
  }

  private async run(): Promise<void> {
    while (!this.stopped) {
      this.woken = false;
      const worked = await this.page();
      if (worked === undefined) await this.rest();
      else this.count(worked);
    }
  }

  /** Undefined: there is nothing to do, or it has to wait. */
  private async page(): Promise<Worked | undefined> {
    try {
      return await this.pages.work();
    } catch (error) {
      await this.failed(error);
      return undefined;
    }
  }

  private async failed(error: unknown): Promise<void> {
    if (!(error instanceof PageFailed) || isInfrastructureError(error.cause)) {
      this.logger.warn({ err: error }, 'strategies’ signals could not be copied; it is tried again');
      return;
    }
    const { strategyId, signalId, attempts } = error;
    const facts = { err: error.cause, strategyId, signalId, attempts };
    if (attempts < STUCK_AFTER)
      this.logger.warn(facts, 'a page of copies failed; nothing of it was stored, it is tried again');
    else
      this.logger.error(
        { code: 'FAN_OUT_STUCK', ...facts },
        'a page of copies fails again and again: this signal and later ones of the strategy wait',
      );
    this.metrics.failures.inc();
    await this.pages.putOff(error).catch((cause: unknown) => {
      this.logger.warn({ err: cause }, 'a failed page could not be put off');
    });
    // Others' pages are not to wait for this one.
    this.woken = true;
  }

  private async rest(): Promise<void> {
    if (this.woken || this.stopped) return;
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.interrupt = resolve;
      timer = setTimeout(resolve, POLL_MS);
    });
    clearTimeout(timer);
  }

  private count({ copies, skipped, finishedAfterMs }: Worked): void {
    this.metrics.copies.inc({ outcome: 'copied' }, copies);
    this.metrics.copies.inc({ outcome: 'skipped' }, skipped);
    if (finishedAfterMs !== undefined) this.metrics.duration.observe(finishedAfterMs / 1_000);
  }
}

const fanOutMetrics = (metrics: Metrics, pages: Pick<FanOutPages, 'waiting'>) => {
  gauge(metrics, {
    name: 'fan_outs_waiting',
    help: 'Signals of strategies that are being copied for those who follow.',
    collect: async (fanOuts) => {
      fanOuts.set((await pages.waiting()).fanOuts);
    },
  });
  gauge(metrics, {
    name: 'fan_outs_oldest_seconds',
    help: 'Age of the oldest signal of a strategy that is not copied for all yet.',
    collect: async (age) => {
      age.set((await pages.waiting()).oldestS);
    },
  });
  return {
    copies: counter(metrics, {
      name: 'fan_out_copies_total',
      help: 'Accounts that follow a strategy, by what a signal of it came to for them.',
      labels: ['outcome'],
    }),
    failures: counter(metrics, {
      name: 'fan_out_failures_total',
      help: 'Pages of copies that failed and were tried again.',
    }),
    duration: histogram(metrics, {
      name: 'fan_out_seconds',
      help: 'From the decision on a strategy’s signal to the commit of its last copy.',
      buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60],
    }),
  };
};
