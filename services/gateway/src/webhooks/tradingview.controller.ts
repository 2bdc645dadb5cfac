import { Body, Controller, HttpCode, Inject, Post, Req } from '@nestjs/common';
import { toProblem } from '@switchyard/http';
import { newTraceparent, spanFor, type Metrics } from '@switchyard/observability';
import { METRICS } from '@switchyard/runtime';
import type { FastifyRequest } from 'fastify';
import type { Counter } from 'prom-client';
import { webhookAnswers } from '../metrics.js';
import type { Accepted } from '../signals/signal-intake.js';
import { TradingViewAlerts } from './tradingview-alerts.js';
import { WebhookCallers } from './webhook-callers.js';
import { webhookTokenOf } from './webhook-url.js';

/** TradingView's door. It can send no header and signs nothing: the token stands in the path, and `WebhookUrls` has taken it out of there. */
@Controller('v1/webhooks/tradingview')
export class TradingViewController {
  private readonly answers: Counter<'outcome'>;

  constructor(
    @Inject(WebhookCallers) private readonly callers: WebhookCallers,
    @Inject(TradingViewAlerts) private readonly alerts: TradingViewAlerts,
    @Inject(METRICS) metrics: Metrics,
  ) {
    this.answers = webhookAnswers(metrics);
  }

  @Post(':token')
  @HttpCode(202)
  async alert(@Req() request: FastifyRequest, @Body() body: unknown): Promise<Accepted> {
    const span = spanFor('alert received', newTraceparent(), { kind: 'server', service: 'gateway' });
    try {
      const grant = await this.callers.grantFor({
        token: webhookTokenOf(request),
        peer: request.raw.socket.remoteAddress,
        forwardedFor: request.headers['x-forwarded-for'],
      });
      const accepted = await this.alerts.accept(typeof body === 'string' ? body : '', grant, span.traceparent);
      this.answers.inc({ outcome: 'ACCEPTED' });
      span.end();
      return accepted;
    } catch (error) {
      const { code } = toProblem(error);
      this.answers.inc({ outcome: code });
      span.end({ error: code });
      throw error;
    }
  }
}
