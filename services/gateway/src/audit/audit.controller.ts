import { Controller, Get, Inject, Query, UseGuards } from '@nestjs/common';
import type { Principal } from '@switchyard/auth';
import { BearerGuard, Caller, validated } from '@switchyard/http';
import { AuditTrail } from '../journal/audit-trail.js';
import type { Page } from '../journal/cursor.js';
import { readableUser } from '../journal/readable-user.js';
import { auditQuery, type AuditQuery } from '../openapi/requests.js';
import { auditView, type AuditView } from './audit-view.js';

@UseGuards(BearerGuard)
@Controller('v1/audit')
export class AuditController {
  constructor(@Inject(AuditTrail) private readonly trail: AuditTrail) {}

  @Get()
  async list(@Caller() caller: Principal, @Query(validated(auditQuery)) query: AuditQuery): Promise<Page<AuditView>> {
    const page = await this.trail.list(readableUser(caller, 'audit.read', query.userId), query);
    return { ...page, items: page.items.map(auditView) };
  }
}
