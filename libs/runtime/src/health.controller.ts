import { Controller, Get, Inject, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Health } from './health.js';
import { METRICS } from './tokens.js';
import type { Metrics } from '@switchyard/observability';

/** `/health`: is the process alive (else restart it). `/ready`: can it work now (else send it nothing). `/metrics`: Prometheus. */
@Controller()
export class HealthController {
  constructor(
    @Inject(Health) private readonly healthOf: Health,
    @Inject(METRICS) private readonly registry: Metrics,
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
}
