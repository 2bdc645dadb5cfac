import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Body, Controller, Get, Module, Param, Post, UseGuards } from '@nestjs/common';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { newToken, type Principal } from '@switchyard/auth';
import { createServer } from 'node:http';
import { z } from 'zod';
import {
  BearerGuard,
  cachedIntrospector,
  Caller,
  FASTIFY_OPTIONS,
  httpIntrospector,
  INTROSPECTOR,
  Problem,
  ProblemFilter,
  Public,
  requirePermission,
  validated,
} from './index.js';

const order = z.strictObject({
  pair: z.string(),
  side: z.enum(['buy', 'sell']),
  size: z.object({ quote: z.string().optional() }).optional(),
});

const trader = { userId: 'ann', role: 'trader', tokenId: 't1' } as const satisfies Principal;
const tokenOfAnn = newToken();
const infrastructure = Object.assign(new Error('connect'), { code: 'ECONNREFUSED' });

@UseGuards(BearerGuard)
@Controller('v1')
class Orders {
  @Post('orders')
  place(@Caller() caller: Principal, @Body(validated(order)) body: z.infer<typeof order>) {
    return { caller, body };
  }

  @Get('users/:id')
  user(@Caller() caller: Principal, @Param('id') id: string) {
    requirePermission(caller, 'users.read', id);
    throw new Problem('NOT_FOUND', 'There is no such user.', { facts: { userId: id } });
  }

  @Public()
  @Get('fails/:how')
  fails(@Param('how') how: string) {
    throw how === 'database' ? infrastructure : new TypeError('hidden in /srv/app/secret.js');
  }
}

const logged: unknown[] = [];

@Module({
  controllers: [Orders],
  providers: [
    {
      provide: INTROSPECTOR,
      useValue: { introspect: (token: string) => Promise.resolve(token === tokenOfAnn ? trader : undefined) },
    },
  ],
})
class App {}

let app: NestFastifyApplication;
beforeAll(async () => {
  const testing = await Test.createTestingModule({ imports: [App] }).compile();
  app = testing.createNestApplication<NestFastifyApplication>(new FastifyAdapter(FASTIFY_OPTIONS));
  app.useGlobalFilters(new ProblemFilter({ error: (facts) => void logged.push(facts) }));
  await app.listen(0, '127.0.0.1');
});
afterAll(() => app.close());
beforeEach(() => void logged.splice(0));

const request = async (
  path: string,
  init: Omit<RequestInit, 'headers'> & { readonly headers?: Record<string, string> } = {},
) => {
  const response = await fetch(`${await app.getUrl()}${path}`, {
    ...init,
    headers: { authorization: `Bearer ${tokenOfAnn}`, 'content-type': 'application/json', ...init.headers },
  });
  return {
    status: response.status,
    type: response.headers.get('content-type'),
    headers: response.headers,
    body: (await response.json()) as Record<string, unknown>,
  };
};
const post = (body: string, headers: Record<string, string> = {}) =>
  request('/v1/orders', { method: 'POST', body, headers });

describe('a request', () => {
  it('that is right is answered, and knows whom its token speaks for', async () => {
    const body = { pair: 'BTC-USD', side: 'buy' };
    expect(await post(JSON.stringify(body))).toMatchObject({ status: 201, body: { caller: trader, body } });
  });

  it('names every bad field', async () => {
    const answer = await post(JSON.stringify({ side: 'hold', size: { quote: 250 }, sise: 1, b: 2 }));
    expect(answer.type).toBe('application/problem+json');
    expect(answer).toMatchObject({
      status: 400,
      body: {
        type: 'urn:switchyard:problem:MALFORMED',
        title: 'Malformed',
        status: 400,
        code: 'MALFORMED',
        instance: expect.stringMatching(/^urn:switchyard:request:[0-9a-f-]{36}$/),
        errors: [
          { path: 'pair', problem: 'is missing' },
          { path: 'side', problem: 'must be one of buy, sell' },
          { path: 'size.quote', problem: 'must be a string' },
          { path: 'sise', problem: 'is not known here' },
          { path: 'b', problem: 'is not known here' },
        ],
      },
    });
  });

  it.each([
    ['is not JSON', '{"pair": ', 400, 'BAD_REQUEST'],
    ['poisons prototypes', '{"__proto__": {"x": 1}}', 400, 'BAD_REQUEST'],
    ['is empty', '', 400, 'BAD_REQUEST'],
    ['is null', 'null', 400, 'MALFORMED'],
    ['is a list', '[]', 400, 'MALFORMED'],
    ['is 2 MB', JSON.stringify({ pair: 'x'.repeat(2_000_000) }), 413, 'TOO_LARGE'],
  ])('whose body %s is refused with a code', async (_, body, status, code) => {
    const answer = await post(body);
    expect([answer.status, answer.body['code'], answer.type]).toEqual([status, code, 'application/problem+json']);
    expect(logged).toEqual([]);
  });

  it('in another format is refused', async () => {
    expect(await post('<a/>', { 'content-type': 'text/xml' })).toMatchObject({
      status: 415,
      body: { code: 'BAD_REQUEST' },
    });
  });

  it.each([
    ['no token', ''],
    ['an unknown token', `Bearer ${newToken()}`],
    ['another scheme', 'Basic abc'],
    ['a token that is too short', 'Bearer abc'],
  ])('with %s is refused before its body is looked at', async (_, authorization) => {
    const answer = await post('{}', { authorization });
    expect(answer).toMatchObject({ status: 401, body: { code: 'UNAUTHENTICATED' } });
    expect(answer.headers.get('www-authenticate')).toBe('Bearer');
  });

  it("for another user is refused alike, whether that user exists or not; one's own may not exist", async () => {
    expect(await request('/v1/users/bob')).toMatchObject({ status: 403, body: { code: 'FORBIDDEN' } });
    expect(await request('/v1/users/ann')).toMatchObject({ status: 404, body: { facts: { userId: 'ann' } } });
  });

  it('to nowhere is a problem too', async () => {
    expect(await request('/v2')).toMatchObject({
      status: 404,
      type: 'application/problem+json',
      body: { code: 'NOT_FOUND' },
    });
  });
});

describe('a failure of ours', () => {
  it('says nothing of its inside, and is logged under the id of the request', async () => {
    const { status, body } = await request('/v1/fails/bug');
    expect(status).toBe(500);
    expect(body).toMatchObject({ code: 'INTERNAL' });
    expect(JSON.stringify(body)).not.toMatch(/hidden|srv|TypeError/);
    const [entry] = logged as { requestId: string; error: Error }[];
    expect(body['instance']).toBe(`urn:switchyard:request:${entry?.requestId}`);
    expect(entry?.error.message).toMatch(/hidden/);
  });

  it('of the database asks to try again', async () => {
    const answer = await request('/v1/fails/database');
    expect(answer).toMatchObject({ status: 503, body: { code: 'UNAVAILABLE' } });
    expect(answer.headers.get('retry-after')).toBe('1');
  });
});

describe('introspection', () => {
  it('asks once for callers that come together, believes an answer for a while, and remembers no failure', async () => {
    let [asked, broken] = [0, true];
    const cached = cachedIntrospector(
      {
        introspect: () => {
          asked++;
          return broken ? Promise.reject(new Problem('UNAVAILABLE', '')) : Promise.resolve(trader);
        },
      },
      { ttlMs: 30, size: 1 },
    );
    await expect(cached.introspect(tokenOfAnn)).rejects.toThrow(Problem);
    broken = false;
    expect(await Promise.all([1, 2, 3].map(() => cached.introspect(tokenOfAnn)))).toEqual([trader, trader, trader]);
    expect(asked).toBe(2);
    await cached.introspect(newToken()); // pushes the first one out: one entry is kept
    await cached.introspect(tokenOfAnn);
    expect(asked).toBe(4);
    expect(await cached.introspect('short')).toBeUndefined();
    expect(asked).toBe(4);
  });

  it('over HTTP takes only a whole answer for a yes, and no answer for UNAVAILABLE', async () => {
    const answers: Record<string, unknown> = {
      active: { active: true, ...trader },
      inactive: { active: false },
      strange: { active: true, userId: 'ann', role: 'king', tokenId: 't' },
    };
    const server = createServer((incoming, response) => {
      let text = '';
      incoming.on('data', (chunk: Buffer) => (text += chunk.toString()));
      incoming.on('end', () => {
        const { token } = JSON.parse(text) as { token: string };
        response.statusCode = token in answers ? 200 : 500;
        response.end(JSON.stringify(answers[token]));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const introspector = httpIntrospector({ baseUrl: `http://127.0.0.1:${port}` });
    expect(await introspector.introspect('active')).toEqual(trader);
    expect(await introspector.introspect('inactive')).toBeUndefined();
    expect(await introspector.introspect('strange')).toBeUndefined();
    await expect(introspector.introspect('other')).rejects.toMatchObject({ code: 'UNAVAILABLE', status: 503 });
    await new Promise((resolve) => server.close(resolve));
    await expect(introspector.introspect('active')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });
});
