import { Controller, Get, HttpCode, Inject, Param, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { FlattenRuns } from '../trading-state/flatten-runs.js';
import { AccountsProxy } from './accounts-proxy.js';

/** What accounts answers of a request that was decided. */
interface Decided {
  readonly kind: string;
  readonly status: string;
  readonly scope?: string;
  readonly version?: number;
  readonly requestedBy: string;
  readonly reason?: string;
}

/**
 * What waits for a second person belongs to accounts, which checks the token and who it is. What the gateway adds: positions whose closing was
 * approved are closed. Should it die in between, the same approval again closes them: a run of a version is one run.
 */
@Controller('v1/approvals')
export class ApprovalsController {
  constructor(
    @Inject(AccountsProxy) private readonly proxy: AccountsProxy,
    @Inject(FlattenRuns) private readonly flattening: FlattenRuns,
  ) {}

  @Get()
  async list(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const [, query = ''] = request.url.split(/\?(.*)/s);
    await this.#pass(request, reply, `?${query}`);
  }

  @Post(':approvalId/approve')
  @HttpCode(200)
  async approve(
    @Param('approvalId') approvalId: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await this.#pass(request, reply, `/${encodeURIComponent(approvalId)}/approve`);
  }

  @Post(':approvalId/reject')
  @HttpCode(200)
  async reject(
    @Param('approvalId') approvalId: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await this.#pass(request, reply, `/${encodeURIComponent(approvalId)}/reject`);
  }

  async #pass(request: FastifyRequest, reply: FastifyReply, rest: string): Promise<void> {
    const { status, headers, body } = await this.proxy.pass({
      method: request.method,
      path: `/v1/approvals${rest}`,
      headers: request.headers,
      body: request.body === undefined || request.body === null ? undefined : JSON.stringify(request.body),
      requestId: request.id,
    });
    if (request.method === 'POST' && (status === 200 || status === 202))
      await this.#follow(JSON.parse(body.toString('utf8')) as Decided, request);
    await reply.status(status).headers(headers).send(body);
  }

  async #follow(
    { kind, status, scope, version, requestedBy, reason = '' }: Decided,
    request: FastifyRequest,
  ): Promise<void> {
    if (kind !== 'flatten_all' || status !== 'approved' || scope === undefined || version === undefined) return;
    await this.flattening.begin({ scope, version, requestedBy, reason });
    // Who resumed between the approval and this found no run to end.
    const { status: found, body } = await this.proxy.pass({
      method: 'GET',
      path: `/v1/trading-state/${encodeURIComponent(scope)}`,
      headers: request.headers,
      body: undefined,
      requestId: request.id,
    });
    if (found !== 200) return;
    const now = JSON.parse(body.toString('utf8')) as { readonly state: string; readonly version: number };
    if (now.state === 'active') await this.flattening.resumed(scope, now.version);
  }
}
