import { Body, Controller, Get, Headers, HttpCode, Inject, Param, Post, Query, UseGuards } from '@nestjs/common';
import type { Principal } from '@switchyard/auth';
import { BearerGuard, Caller, Problem, toProblem, validated } from '@switchyard/http';
import { newTraceparent, spanFor, type Metrics } from '@switchyard/observability';
import { METRICS } from '@switchyard/runtime';
import type { Counter } from 'prom-client';
import { readableUser } from '../journal/readable-user.js';
import { signalAnswers } from '../metrics.js';
import { SignalStories } from '../stories/signal-stories.js';
import type { SignalView } from '../stories/signal-story.js';
import type { StrategySignalView } from '../stories/strategy-story.js';
import { signalBatch, userQuery, type UserQuery } from '../openapi/requests.js';
import { SignalIntake, type Accepted } from './signal-intake.js';

/** One signal's own answer within a batch: the status and what a request of its own would have been answered. */
export type BatchAnswer =
  | ({ readonly status: 202 } & Accepted)
  | { readonly status: number; readonly signalId?: string; readonly code: string; readonly detail: string };

@UseGuards(BearerGuard)
@Controller('v1/signals')
export class SignalsController {
  private readonly answers: Counter<'outcome'>;

  constructor(
    @Inject(SignalIntake) private readonly intake: SignalIntake,
    @Inject(SignalStories) private readonly stories: SignalStories,
    @Inject(METRICS) metrics: Metrics,
  ) {
    this.answers = signalAnswers(metrics);
  }

  @Post()
  @HttpCode(202)
  async send(
    @Caller() caller: Principal,
    @Body() body: unknown,
    @Headers('traceparent') traceparent?: string,
  ): Promise<Accepted> {
    return this.accept(body, caller, traceparent);
  }

  @Post('batch')
  @HttpCode(200)
  async sendAll(
    @Caller() caller: Principal,
    @Body(validated(signalBatch)) signals: readonly unknown[],
    @Headers('traceparent') traceparent?: string,
  ): Promise<{ readonly items: readonly BatchAnswer[] }> {
    const items = await Promise.all(
      signals.map((signal) =>
        this.accept(signal, caller, traceparent).then(
          (accepted): BatchAnswer => ({ status: 202, ...accepted }),
          (error: unknown) => refusedAnswer(signal, error),
        ),
      ),
    );
    return { items };
  }

  @Get(':id')
  async find(
    @Caller() caller: Principal,
    @Param('id') id: string,
    @Query(validated(userQuery)) query: UserQuery,
  ): Promise<SignalView | StrategySignalView> {
    // Postgres takes no NUL in a text; no id has one.
    const reader = readableUser(caller, 'trading.read', query.userId);
    const story = id.includes('\0') ? undefined : await this.stories.find(id, reader, caller.userId);
    if (story === undefined) throw new Problem('NOT_FOUND', 'There is no such signal, or it is not yours.');
    return story;
  }

  private async accept(body: unknown, caller: Principal, given: string | undefined): Promise<Accepted> {
    const span = spanFor('signal received', given ?? newTraceparent(), { kind: 'server', service: 'gateway' });
    try {
      const accepted = await this.intake.accept(body, { caller, traceparent: span.traceparent });
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

const refusedAnswer = (signal: unknown, error: unknown): BatchAnswer => {
  const { status, code, detail, errors, facts } = toProblem(error).body();
  const signalId = (signal as { readonly signalId?: unknown } | null)?.signalId;
  return {
    status,
    ...(typeof signalId === 'string' ? { signalId } : {}),
    code,
    detail,
    ...(errors === undefined ? {} : { errors }),
    ...(facts === undefined ? {} : { facts }),
  };
};
