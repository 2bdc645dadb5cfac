import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { paperBinance, type PaperBinance } from '../testing/paper-binance.js';

let paper: PaperBinance;
beforeAll(async () => {
  paper = await paperBinance();
});
afterAll(() => paper.close());

const ask = async (method: string, path: string, body?: unknown) => {
  const response = await fetch(paper.url + path, {
    method,
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  return {
    status: response.status,
    type: response.headers.get('content-type'),
    body: (await response.json()) as Record<string, unknown>,
  };
};

describe('bad input at a control door', () => {
  it.each([
    [
      'POST',
      '/_faults',
      { fault: 'explode', count: 0, probability: 2, colour: 'red' },
      ['fault', 'count', 'probability', 'colour'],
    ],
    ['POST', '/_faults', { fault: 'slow', match: { path: 'order', verb: 'GET' } }, ['match.path', 'match.verb']],
    ['POST', '/_clock', { skewMs: 'soon' }, ['skewMs']],
    [
      'POST',
      '/_accounts',
      { secret: '', balances: { USDT: 5, btc: '1', ETH: '-1' } },
      ['accountKey', 'secret', 'balances.USDT', 'balances.btc', 'balances.ETH'],
    ],
    ['POST', '/_book', { symbol: 'BTCUSDT', bids: [['1']], asks: 'none' }, ['bids.0', 'asks']],
    ['POST', '/_book', { symbol: 'BTCUSDT', bids: [['100', '1']], asks: [['99.001', '1']] }, ['asks', 'bids']],
    ['GET', '/_ledger?since=yesterday&who=me', undefined, ['since', 'who']],
  ])('%s %s %j names every bad field: %j', async (method, path, body, fields) => {
    const answer = await ask(method, path, body);
    expect([answer.status, answer.type]).toEqual([400, 'application/problem+json; charset=utf-8']);
    expect(answer.body['code']).toBe('INVALID_INPUT');
    const named = (answer.body['errors'] as { field: string }[]).map(({ field }) => field);
    for (const field of fields) expect(named.some((each) => each.startsWith(field))).toBe(true);
  });

  it('is not JSON', async () => {
    expect((await ask('POST', '/_faults', '{fault')).body['code']).toBe('NOT_JSON');
  });

  it('names a pair that nobody lists', async () => {
    const answer = await ask('POST', '/_book', { symbol: 'DOGEUSDT', bids: [], asks: [] });
    expect([answer.status, answer.body['code']]).toEqual([404, 'UNKNOWN_SYMBOL']);
  });
});

describe('an account', () => {
  const request = { accountKey: 'carol', secret: 'hers', passphrase: 'word', balances: { USDT: '500.50' } };

  it('is opened once; asked for again it is told as it stands, and its secret is told to nobody', async () => {
    const opened = await ask('POST', '/_accounts', request);
    expect([opened.status, opened.body]).toEqual([
      201,
      { accountKey: 'carol', balances: { USDT: { free: '500.5', locked: '0' } } },
    ]);
    const again = await ask('POST', '/_accounts', { ...request, balances: { USDT: '9000' } });
    expect([again.status, again.body]).toEqual([200, opened.body]);
    expect(JSON.stringify((await ask('GET', '/_accounts')).body)).not.toContain('hers');
  });

  it('under the same key with another secret is refused', async () => {
    const answer = await ask('POST', '/_accounts', { ...request, secret: 'guessed' });
    expect([answer.status, answer.body['code']]).toEqual([409, 'ACCOUNT_EXISTS']);
  });
});

describe('the other doors', () => {
  it('a book set by hand is what the venue shows, until it is cleared', async () => {
    const depth = async () => (await ask('GET', '/api/v3/depth?symbol=LTCUSDT&limit=5')).body;
    await ask('POST', '/_book', {
      symbol: 'LTCUSDT',
      bids: [
        ['90', '1'],
        ['95', '2'],
      ],
      asks: [['105', '3']],
    });
    expect(await depth()).toMatchObject({
      bids: [
        ['95.00000000', '2.00000000'],
        ['90.00000000', '1.00000000'],
      ],
      asks: [['105.00000000', '3.00000000']],
    });
    expect((await ask('GET', '/_book?symbol=LTCUSDT')).body).toMatchObject({ byHand: true });
    await ask('DELETE', '/_book?symbol=LTCUSDT');
    expect((await depth())['bids']).toHaveLength(5);
  });

  it('health, readiness and metrics are told', async () => {
    expect((await ask('GET', '/health')).body).toEqual({ status: 'ok', venue: 'binance' });
    expect((await ask('GET', '/ready')).body).toEqual({ status: 'ready', venue: 'binance' });
    const metrics = await (await fetch(`${paper.url}/metrics`)).text();
    expect(metrics).toMatch(/switchyard_paper_accounts\{venue="binance"\} \d/);
  });

  it('a path that Binance has and we do not is refused in Binance’s form', async () => {
    expect(await ask('GET', '/api/v3/avgPrice?symbol=BTCUSDT')).toMatchObject({ status: 404, body: { code: -1000 } });
  });
});
