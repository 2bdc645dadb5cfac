import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Post, UseGuards } from '@nestjs/common';
import { mayGrant, type Principal } from '@switchyard/auth';
import { BearerGuard, Caller, Problem, requirePermission, validated } from '@switchyard/http';
import type { z } from 'zod';
import { Tokens } from '../tokens.js';
import { newToken } from './schemas.js';
import { pendingOf, tokenView, webhookTokenView } from './views.js';

@UseGuards(BearerGuard)
@Controller('v1/users/:userId/tokens')
export class TokensController {
  constructor(@Inject(Tokens) private readonly tokens: Tokens) {}

  /** The token is in this answer and nowhere else. */
  @Post()
  async issue(
    @Caller() caller: Principal,
    @Param('userId') userId: string,
    @Body(validated(newToken)) input: z.infer<typeof newToken>,
  ) {
    requirePermission(caller, 'tokens.issue', userId);
    const { role = 'trader', strategy: strategyId, name, addresses, publishes } = input;
    const expiresAt = input.expiresAt === undefined ? undefined : new Date(input.expiresAt);
    if (strategyId !== undefined) {
      const webhook = { strategyId, name, addresses, expiresAt };
      const changed = await this.tokens.issueWebhook(userId, webhook, caller.userId);
      return { ...webhookTokenView(changed.result), ...pendingOf(changed) };
    }
    if (!mayGrant(caller.role, role))
      throw new Problem('FORBIDDEN', 'Nobody gives away more than they have.', { facts: { role, yours: caller.role } });
    if (publishes !== undefined) requirePermission(caller, 'strategies.publish');
    const changed = await this.tokens.issue(userId, { role, name, expiresAt, publishes }, caller.userId);
    return { ...tokenView(changed.result), ...pendingOf(changed) };
  }

  @Get()
  async list(@Caller() caller: Principal, @Param('userId') userId: string) {
    requirePermission(caller, 'tokens.read', userId);
    const [tokens, webhooks] = await Promise.all([this.tokens.list(userId), this.tokens.listWebhooks(userId)]);
    return { items: [...tokens.map(tokenView), ...webhooks.map(webhookTokenView)] };
  }

  @Delete(':tokenId')
  @HttpCode(204)
  async revoke(@Caller() caller: Principal, @Param('userId') userId: string, @Param('tokenId') tokenId: string) {
    requirePermission(caller, 'tokens.revoke', userId);
    await this.tokens.revoke(userId, tokenId, caller.userId);
  }
}
