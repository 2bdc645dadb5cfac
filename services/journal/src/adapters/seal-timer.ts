import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import { counter, gauge, type Logger, type Metrics } from '@switchyard/observability';
import type { Counter, Gauge } from 'prom-client';
import type { AuditSealer } from './audit-sealer.js';

/** Seals at a steady pace, one round at a time; the last round runs at shutdown, so that a stopped journal leaves nothing open. */
export class SealTimer implements OnApplicationBootstrap, OnApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;
  private round: Promise<void> | undefined;
  private stopped = false;
  private readonly sealed: Counter;
  private readonly failing: Gauge;

  constructor(
    private readonly sealer: Pick<AuditSealer, 'sealOnce'>,
    private readonly intervalMs: number,
    private readonly logger: Logger,
    metrics: Metrics,
  ) {
    this.sealed = counter(metrics, {
      name: 'audit_batches_sealed_total',
      help: 'Batches of the audit trail sealed by this process.',
    });
    this.failing = gauge(metrics, {
      name: 'audit_sealing_failing',
      help: '1 while the open end of the audit trail cannot be sealed.',
    });
  }

  onApplicationBootstrap(): void {
    this.schedule();
  }

  async onApplicationShutdown(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.round;
    await this.seal();
  }

  private schedule(): void {
    if (this.stopped) return;
    this.timer = setTimeout(() => {
      this.round = this.seal().then(() => {
        this.schedule();
      });
    }, this.intervalMs).unref();
  }

  private async seal(): Promise<void> {
    try {
      this.sealed.inc(await this.sealer.sealOnce(new Date()));
      this.failing.set(0);
    } catch (error) {
      this.failing.set(1);
      this.logger.warn({ err: error }, 'the audit trail could not be sealed; it is tried again');
    }
  }
}
