import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query, UseGuards } from '@nestjs/common';
import { allows, type Principal } from '@switchyard/auth';
import { BearerGuard, Caller, requirePermission, validated } from '@switchyard/http';
import { METRICS } from '@switchyard/runtime';
import type { Metrics } from '@switchyard/observability';
import { readableUser } from '../journal/readable-user.js';
import type { Page } from '../journal/cursor.js';
import { operatorActs } from '../metrics.js';
import {
  failedDiscard,
  failedQuery,
  failedReason,
  type FailedDiscard,
  type FailedReason,
  type FailedQuery,
} from '../openapi/requests.js';
import type { FailedAction } from './failed-item.js';
import { actedView, failedView, type ActedView, type FailedView } from './failed-view.js';
import { FailedWork } from './failed-work.js';

@UseGuards(BearerGuard)
@Controller('v1/failed')
export class FailedController {
  constructor(
    @Inject(FailedWork) private readonly failed: FailedWork,
    @Inject(METRICS) private readonly metrics: Metrics,
  ) {}

  @Get()
  async list(
    @Caller() caller: Principal,
    @Query(validated(failedQuery)) query: FailedQuery,
  ): Promise<Page<FailedView>> {
    const userId = readableUser(caller, 'failed.read', query.userId);
    const { kind, limit, cursor } = query;
    const page = await this.failed.list(userId, { kind, limit, cursor });
    const mayAct = allows(caller, 'failed.change');
    return { ...page, items: page.items.map((item) => failedView(item, mayAct)) };
  }

  @Post(':id/retry')
  @HttpCode(200)
  retry(
    @Caller() caller: Principal,
    @Param('id') id: string,
    @Body(validated(failedReason)) { reason }: FailedReason,
  ): Promise<ActedView> {
    return this.act(caller, id, 'retry', reason);
  }

  @Post(':id/discard')
  @HttpCode(200)
  discard(
    @Caller() caller: Principal,
    @Param('id') id: string,
    @Body(validated(failedDiscard)) { reason, events }: FailedDiscard,
  ): Promise<ActedView> {
    return this.act(caller, id, 'discard', reason, events);
  }

  @Post(':id/release')
  @HttpCode(200)
  release(
    @Caller() caller: Principal,
    @Param('id') id: string,
    @Body(validated(failedReason)) { reason }: FailedReason,
  ): Promise<ActedView> {
    return this.act(caller, id, 'release', reason);
  }

  private async act(
    caller: Principal,
    id: string,
    action: FailedAction,
    reason: string,
    events?: 'first' | 'all',
  ): Promise<ActedView> {
    requirePermission(caller, 'failed.change');
    const acted = await this.failed.act(id, { action, reason, events }, caller);
    if (acted.done !== undefined) operatorActs(this.metrics).inc({ kind: acted.item.kind, action });
    return actedView(acted, action);
  }
}
