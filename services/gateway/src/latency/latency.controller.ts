import { Controller, Get, Inject, Query, UseGuards } from '@nestjs/common';
import type { Principal } from '@switchyard/auth';
import { BearerGuard, Caller, requirePermission, validated } from '@switchyard/http';
import type { Database } from '@switchyard/persistence';
import { DATABASE, reportedLatencies } from '@switchyard/runtime';
import { latencyQuery, type LatencyQuery } from '../openapi/requests.js';
import { latencyView, type LatencyView } from './latency-view.js';

/** How long each stage of each service took: of the whole deployment, from what its processes report every few seconds. */
@UseGuards(BearerGuard)
@Controller('v1/latency')
export class LatencyController {
  constructor(@Inject(DATABASE) private readonly db: Database) {}

  @Get()
  async list(
    @Caller() caller: Principal,
    @Query(validated(latencyQuery)) { minutes, ...wish }: LatencyQuery,
  ): Promise<LatencyView> {
    requirePermission(caller, 'latency.read');
    return latencyView(await reportedLatencies(this.db, minutes), wish);
  }
}
