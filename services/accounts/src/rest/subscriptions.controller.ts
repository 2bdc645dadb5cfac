import { Body, Controller, Delete, Get, Inject, Param, Patch, Post, Res, UseGuards } from '@nestjs/common';
import type { Principal } from '@switchyard/auth';
import { BearerGuard, Caller, requirePermission, validated } from '@switchyard/http';
import type { z } from 'zod';
import type { Changed } from '../policy/user-changes.js';
import type { StoredSubscription } from '../subscriptions/stored-subscription.js';
import { newSubscription, subscriptionChange } from '../subscriptions/subscription-schemas.js';
import { Subscriptions } from '../subscriptions/subscriptions.js';
import type { StatusReply } from './users.controller.js';
import { pendingOf } from './views.js';

@UseGuards(BearerGuard)
@Controller('v1/users/:userId/subscriptions')
export class SubscriptionsController {
  constructor(@Inject(Subscriptions) private readonly subscriptions: Subscriptions) {}

  @Post()
  async add(
    @Caller() caller: Principal,
    @Param('userId') userId: string,
    @Body(validated(newSubscription)) input: z.infer<typeof newSubscription>,
    @Res({ passthrough: true }) reply: StatusReply,
  ) {
    requirePermission(caller, 'subscriptions.change', userId);
    const { strategyId, accountId, ...terms } = input;
    return answer(await this.subscriptions.add(userId, { strategyId, accountId }, terms, caller.userId), reply);
  }

  @Get()
  async list(@Caller() caller: Principal, @Param('userId') userId: string) {
    requirePermission(caller, 'users.read', userId);
    return { items: (await this.subscriptions.list(userId)).map(subscriptionView) };
  }

  @Patch(':strategyId/:accountId')
  async change(
    @Caller() caller: Principal,
    @Param('userId') userId: string,
    @Param('strategyId') strategyId: string,
    @Param('accountId') accountId: string,
    @Body(validated(subscriptionChange)) change: z.infer<typeof subscriptionChange>,
    @Res({ passthrough: true }) reply: StatusReply,
  ) {
    requirePermission(caller, 'subscriptions.change', userId);
    const place = { strategyId, accountId };
    return answer(await this.subscriptions.change(userId, place, change, caller.userId), reply);
  }

  @Delete(':strategyId/:accountId')
  async remove(
    @Caller() caller: Principal,
    @Param('userId') userId: string,
    @Param('strategyId') strategyId: string,
    @Param('accountId') accountId: string,
    @Res({ passthrough: true }) reply: StatusReply,
  ) {
    requirePermission(caller, 'subscriptions.change', userId);
    return answer(await this.subscriptions.remove(userId, { strategyId, accountId }, caller.userId), reply);
  }
}

const subscriptionView = ({ strategyId, accountId, terms, createdAt, updatedAt }: StoredSubscription) => ({
  strategyId,
  accountId,
  ...terms,
  createdAt: createdAt.toISOString(),
  updatedAt: updatedAt.toISOString(),
});

const answer = (changed: Changed<StoredSubscription>, reply: StatusReply) => {
  if (changed.missing.length > 0) reply.status(202);
  const { userId, version } = changed.user;
  return { ...subscriptionView(changed.result), userId, version, ...pendingOf(changed) };
};
