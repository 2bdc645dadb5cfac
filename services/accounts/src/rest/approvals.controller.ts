import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query, Res, UseGuards } from '@nestjs/common';
import { allows, type Principal } from '@switchyard/auth';
import { BearerGuard, Caller, requirePermission, validated } from '@switchyard/http';
import type { z } from 'zod';
import { Approvals, type Verdict } from '../approvals/approvals.js';
import { approvalPage, approvalVerdict } from './schemas.js';
import type { StatusReply } from './users.controller.js';
import { approvalView, pendingOf } from './views.js';

/** What waits for a second person. */
@UseGuards(BearerGuard)
@Controller('v1/approvals')
export class ApprovalsController {
  constructor(@Inject(Approvals) private readonly approvals: Approvals) {}

  /** A trader sees what they asked for, and what concerns them. */
  @Get()
  async list(
    @Caller() caller: Principal,
    @Query(validated(approvalPage)) { status, limit }: z.infer<typeof approvalPage>,
  ) {
    const of = allows(caller, 'approvals.read') ? undefined : caller.userId;
    return { items: (await this.approvals.list({ status, limit, of })).map(approvalView) };
  }

  @Post(':approvalId/approve')
  @HttpCode(200)
  async approve(
    @Caller() caller: Principal,
    @Param('approvalId') approvalId: string,
    @Body(validated(approvalVerdict)) { reason }: z.infer<typeof approvalVerdict>,
    @Res({ passthrough: true }) reply: StatusReply,
  ) {
    requirePermission(caller, 'approvals.decide');
    return this.decide(approvalId, 'approved', reason, caller, reply);
  }

  @Post(':approvalId/reject')
  @HttpCode(200)
  async reject(
    @Caller() caller: Principal,
    @Param('approvalId') approvalId: string,
    @Body(validated(approvalVerdict)) { reason }: z.infer<typeof approvalVerdict>,
    @Res({ passthrough: true }) reply: StatusReply,
  ) {
    requirePermission(caller, 'approvals.decide');
    return this.decide(approvalId, 'rejected', reason, caller, reply);
  }

  private async decide(
    approvalId: string,
    verdict: Verdict,
    reason: string | undefined,
    caller: Principal,
    reply: StatusReply,
  ) {
    const changed = await this.approvals.decide(approvalId, verdict, reason, caller);
    if (changed.missing.length > 0) reply.status(202);
    return { ...approvalView(changed.result), ...pendingOf(changed) };
  }
}
