import { Controller, Get, Inject, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Health } from './health.js';
import { METRICS, PROFILER } from './tokens.js';
import type { LatencyProfiler, LatencySummary, Metrics } from '@switchyard/observability';

/** `/health`: is the process alive (else restart it). `/ready`: can it work now (else send it nothing). `/metrics`: Prometheus.
 * `/latency`: how long each stage took, by the minute. */
@Controller()
export class HealthController {
  constructor(
    @Inject(Health) private readonly healthOf: Health,
    @Inject(METRICS) private readonly registry: Metrics,
    @Inject(PROFILER) private readonly profiler: LatencyProfiler,
  ) {}

  @Get('health')
  health(@Res() reply: FastifyReply): void {
    void reply.status(this.healthOf.broken ? 503 : 200).send({ status: this.healthOf.broken ? 'broken' : 'ok' });
  }

  @Get('ready')
  async ready(@Res() reply: FastifyReply): Promise<void> {
    const report = await this.healthOf.report();
    await reply.status(report.status === 'ok' ? 200 : 503).send(report);
  }

  @Get('metrics')
  async metrics(@Res() reply: FastifyReply): Promise<void> {
    await reply.header('content-type', this.registry.contentType).send(await this.registry.metrics());
  }

  /** Microseconds; newest first within a stage. */
  @Get('latency')
  latency(): { readonly stages: readonly LatencySummary[] } {
    return { stages: this.profiler.summaries() };
  }
}
