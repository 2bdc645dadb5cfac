import { All, Controller, Inject, Req, Res } from '@nestjs/common';
import { Problem } from '@switchyard/http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AccountsProxy } from './accounts-proxy.js';

/** Users, limits, tokens, accounts, what seals their keys belong to the accounts service, which checks the token itself. */
@Controller(['v1/users', 'v1/keys'])
export class AccountsProxyController {
  constructor(@Inject(AccountsProxy) private readonly proxy: AccountsProxy) {}

  @All()
  users(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.pass(request, reply);
  }

  @All('*')
  user(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.pass(request, reply);
  }

  private async pass(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    if (!isPath(request.url)) throw new Problem('NOT_FOUND', 'There is nothing here.');
    const answer = await this.proxy.pass({
      method: request.method,
      path: request.url,
      headers: request.headers,
      body: request.body === undefined || request.body === null ? undefined : JSON.stringify(request.body),
      requestId: request.id,
    });
    await reply.status(answer.status).headers(answer.headers).send(answer.body);
  }
}

/**
 * Nothing that could be resolved to another path or, in the absolute form of a request's target, to another host than what was matched
 * here: the caller's token goes along.
 */
const isPath = (url: string): boolean => {
  if (!/^\/v1\/(users|keys)/.test(url)) return false;
  const path = url.split('?', 1)[0] ?? '';
  return path.split('/').every((part) => !/^(\.|%2e){1,2}$/i.test(part)) && !path.includes('\\');
};
