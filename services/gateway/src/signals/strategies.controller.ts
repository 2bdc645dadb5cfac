import { Body, Controller, Get, Headers, HttpCode, Inject, Param, Post, UseGuards } from '@nestjs/common';
import type { Principal } from '@switchyard/auth';
import { BearerGuard, Caller, Problem, requirePermission } from '@switchyard/http';
import { newTraceparent, spanFor } from '@switchyard/observability';
import { StrategyStories } from '../stories/strategy-stories.js';
import type { StrategySignalView } from '../stories/strategy-story.js';
import { SignalIntake, type Accepted } from './signal-intake.js';

/** Signals of strategies, for everybody who follows: sent by those who may publish the strategy, looked at by operators. */
@UseGuards(BearerGuard)
@Controller('v1/strategies/:strategyId/signals')
export class StrategiesController {
  constructor(
    @Inject(SignalIntake) private readonly intake: SignalIntake,
    @Inject(StrategyStories) private readonly stories: StrategyStories,
  ) {}

  @Post()
  @HttpCode(202)
  async send(
    @Caller() caller: Principal,
    @Param('strategyId') strategyId: string,
    @Body() body: unknown,
    @Headers('traceparent') given?: string,
  ): Promise<Accepted> {
    const span = spanFor('signal received', given ?? newTraceparent(), { kind: 'server', service: 'gateway' });
    try {
      const accepted = await this.intake.acceptOfStrategy(body, strategyId, { caller, traceparent: span.traceparent });
      span.end();
      return accepted;
    } catch (error) {
      span.end({ error: error instanceof Problem ? error.code : 'INTERNAL' });
      throw error;
    }
  }

  @Get(':id')
  async find(
    @Caller() caller: Principal,
    @Param('strategyId') strategyId: string,
    @Param('id') id: string,
  ): Promise<StrategySignalView> {
    requirePermission(caller, 'trading.read');
    const story = `${strategyId}${id}`.includes('\0') ? undefined : await this.stories.find(id, strategyId);
    if (story === undefined) throw new Problem('NOT_FOUND', 'The strategy has no such signal.');
    return story;
  }
}
