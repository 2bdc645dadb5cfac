import { Body, Controller, Get, Inject, Param, Patch, Post, Put, Query, Res, UseGuards } from '@nestjs/common';
import type { Principal } from '@switchyard/auth';
import type { LimitsChange } from '@switchyard/contracts';
import { BearerGuard, Caller, requirePermission, validated } from '@switchyard/http';
import type { z } from 'zod';
import { ExchangeAccounts } from '../exchange-accounts.js';
import { Users } from '../users.js';
import { checkedLimits } from './limits.js';
import { newUser, page, userChange } from './schemas.js';
import { limitsView, pendingOf, userView } from './views.js';

/** Sets the status of an answer: 202 while some stages have not stored the change. */
export interface StatusReply {
  status(code: number): unknown;
}

@UseGuards(BearerGuard)
@Controller('v1/users')
export class UsersController {
  constructor(
    @Inject(Users) private readonly users: Users,
    @Inject(ExchangeAccounts) private readonly accounts: ExchangeAccounts,
  ) {}

  @Post()
  async create(
    @Caller() caller: Principal,
    @Body(validated(newUser)) input: z.infer<typeof newUser>,
    @Res({ passthrough: true }) reply: StatusReply,
  ) {
    requirePermission(caller, 'users.create');
    const changed = await this.users.create(input, caller.userId);
    if (changed.missing.length > 0) reply.status(202);
    return { ...userView(changed.user, []), ...pendingOf(changed) };
  }

  @Get()
  async list(@Caller() caller: Principal, @Query(validated(page)) { cursor, limit, userId }: z.infer<typeof page>) {
    requirePermission(caller, 'users.read', userId);
    const found = userId === undefined ? await this.users.list(cursor, limit + 1) : [await this.users.find(userId)];
    const shown = found.slice(0, limit);
    const accounts = await this.accounts.listOf(shown.map((user) => user.userId));
    const last = shown.at(-1)?.userId;
    return {
      items: shown.map((user) => userView(user, accounts.get(user.userId) ?? [])),
      ...(found.length > limit && last !== undefined ? { nextCursor: last } : {}),
    };
  }

  @Get(':userId')
  async read(@Caller() caller: Principal, @Param('userId') userId: string) {
    requirePermission(caller, 'users.read', userId);
    return userView(await this.users.find(userId), await this.accounts.list(userId));
  }

  @Patch(':userId')
  async change(
    @Caller() caller: Principal,
    @Param('userId') userId: string,
    @Body(validated(userChange)) input: z.infer<typeof userChange>,
    @Res({ passthrough: true }) reply: StatusReply,
  ) {
    requirePermission(caller, 'users.change', userId);
    if (input.enabled !== undefined || input.pairs !== undefined) requirePermission(caller, 'users.enable', userId);
    const changed = await this.users.change(userId, input, caller.userId);
    if (changed.missing.length > 0) reply.status(202);
    return { ...userView(changed.user, await this.accounts.list(userId)), ...pendingOf(changed) };
  }

  @Get(':userId/limits')
  async limits(@Caller() caller: Principal, @Param('userId') userId: string) {
    requirePermission(caller, 'users.read', userId);
    return limitsView(await this.users.find(userId));
  }

  @Put(':userId/limits')
  async replaceLimits(
    @Caller() caller: Principal,
    @Param('userId') userId: string,
    @Body(checkedLimits) input: LimitsChange,
    @Res({ passthrough: true }) reply: StatusReply,
  ) {
    requirePermission(caller, 'limits.change', userId);
    const changed = await this.users.replaceLimits(userId, input, caller.userId);
    if (changed.missing.length > 0) reply.status(202);
    return { ...limitsView(changed.user), ...pendingOf(changed) };
  }
}
