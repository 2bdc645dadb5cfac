import { Controller, Get, Inject, Query, UseGuards } from '@nestjs/common';
import type { Principal } from '@switchyard/auth';
import { BearerGuard, Caller, requirePermission, validated } from '@switchyard/http';
import { latencyQuery, type LatencyQuery } from '../openapi/requests.js';
import { Latencies } from './latencies.js';
import type { LatencyView } from './latency-view.js';

/** How long each stage of each service took: of the whole deployment, from what its processes report every few seconds. */
@UseGuards(BearerGuard)
@Controller('v1/latency')
export class LatencyController {
  constructor(@Inject(Latencies) private readonly latencies: Latencies) {}

  @Get()
  async list(
    @Caller() caller: Principal,
    @Query(validated(latencyQuery)) { minutes, ...wish }: LatencyQuery,
  ): Promise<LatencyView> {
    requirePermission(caller, 'latency.read');
    return this.latencies.ofLast(minutes, wish);
  }
}
