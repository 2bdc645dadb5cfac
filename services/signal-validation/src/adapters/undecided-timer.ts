import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import { counter, gauge, type Logger, type Metrics } from '@switchyard/observability';
import type { Counter } from 'prom-client';
import type { UndecidedSignals } from './undecided-signals.js';

/** Sweeps at a steady pace, one sweep at a time. */
export class UndecidedTimer implements OnApplicationBootstrap, OnApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;
  private round: Promise<void> | undefined;
  private stopped = false;
  private readonly again: Counter;

  constructor(
    private readonly undecided: Pick<UndecidedSignals, 'sweep' | 'count'>,
    private readonly everyMs: number,
    private readonly logger: Logger,
    metrics: Metrics,
  ) {
    this.again = counter(metrics, {
      name: 'signals_appended_again_total',
      help: 'Signals that REST admitted and nobody decided in time, put to the log once more.',
    });
    gauge(metrics, {
      name: 'signals_undecided',
      help: 'Signals that REST admitted longer ago than they should take, and nobody has decided.',
      collect: async (signals) => {
        signals.set(await undecided.count());
      },
    });
  }

  onApplicationBootstrap(): void {
    this.schedule();
  }

  async onApplicationShutdown(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.round;
  }

  private schedule(): void {
    if (this.stopped) return;
    this.timer = setTimeout(() => {
      this.round = this.sweep().then(() => {
        this.schedule();
      });
    }, this.everyMs).unref();
  }

  private async sweep(): Promise<void> {
    try {
      const { again, stuck } = await this.undecided.sweep();
      this.again.inc(again);
      if (again > 0)
        this.logger.warn({ signals: again }, 'signals were admitted and not decided: they are put to the log again');
      if (stuck > 0)
        this.logger.error(
          { code: 'SIGNAL_UNDECIDED', admissions: stuck },
          'signals were put to the log again and again, and nobody decided them',
        );
    } catch (error) {
      this.logger.warn({ err: error }, 'undecided signals could not be looked for; it is tried again');
    }
  }
}
