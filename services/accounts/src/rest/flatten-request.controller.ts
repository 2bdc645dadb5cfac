import { Body, Controller, HttpCode, Inject, Post, UseGuards } from '@nestjs/common';
import type { Principal } from '@switchyard/auth';
import { BearerGuard, Caller, requirePermission, validated } from '@switchyard/http';
import { GLOBAL_SCOPE } from '@switchyard/model';
import type { z } from 'zod';
import { Approvals } from '../approvals/approvals.js';
import { flattenRequest } from './schemas.js';
import { approvalView } from './views.js';

/**
 * Asked by the gateway, with its caller's token, before it closes positions: whether a second person has to approve that, and if so to note
 * that it was asked for. It is not passed on from outside.
 */
@UseGuards(BearerGuard)
@Controller('internal/approvals/flatten')
export class FlattenRequestController {
  constructor(@Inject(Approvals) private readonly approvals: Approvals) {}

  @Post()
  @HttpCode(200)
  async ask(
    @Caller() caller: Principal,
    @Body(validated(flattenRequest)) { scope, version, reason }: z.infer<typeof flattenRequest>,
  ) {
    requirePermission(caller, 'state.change', scope.startsWith('user:') ? scope.slice('user:'.length) : undefined);
    if (scope !== GLOBAL_SCOPE || !this.approvals.needs('flatten_all')) return { needed: false };
    return {
      needed: true,
      approval: approvalView(await this.approvals.requestFlatten({ scope, version }, reason, caller)),
    };
  }
}
