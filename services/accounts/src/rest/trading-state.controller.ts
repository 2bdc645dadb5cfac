import { Body, Controller, Get, Inject, Param, Put, Query, Res, UseGuards } from '@nestjs/common';
import { allows, type Permission, type Principal } from '@switchyard/auth';
import { BearerGuard, Caller, requirePermission, validated } from '@switchyard/http';
import { userScope } from '@switchyard/model';
import type { z } from 'zod';
import { TradingStates } from '../trading-state/trading-states.js';
import { cursorAfter, scopeParameter, statePage, stateWish, tradingStateView } from './trading-state.js';
import type { StatusReply } from './users.controller.js';

@UseGuards(BearerGuard)
@Controller('v1/trading-state')
export class TradingStateController {
  constructor(@Inject(TradingStates) private readonly states: TradingStates) {}

  /** A trader sees the own scope. */
  @Get()
  async list(@Caller() caller: Principal, @Query(validated(statePage)) { cursor, limit }: z.infer<typeof statePage>) {
    const own = allows(caller, 'state.read') ? undefined : userScope(caller.userId);
    const found = await this.states.list(own, cursor, limit + 1);
    const shown = found.slice(0, limit);
    const last = shown.at(-1);
    return {
      items: shown.map(tradingStateView),
      ...(found.length > limit && last !== undefined ? { nextCursor: cursorAfter(last) } : {}),
    };
  }

  @Get(':scope')
  async read(@Caller() caller: Principal, @Param('scope', validated(scopeParameter)) scope: string) {
    requireScope(caller, 'state.read', scope);
    return tradingStateView(await this.states.find(scope));
  }

  @Put(':scope')
  async change(
    @Caller() caller: Principal,
    @Param('scope', validated(scopeParameter)) scope: string,
    @Body(validated(stateWish)) wish: z.infer<typeof stateWish>,
    @Res({ passthrough: true }) reply: StatusReply,
  ) {
    requireScope(caller, 'state.change', scope);
    const { state, reason, cancelOpen } = wish;
    const known = await this.states.change(scope, { state, reason, cancelOpen }, caller);
    if (!known.verified) reply.status(202);
    return tradingStateView(known);
  }
}

const requireScope = (caller: Principal, permission: Permission, scope: string): void => {
  requirePermission(caller, permission, scope.startsWith('user:') ? scope.slice('user:'.length) : undefined);
};
