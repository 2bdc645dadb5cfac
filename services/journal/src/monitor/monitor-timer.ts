import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import { counter, gauge, type Logger, type Metrics } from '@switchyard/observability';
import type { Counter, Gauge } from 'prom-client';
import type { LiveMonitor, Seen } from './live-monitor.js';

/** Looks at a steady pace, one look at a time. */
export class MonitorTimer implements OnApplicationBootstrap, OnApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;
  private look: Promise<void> | undefined;
  private stopped = false;
  private readonly values: Gauge<'code'>;
  private readonly raised: Gauge<'code'>;
  private readonly alerts: Counter<'code' | 'state'>;
  private readonly failing: Gauge;

  constructor(
    private readonly monitor: Pick<LiveMonitor, 'lookOnce'>,
    private readonly intervalMs: number,
    private readonly logger: Pick<Logger, 'warn' | 'info'>,
    metrics: Metrics,
  ) {
    this.values = gauge(metrics, {
      name: 'monitor_value',
      help: 'What the live monitor saw last, by rule: a fraction, milliseconds, a fraction. Of the process that looks.',
      labels: ['code'],
    });
    this.raised = gauge(metrics, {
      name: 'monitor_alert_raised',
      help: '1 while an alert of the live monitor stands, by rule. Of the process that looks.',
      labels: ['code'],
    });
    this.alerts = counter(metrics, {
      name: 'risk_alerts_total',
      help: 'Alerts of the live monitor that this process raised and cleared.',
      labels: ['code', 'state'],
    });
    this.failing = gauge(metrics, { name: 'monitor_failing', help: '1 while the live monitor cannot look.' });
  }

  onApplicationBootstrap(): void {
    this.schedule();
  }

  async onApplicationShutdown(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.look;
  }

  private schedule(): void {
    if (this.stopped) return;
    this.timer = setTimeout(() => {
      this.look = this.lookOnce().then(() => {
        this.schedule();
      });
    }, this.intervalMs).unref();
  }

  private async lookOnce(): Promise<void> {
    try {
      const seen = await this.monitor.lookOnce(new Date());
      this.failing.set(0);
      // Whoever does not look says nothing: two processes that tell two values would tell none.
      if (seen.length === 0) {
        this.values.reset();
        this.raised.reset();
      }
      for (const one of seen) this.tell(one);
    } catch (error) {
      this.failing.set(1);
      this.logger.warn({ err: error }, 'the live monitor could not look; it is tried again');
    }
  }

  private tell({ code, value, raised, changed, severity, message, limit, samples }: Seen): void {
    this.values.set({ code }, value);
    this.raised.set({ code }, raised ? 1 : 0);
    if (!changed) return;
    this.alerts.inc({ code, state: raised ? 'raised' : 'cleared' });
    const facts = { code, severity, currentValue: value, limit, samples };
    if (raised) this.logger.warn(facts, message);
    else this.logger.info(facts, `cleared: ${message}`);
  }
}
