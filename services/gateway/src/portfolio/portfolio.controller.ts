import { Controller, Get, Inject, Query, UseGuards } from '@nestjs/common';
import type { Principal } from '@switchyard/auth';
import { BearerGuard, Caller, validated } from '@switchyard/http';
import type { Page } from '../journal/cursor.js';
import { readableUser } from '../journal/readable-user.js';
import {
  balancesQuery,
  executionsQuery,
  positionsQuery,
  type BalancesQuery,
  type ExecutionsQuery,
  type PositionsQuery,
} from '../openapi/requests.js';
import { Portfolio } from './portfolio.js';
import type { BalanceView, ExecutionView, PositionView } from './views.js';

@UseGuards(BearerGuard)
@Controller('v1')
export class PortfolioController {
  constructor(@Inject(Portfolio) private readonly portfolio: Portfolio) {}

  @Get('positions')
  positions(
    @Caller() caller: Principal,
    @Query(validated(positionsQuery)) query: PositionsQuery,
  ): Promise<Page<PositionView>> {
    return this.portfolio.positions(readableUser(caller, 'trading.read', query.userId), query);
  }

  @Get('balances')
  balances(
    @Caller() caller: Principal,
    @Query(validated(balancesQuery)) query: BalancesQuery,
  ): Promise<Page<BalanceView>> {
    return this.portfolio.balances(readableUser(caller, 'trading.read', query.userId), query);
  }

  @Get('executions')
  executions(
    @Caller() caller: Principal,
    @Query(validated(executionsQuery)) query: ExecutionsQuery,
  ): Promise<Page<ExecutionView>> {
    return this.portfolio.executions(readableUser(caller, 'trading.read', query.userId), query);
  }
}
