import { Body, Controller, HttpCode, Inject, Post } from '@nestjs/common';
import { validated, type IntrospectionAnswer, type WebhookAnswer } from '@switchyard/http';
import { counter, type Metrics } from '@switchyard/observability';
import { METRICS } from '@switchyard/runtime';
import type { z } from 'zod';
import { Tokens } from '../tokens.js';
import { introspection } from './schemas.js';

/**
 * Tells our own services whom a token speaks for (after RFC 7662). It is not proxied to the outside; who asks must hold the token, whose
 * 256 bits can't be guessed.
 */
@Controller('internal/introspect')
export class IntrospectionController {
  constructor(
    @Inject(Tokens) private readonly tokens: Tokens,
    @Inject(METRICS) private readonly metrics: Metrics,
  ) {}

  @Post()
  @HttpCode(200)
  async introspect(
    @Body(validated(introspection)) { token }: z.infer<typeof introspection>,
  ): Promise<IntrospectionAnswer> {
    const principal = await this.tokens.introspect(token);
    this.count(principal !== undefined);
    return principal === undefined ? { active: false } : { active: true, ...principal };
  }

  /** Of webhooks' tokens alone: a bearer token is none here, and theirs is none there. */
  @Post('webhook')
  @HttpCode(200)
  async webhook(@Body(validated(introspection)) { token }: z.infer<typeof introspection>): Promise<WebhookAnswer> {
    const grant = await this.tokens.grantOf(token);
    this.count(grant !== undefined);
    return grant === undefined ? { active: false } : { active: true, ...grant };
  }

  private count(active: boolean): void {
    counter(this.metrics, {
      name: 'accounts_introspections_total',
      help: 'Tokens asked about, by whether they were valid.',
      labels: ['active'],
    }).inc({ active: String(active) });
  }
}
