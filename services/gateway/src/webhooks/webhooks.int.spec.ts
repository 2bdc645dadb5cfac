import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newWebhookToken } from '@switchyard/auth';
import { journal } from '@switchyard/journal-service';
import { startTracing, type Tracing } from '@switchyard/observability';
import { testDatabase } from '@switchyard/persistence/testing';
import { startService } from '@switchyard/runtime';
import { until } from '@switchyard/testing';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as responses from '../openapi/responses.js';
import { startDeployment, type AnswerBody, type TestDeployment } from '../testing/deployment.js';

const postgres = testDatabase();
const log: string[] = [];
const traces: string[] = [];
/** Every token of this spec that stood in a path or a header: none may be found anywhere. */
const used: string[] = [];
/** All that was answered. */
const answers: string[] = [];
let deployment: TestDeployment;
let collector: Server;
let tracing: Tracing;

beforeAll(async () => {
  collector = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      traces.push(Buffer.concat(parts).toString('latin1'));
      response.end('{}');
    });
  });
  await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve));
  const { port } = collector.address() as AddressInfo;
  tracing = await startTracing({ service: 'spec', endpoint: `http://127.0.0.1:${port}` });
  deployment = await startDeployment(
    postgres.url,
    (schema) => postgres.open(schema),
    (platform) => startService(journal, journal.config.parse({}), platform),
    {
      env: { SWITCHYARD_TRUSTED_PROXIES: '127.0.0.1', SWITCHYARD_WEBHOOK_MAX_BYTES: '1024' },
      logged: (line) => log.push(line),
    },
  );
}, 60_000);
afterAll(async () => {
  await deployment.stop();
  collector.closeAllConnections();
  collector.close();
});

const webhook = (userId: string, strategyId = 'momentum-1', addresses?: readonly string[]): string => {
  const token = deployment.webhook(userId, strategyId, addresses);
  used.push(token);
  return token;
};

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: AnswerBody;
}

const alert = async (
  token: string,
  body: string | object | ReadableStream,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> => {
  const sent = typeof body === 'string' || body instanceof ReadableStream ? body : JSON.stringify(body);
  const response = await fetch(`${deployment.url}/v1/webhooks/tradingview/${token}`, {
    method: 'POST',
    headers: { 'content-type': typeof body === 'string' ? 'text/plain' : 'application/json', ...headers },
    body: sent,
    duplex: 'half',
  });
  const text = await response.text();
  answers.push(text, JSON.stringify([...response.headers]));
  return { status: response.status, headers: response.headers, body: JSON.parse(text) as AnswerBody };
};

const entry = (fields: object = {}) => ({
  ticker: 'BTCUSD',
  action: 'buy',
  qty: '0.03',
  timenow: new Date().toISOString(),
  ...fields,
});

/** What the log holds of a user's signals. */
const eventsOf = async (userId: string): Promise<readonly Readonly<Record<string, unknown>>[]> =>
  (
    await deployment.get(
      `/v1/audit?userId=${userId}&topic=TradingSignalGenerated`,
      deployment.token('olga', 'operator'),
    )
  ).body.items;

describe('an alert of TradingView', () => {
  it('is a signal of the user and the strategy that the token was made for, found at once', async () => {
    const answer = await alert(webhook('alice'), entry({ signalId: 'w-1', bias: 'up', sl: 62_900 }));
    expect(answer).toMatchObject({ status: 202, body: { signalId: 'w-1' } });
    expect(responses.accepted.strict().safeParse(answer.body).success).toBe(true);
    const token = deployment.token('alice');
    expect((await deployment.get('/v1/signals/w-1', token)).body).toMatchObject({
      userId: 'alice',
      status: 'accepted',
    });
    await until(async () => (await eventsOf('alice')).length === 1);
    expect((await deployment.get('/v1/signals/w-1', token)).body).toMatchObject({
      strategyId: 'momentum-1',
      pair: 'BTC-USD',
      side: 'buy',
      size: { base: '0.03' },
      stopLoss: '62900',
      metadata: { source: 'tradingview', bias: 'up' },
    });
  });

  it.each<[string, string, Readonly<Record<string, string>>]>([
    ['text', 'TICKER=BTCUSD;ACTION=BUY;ID=1', {}],
    ['text that is called JSON', 'TICKER=BTCUSD;ACTION=BUY;ID=2', { 'content-type': 'application/json' }],
    ['JSON that is called text', '{"ticker":"BTCUSD","action":"buy","id":3}', {}],
    [
      'JSON that is called a form',
      '{"ticker":"BTCUSD","action":"buy","id":4}',
      { 'content-type': 'application/x-www-form-urlencoded' },
    ],
    ['a sentence', 'BUY BTCUSD q=0.01', { 'content-type': 'text/plain; charset=utf-8' }],
  ])('may be %s', async (_, body, headers) => {
    expect(await alert(webhook('tess'), body, headers)).toMatchObject({ status: 202 });
  });

  it('sent again is the same signal, however often and with whatever token of the strategy', async () => {
    const [one, other] = [webhook('rob'), webhook('rob')];
    const sent = entry();
    const first = await alert(one, sent);
    const again = await Promise.all([alert(one, sent), alert(one, sent), alert(other, sent)]);
    expect(again.map(({ status, body }) => [status, body])).toEqual(again.map(() => [202, first.body]));
    const undated = [await alert(one, 'BUY BTCUSD'), await alert(one, 'BUY BTCUSD')];
    expect(undated[1]!.body).toEqual(undated[0]!.body);
    await until(async () => (await eventsOf('rob')).length >= 2);
    expect(await eventsOf('rob')).toHaveLength(2);
    const strange = await alert(webhook('rob', 'momentum-2'), sent);
    expect(strange.body['signalId']).not.toBe(first.body['signalId']);
  });

  it('that is old is refused unless it was taken before, and one whose id says something else now, too', async () => {
    const token = webhook('olaf');
    const old = entry({ timenow: new Date(Date.now() - 31_000).toISOString() });
    expect(await alert(token, old)).toMatchObject({ status: 400, body: { code: 'SIGNAL_STALE' } });
    expect((await alert(token, entry({ signalId: 'o-1' }))).status).toBe(202);
    expect(await alert(token, entry({ signalId: 'o-1', qty: '0.04' }))).toMatchObject({
      status: 409,
      body: { code: 'SIGNAL_ID_REUSED' },
    });
  });

  it('names every bad field at once, in its own words, and claims nothing', async () => {
    const token = webhook('mallory');
    const answer = await alert(token, {
      ticker: 'BTCUSD',
      action: 'sell',
      price: '-1',
      SL: 'x',
      confidence: 7,
      signalId: '§',
    });
    expect(answer).toMatchObject({ status: 400, body: { code: 'MALFORMED' } });
    expect(answer.body.errors!.map(({ path }) => path).sort()).toEqual(['SL', 'action', 'confidence', 'price']);
    expect(responses.problem.strict().safeParse(answer.body).error).toBeUndefined();
    expect(await alert(token, entry({ ticker: 'DOGEEUR' }))).toMatchObject({
      status: 400,
      body: { code: 'UNKNOWN_PAIR', facts: { symbol: 'DOGEEUR' } },
    });
    expect(await alert(token, '')).toMatchObject({ status: 400, body: { errors: [{ path: '' }] } });
    expect((await alert(token, entry({ signalId: '§' }))).body.errors).toMatchObject([{ path: 'signalId' }]);
    expect(await eventsOf('mallory')).toEqual([]);
  });

  it('is read up to a size', async () => {
    const token = webhook('max');
    const large = 'x'.repeat(1_100);
    expect(await alert(token, entry({ note: large }))).toMatchObject({ status: 413, body: { code: 'TOO_LARGE' } });
    const chunked = new Blob([JSON.stringify(entry({ note: large }))]).stream();
    expect(await alert(token, chunked)).toMatchObject({ status: 413, body: { code: 'TOO_LARGE' } });
  });
});

describe('the token of a webhook', () => {
  it('that is none, of another kind, revoked, or from elsewhere gets one answer that does not tell which', async () => {
    const api = deployment.token('alice');
    const revoked = webhook('alice');
    expect((await alert(revoked, entry())).status).toBe(202);
    deployment.revoke(revoked);
    await until(async () => (await alert(revoked, entry())).status === 401);
    const bound = webhook('alice', 'momentum-1', ['tradingview']);
    const unknown = newWebhookToken();
    used.push(api, unknown);
    const refused = [
      ...(await Promise.all([api, revoked, bound, unknown].map((token) => alert(token, entry())))),
      await alert('short', entry()),
    ];
    for (const { status, body } of refused) {
      expect(status).toBe(401);
      expect({ ...body, instance: '' }).toEqual({ ...refused[0]!.body, instance: '' });
    }
    expect(refused[0]!.body).toMatchObject({ code: 'UNAUTHENTICATED' });
  });

  it('is good for nothing else', async () => {
    const token = webhook('alice');
    for (const path of ['/v1/orders', '/v1/signals/w-1', '/v1/audit', '/v1/stream', '/execution/venues'])
      expect((await deployment.get(path, token)).status).toBe(401);
    expect((await deployment.post('/v1/signals', { signalId: 'x' }, token)).status).toBe(401);
    expect(await alert(token, entry({ userId: 'bob' }))).toMatchObject({
      status: 400,
      body: { errors: [{ path: 'userId' }] },
    });
  });

  it('that is bound to addresses takes what a trusted proxy says came from there, and nothing else', async () => {
    const token = webhook('bea', 'momentum-1', ['tradingview', '198.51.100.0/24']);
    const from = async (forwarded: string): Promise<number> =>
      (await alert(token, entry(), { 'x-forwarded-for': forwarded })).status;
    expect(await from('52.89.214.238')).toBe(202);
    expect(await from('203.0.113.9, 198.51.100.7')).toBe(202);
    expect(await from('52.89.214.238, 203.0.113.9')).toBe(401);
    expect(await from('nonsense')).toBe(401);
  });

  it('that comes too often is refused for itself alone', async () => {
    const [loud, quiet] = [webhook('flo'), webhook('flo', 'momentum-2')];
    const many = await Promise.all(Array.from({ length: 60 }, () => alert(loud, '{')));
    const refused = many.filter(({ status }) => status === 429);
    expect(refused.length).toBeGreaterThan(10);
    expect(refused[0]!.body).toMatchObject({ code: 'USER_RATE_LIMITED' });
    expect(Number(refused[0]!.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await alert(quiet, entry())).status).toBe(202);
  });

  it('stands in no log, trace, metric or answer, whatever went wrong', async () => {
    const broken = `syw_${'a'.repeat(37)}broken`;
    used.push(broken);
    expect((await alert(broken, entry())).status).toBe(503);
    const encoded = await fetch(`${deployment.url}/v1/webhooks/tradingvie%77/${broken}?x=1`, {
      method: 'POST',
      body: 'x',
    });
    expect(encoded.status).toBe(503);
    for (const path of [`${broken}/more`, `${broken}?token=${broken}`, `%73${broken.slice(1)}`])
      for (const method of ['GET', 'POST'])
        answers.push(await (await fetch(`${deployment.url}/v1/webhooks/tradingview/${path}`, { method })).text());
    const metrics = await (await fetch(`${deployment.url}/metrics`)).text();
    expect(metrics).toContain('switchyard_webhook_alerts_total');
    await tracing.shutdown();
    // The net is not empty: a failure was logged, with its path, and spans were sent.
    expect(log.join('')).toContain('/v1/webhooks/tradingview/hidden');
    expect(traces.join('')).toContain('alert received');
    for (const token of used)
      for (const [where, text] of Object.entries({ log, traces, answers, metrics: [metrics] }))
        expect([where, text.join('').includes(token)]).toEqual([where, false]);
  });
});
