import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { until } from '@switchyard/testing';
import { PaperVenue } from './testing/paper-venue.js';
import { StandaloneProcess, cleanUp } from './testing/standalone-process.js';
import { aSignal, newTrader, settle, type Trader } from './testing/trader.js';

/** What is wrong is said, all of it, with a stable code; and nothing else happens. */
describe('bad input', () => {
  let standalone: StandaloneProcess;
  let trader: Trader;

  beforeAll(async () => {
    standalone = await StandaloneProcess.start({ args: ['--no-demo'] });
    trader = await newTrader(standalone, { userId: 'careless', limits: { tradesPerSecond: 1_000, burst: 1_000 } });
  }, 90_000);
  afterAll(cleanUp, 60_000);

  const hoursAhead = (hours: number): string => new Date(Date.now() + hours * 3_600_000).toISOString();
  const valid = (): Record<string, unknown> => aSignal();

  it.each<{ rule: string; body: () => unknown; status: number; code: string; paths?: readonly string[] }>([
    { rule: 'what is not JSON', body: () => '{"signalId": "x",', status: 400, code: 'BAD_REQUEST' },
    { rule: 'an empty body', body: () => '', status: 400, code: 'BAD_REQUEST' },
    { rule: 'a list where one signal belongs', body: () => [valid()], status: 400, code: 'MALFORMED', paths: [''] },
    {
      rule: 'fields that are missing, all of them at once',
      body: () => ({}),
      status: 400,
      code: 'MALFORMED',
      paths: ['pair', 'side', 'signalId', 'signalType'],
    },
    {
      rule: 'a number where a decimal string belongs',
      body: () => aSignal({ size: { quote: 250 }, stopLoss: 62_900.5 }),
      status: 400,
      code: 'MALFORMED',
      paths: ['size.quote', 'stopLoss'],
    },
    {
      rule: 'values that the lists do not hold',
      body: () => aSignal({ side: 'hold', signalType: 'maybe', orderType: 'magic', timeInForce: 'forever' }),
      status: 400,
      code: 'MALFORMED',
      paths: ['orderType', 'side', 'signalType', 'timeInForce'],
    },
    {
      rule: 'two sizes, and one below zero',
      body: () => aSignal({ size: { quote: '-1', base: '2' } }),
      status: 400,
      code: 'MALFORMED',
    },
    {
      rule: 'a decimal that is none',
      body: () => aSignal({ size: { quote: '1e999999999' }, entryPrice: 'NaN' }),
      status: 400,
      code: 'MALFORMED',
      paths: ['entryPrice', 'size.quote'],
    },
    { rule: 'a pair that nobody lists', body: () => aSignal({ pair: 'DOGE-EUR' }), status: 400, code: 'UNKNOWN_PAIR' },
    {
      rule: 'a time from tomorrow',
      body: () => aSignal({ generatedAt: hoursAhead(24) }),
      status: 400,
      code: 'SIGNAL_FROM_FUTURE',
    },
    {
      rule: 'a time from yesterday',
      body: () => aSignal({ generatedAt: hoursAhead(-24) }),
      status: 400,
      code: 'SIGNAL_STALE',
    },
    {
      rule: 'a time that is none',
      body: () => aSignal({ generatedAt: 'soon' }),
      status: 400,
      code: 'MALFORMED',
      paths: ['generatedAt'],
    },
    { rule: "another user's id", body: () => aSignal({ userId: 'demo' }), status: 403, code: 'FORBIDDEN' },
    {
      rule: 'a body of 2 MB',
      body: () => aSignal({ metadata: { note: 'x'.repeat(2_000_000) } }),
      status: 413,
      code: 'TOO_LARGE',
    },
    {
      rule: 'an id of a megabyte',
      body: () => aSignal({ signalId: 'x'.repeat(900_000) }),
      status: 400,
      code: 'MALFORMED',
      paths: ['signalId'],
    },
    {
      rule: 'JSON with a null byte in an id',
      body: () => aSignal({ signalId: 'a\u0000b' }),
      status: 400,
      code: 'MALFORMED',
    },
  ])('$rule is answered with $status $code', async ({ body, status, code, paths }) => {
    const answer = await trader.rest.post('/v1/signals', body());
    expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(answer).toMatchObject({
      status,
      body: { status, code, title: expect.any(String), type: expect.any(String), detail: expect.stringMatching(/\S/) },
    });
    expect(JSON.stringify(answer.body)).not.toMatch(/node_modules|\bat .*\.js/); // no stack
    if (paths !== undefined)
      expect(answer.body.errors.map(({ path }: any) => path as string).sort()).toEqual([...paths].sort());
  });

  it.each([
    ['no token', undefined],
    ['a wrong token', 'sy_nonsense'],
    ['a token with characters that no token has', '../../etc/passwd'],
  ])('%s is answered with 401', async (_, token) => {
    const answer = await standalone.as('stranger', token).post('/v1/signals', valid());
    expect(answer).toMatchObject({ status: 401, body: { code: 'UNAUTHENTICATED' } });
    expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer/);
  });

  it('claims no id, and makes no event: the same id may be sent again, mended', async () => {
    const wrong = aSignal({ pair: 'DOGE-EUR' });
    expect((await trader.rest.post('/v1/signals', wrong)).status).toBe(400);
    expect((await trader.rest.get(`/v1/signals/${wrong.signalId}`)).status).toBe(404);
    expect(await settle(trader.rest, { ...wrong, pair: 'BTC-USD' })).toMatchObject({ status: 'done', refusals: [] });
  });

  it('stops nobody: after all of it the next signal trades', async () => {
    expect(await settle(trader.rest, aSignal())).toMatchObject({ status: 'done', refusals: [] });
    expect((await standalone.as().get('/ready')).status).toBe(200);
  });

  it('that depends on the state of the user is accepted, then refused with the facts, and audited', async () => {
    const refused = await settle(
      trader.rest,
      aSignal({
        entryPrice: '7200',
        stopLoss: '7300',
        takeProfit: '7100',
        confluenceScore: 1,
        venues: { only: ['mtgox'] },
      }),
    );
    expect(refused.status).toBe('rejected');
    const codes = refused.refusals.map(({ code }: any) => code as string);
    expect(codes.length).toBeGreaterThan(0);
    await until(async () => (await trader.rest.all('/v1/audit?topic=SignalRejected')).length > 0);
    const [row] = await trader.rest.all(`/v1/audit?signalId=${refused.signalId as string}&topic=SignalRejected`);
    expect(row.payload).toMatchObject({ userId: 'careless', stage: 'validation', code: codes[0] });
  });

  it('in a query is named too', async () => {
    for (const path of [
      '/v1/orders?status=lost',
      '/v1/orders?limit=0',
      '/v1/executions?from=yesterday',
      '/v1/orders?cursor=x',
    ])
      expect([path, await trader.rest.get(path)]).toMatchObject([path, { status: 400, body: { code: 'MALFORMED' } }]);
    expect(await trader.rest.get('/v1/nothing')).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } });
    expect((await trader.rest.get('/v1/orders/%00')).status).toBe(404);
    expect((await trader.rest.get('/v1/signals/%00')).status).toBe(404);
  });

  it('at the doors of users and accounts names every bad field', async () => {
    const admin = standalone.as('admin');
    expect(await admin.post('/v1/users', { userId: 'a/b', mode: 'real', surprise: 1 })).toMatchObject({
      status: 400,
      body: { code: 'MALFORMED' },
    });
    const limits = await admin.put('/v1/users/careless/limits', { maxOpenPosition: 3, maxBalancePercent: '5' });
    expect(limits).toMatchObject({ status: 400, body: { code: 'MALFORMED' } });
    expect(JSON.stringify(limits.body.errors)).toMatch(/maxOpenPosition.*|maxBalancePercent/);
    const account = await admin.post('/v1/users/careless/accounts', { venue: 'mtgox', mode: 'paper' });
    expect(account).toMatchObject({ status: 400, body: { code: 'MALFORMED' } });
    expect(await admin.get('/v1/users/nobody')).toMatchObject({ status: 404 });
  });

  it("leaves the venue's ledger as it was", async () => {
    const rows = await new PaperVenue(standalone.venueUrl).ledger(trader.accountKey);
    expect(rows).toHaveLength(2);
  });
});
