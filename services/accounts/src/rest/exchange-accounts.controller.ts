import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Post, Res, UseGuards } from '@nestjs/common';
import type { Principal } from '@switchyard/auth';
import { BearerGuard, Caller, requirePermission, validated } from '@switchyard/http';
import { refuse } from '@switchyard/model';
import type { z } from 'zod';
import { Approvals } from '../approvals/approvals.js';
import { ExchangeAccounts, unsupportedWishes } from '../exchange-accounts.js';
import type { Changed } from '../policy/user-changes.js';
import type { StoredAccount } from '../store/stored.js';
import { newAccount, rotation } from './schemas.js';
import type { StatusReply } from './users.controller.js';
import { accountView, pendingOf } from './views.js';

@UseGuards(BearerGuard)
@Controller('v1/users/:userId/accounts')
export class ExchangeAccountsController {
  constructor(
    @Inject(ExchangeAccounts) private readonly accounts: ExchangeAccounts,
    @Inject(Approvals) private readonly approvals: Approvals,
  ) {}

  @Post()
  async connect(
    @Caller() caller: Principal,
    @Param('userId') userId: string,
    @Body(validated(newAccount)) input: z.infer<typeof newAccount>,
    @Res({ passthrough: true }) reply: StatusReply,
  ) {
    requirePermission(caller, input.apiKey === undefined ? 'accounts.change' : 'accounts.keys', userId);
    const unsupported = unsupportedWishes(input);
    if (unsupported !== undefined) throw unsupported;
    const { apiKey, secret, passphrase } = input;
    const credentials =
      apiKey === undefined || secret === undefined
        ? undefined
        : { apiKey, secret, ...(passphrase === undefined ? {} : { passphrase }) };
    const { accountId, venue, mode, market, testnet, usdtAsUsd, timeZone, startingBalances } = input;
    const account = { accountId, venue, mode, market, testnet, usdtAsUsd, timeZone, startingBalances, credentials };
    const changed = await this.accounts.connectFor(userId, account, caller, this.approvals);
    const { approval } = changed.result;
    const answered = answer({ ...changed, result: changed.result.account }, reply);
    if (approval === undefined) return answered;
    reply.status(202);
    const { message } = refuse('APPROVAL_REQUIRED');
    return { ...answered, code: 'APPROVAL_REQUIRED', detail: message, expiresAt: approval.expiresAt.toISOString() };
  }

  @Get()
  async list(@Caller() caller: Principal, @Param('userId') userId: string) {
    requirePermission(caller, 'users.read', userId);
    return { items: (await this.accounts.list(userId)).map(accountView) };
  }

  @Post(':accountId/rotate')
  @HttpCode(200)
  async rotate(
    @Caller() caller: Principal,
    @Param('userId') userId: string,
    @Param('accountId') accountId: string,
    @Body(validated(rotation)) { apiKey, secret, passphrase }: z.infer<typeof rotation>,
    @Res({ passthrough: true }) reply: StatusReply,
  ) {
    requirePermission(caller, 'accounts.keys', userId);
    const credentials = { apiKey, secret, ...(passphrase === undefined ? {} : { passphrase }) };
    return answer(await this.accounts.rotate(userId, accountId, credentials, caller.userId), reply);
  }

  @Delete(':accountId')
  async remove(
    @Caller() caller: Principal,
    @Param('userId') userId: string,
    @Param('accountId') accountId: string,
    @Res({ passthrough: true }) reply: StatusReply,
  ) {
    requirePermission(caller, 'accounts.change', userId);
    return answer(await this.accounts.remove(userId, accountId, caller.userId), reply);
  }
}

const answer = (changed: Changed<StoredAccount>, reply: StatusReply) => {
  if (changed.missing.length > 0) reply.status(202);
  return {
    ...accountView(changed.result),
    userId: changed.user.userId,
    version: changed.user.version,
    ...pendingOf(changed),
  };
};
