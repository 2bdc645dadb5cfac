import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { simulatedCredentials } from '@switchyard/exchanges';
import {
  COINBASE_KEYS,
  paperCoinbase,
  tokenFor,
  type PaperCoinbase,
  type TokenChange,
} from '../../testing/paper-coinbase.js';

let paper: PaperCoinbase;
let host: string;
let ids = 0;

beforeAll(async () => {
  paper = await paperCoinbase();
  ({ host } = new URL(paper.url));
});
afterAll(() => paper.close());
beforeEach(async () => {
  await paper.door('POST', '/_book', { symbol: 'BTC-USD', bids: [['9999', '2']], asks: [['10001', '2']] });
});

/** Names of members in `ts/src/test/static/response/coinbase.json` of github.com/ccxt/ccxt, recorded on 2023-11-26. */
const RECORDED_ORDER =
  'order_id product_id user_id order_configuration side client_order_id status time_in_force created_time completion_percentage filled_size ' +
  'average_filled_price fee number_of_fills filled_value pending_cancel size_in_quote total_fees size_inclusive_of_fees ' +
  'total_value_after_fees trigger_status order_type reject_reason settled product_type reject_message cancel_message ' +
  'order_placement_source outstanding_hold_amount is_liquidation last_fill_time edit_history leverage margin_type';
const RECORDED_FILL =
  'entry_id trade_id order_id trade_time trade_type price size commission product_id sequence_timestamp liquidity_indicator size_in_quote ' +
  'user_id side';

type Answer = readonly [status: number, body: unknown];

const send = async (method: string, target: string, body?: unknown, change: TokenChange = {}): Promise<Answer> => {
  const [path = ''] = target.split('?');
  const response = await fetch(`${paper.url}${target}`, {
    method,
    headers: {
      authorization: `Bearer ${tokenFor({ method, host, path }, change)}`,
      'content-type': 'application/json',
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return [response.status, text.startsWith('{') ? (JSON.parse(text) as unknown) : text];
};

const API = '/api/v3/brokerage';
const ORDERS = `${API}/orders`;
const LIST = `${ORDERS}/historical/batch`;

const limit = (change: object = {}) => ({
  limit_limit_gtc: { base_size: '1', limit_price: '9000', post_only: false, ...change },
});
const order = (change: object = {}) => ({
  client_order_id: `words-${++ids}`,
  product_id: 'BTC-USD',
  side: 'BUY',
  order_configuration: limit(),
  ...change,
});
const place = async (change: object = {}): Promise<string> => {
  const [, answer] = await send('POST', ORDERS, order(change));
  return (answer as { readonly order_id: string }).order_id;
};

describe('Coinbase’s words', () => {
  it.each([
    [limit({ limit_price: '9000.001' }), 'INVALID_PRICE_PRECISION', 'PREVIEW_INVALID_PRICE_PRECISION'],
    [limit({ limit_price: '0.001' }), 'INVALID_LIMIT_PRICE', 'PREVIEW_INVALID_LIMIT_PRICE'],
    [limit({ base_size: '1.000000001' }), 'INVALID_SIZE_PRECISION', 'PREVIEW_INVALID_SIZE_PRECISION'],
    [limit({ base_size: '0.000000001' }), 'UNKNOWN_FAILURE_REASON', 'PREVIEW_INVALID_BASE_SIZE_TOO_SMALL'],
    [limit({ base_size: '10000' }), 'UNKNOWN_FAILURE_REASON', 'PREVIEW_INVALID_BASE_SIZE_TOO_LARGE'],
    [limit({ base_size: '0.0001' }), 'UNKNOWN_FAILURE_REASON', 'PREVIEW_INVALID_QUOTE_SIZE_TOO_SMALL'],
    [limit({ base_size: '1e3' }), 'UNKNOWN_FAILURE_REASON', 'PREVIEW_INVALID_ORDER_CONFIG'],
    [limit({ base_size: '100' }), 'INSUFFICIENT_FUND', 'PREVIEW_INSUFFICIENT_FUND'],
    [
      limit({ limit_price: '10001', post_only: true }),
      'INVALID_LIMIT_PRICE_POST_ONLY',
      'PREVIEW_INVALID_LIMIT_PRICE_POST_ONLY',
    ],
    [{ market_market_ioc: {} }, 'UNKNOWN_FAILURE_REASON', 'PREVIEW_INVALID_ORDER_CONFIG'],
    [{ limit_limit_gtc: { base_size: '1' } }, 'UNKNOWN_FAILURE_REASON', 'PREVIEW_INVALID_ORDER_CONFIG'],
    [{ ...limit(), sor_limit_ioc: {} }, 'UNKNOWN_FAILURE_REASON', 'PREVIEW_INVALID_ORDER_CONFIG'],
    [{}, 'UNKNOWN_FAILURE_REASON', 'PREVIEW_INVALID_ORDER_CONFIG'],
    [
      { limit_limit_gtd: { base_size: '1', limit_price: '9000', end_time: '2020-01-01T00:00:00Z' } },
      'END_TIME_IS_IN_THE_PAST',
      'UNKNOWN_PREVIEW_FAILURE_REASON',
    ],
    [
      { stop_limit_stop_limit_gtc: { base_size: '1', limit_price: '9000', stop_price: '9001' } },
      'UNSUPPORTED_ORDER_CONFIGURATION',
      'UNKNOWN_PREVIEW_FAILURE_REASON',
    ],
    [{ market_market_fok: { base_size: '1' } }, 'UNSUPPORTED_ORDER_CONFIGURATION', 'UNKNOWN_PREVIEW_FAILURE_REASON'],
  ])('%j is not taken: %s, %s', async (order_configuration, error, preview_failure_reason) => {
    const rows = (await paper.ledger()).filter(({ status }) => status !== 'rejected').length;
    expect(await send('POST', ORDERS, order({ order_configuration }))).toMatchObject([
      200,
      { success: false, order_id: '', error_response: { error, preview_failure_reason }, order_configuration },
    ]);
    expect((await paper.ledger()).filter(({ status }) => status !== 'rejected')).toHaveLength(rows);
  });

  it.each([
    ['POST', ORDERS, order({ product_id: undefined }), 400, 'INVALID_ARGUMENT'],
    ['POST', ORDERS, order({ client_order_id: undefined }), 400, 'INVALID_ARGUMENT'],
    ['POST', ORDERS, order({ side: 'HOLD' }), 400, 'INVALID_ARGUMENT'],
    ['POST', ORDERS, '{', 400, 'INVALID_ARGUMENT'],
    ['POST', `${ORDERS}/batch_cancel`, {}, 400, 'INVALID_ARGUMENT'],
    ['GET', `${LIST}?order_status=OPEN&order_status=FILLED`, undefined, 400, 'INVALID_ARGUMENT'],
    ['GET', `${LIST}?start_date=yesterday`, undefined, 400, 'INVALID_ARGUMENT'],
    ['GET', `${LIST}?cursor=x`, undefined, 400, 'INVALID_ARGUMENT'],
    ['GET', `${ORDERS}/historical/nobody`, undefined, 404, 'NOT_FOUND'],
    ['GET', `${API}/market/products/DOGE-USD`, undefined, 404, 'NOT_FOUND'],
    ['GET', `${API}/portfolios`, undefined, 404, 'NOT_FOUND'],
  ] as const)('%s %s %j is answered %d %s', async (method, path, body, status, error) => {
    expect(await send(method, path, body)).toMatchObject([status, { error, error_details: expect.any(String) }]);
  });

  it('an unknown product is told as a failed order', async () => {
    expect(await send('POST', ORDERS, order({ product_id: 'NO-SUCH' }))).toMatchObject([
      200,
      { success: false, error_response: { error: 'INVALID_PRODUCT_ID' } },
    ]);
  });

  it('cancels tell of each order by itself', async () => {
    const [open, filled] = [
      await place(),
      await place({ order_configuration: { market_market_ioc: { base_size: '1' } } }),
    ];
    const order_ids = [open, filled, 'nobody'];
    expect(await send('POST', `${ORDERS}/batch_cancel`, { order_ids })).toEqual([
      200,
      {
        results: [
          { success: true, failure_reason: 'UNKNOWN_CANCEL_FAILURE_REASON', order_id: open },
          { success: false, failure_reason: 'ORDER_IS_FULLY_FILLED', order_id: filled },
          { success: false, failure_reason: 'UNKNOWN_CANCEL_ORDER', order_id: 'nobody' },
        ],
      },
    ]);
    expect(await send('POST', `${ORDERS}/batch_cancel`, { order_ids: [open] })).toMatchObject([
      200,
      { results: [{ success: false, failure_reason: 'UNKNOWN_CANCEL_ORDER' }] },
    ]);
  });

  it('edits are refused by name', async () => {
    const [resting, passive] = [await place(), await place({ order_configuration: limit({ post_only: true }) })];
    const edit = (order_id: string, price: string, size: string) =>
      send('POST', `${ORDERS}/edit`, { order_id, price, size });
    const failed = (edit_failure_reason: string, preview = 'UNKNOWN_PREVIEW_FAILURE_REASON') => [
      200,
      { success: false, errors: [{ edit_failure_reason, preview_failure_reason: preview }] },
    ];
    const unnamed = 'UNKNOWN_EDIT_ORDER_FAILURE_REASON';
    expect(await edit('nobody', '9000', '1')).toEqual(failed('ORDER_NOT_FOUND'));
    expect(await edit(resting, '9000', '')).toEqual(failed('INVALID_EDITED_SIZE'));
    expect(await edit(resting, '', '1')).toEqual(failed('INVALID_EDITED_PRICE'));
    expect(await edit(resting, '9000', '0')).toEqual(failed('CANNOT_EDIT_TO_BELOW_FILLED_SIZE'));
    expect(await edit(resting, '9000', '100')).toEqual(failed(unnamed, 'PREVIEW_INSUFFICIENT_FUND'));
    expect(await edit(passive, '10001', '1')).toEqual(failed(unnamed, 'PREVIEW_INVALID_LIMIT_PRICE_POST_ONLY'));
    expect(await edit(resting, '9001', '1')).toEqual([200, { success: true, errors: [] }]);
  });

  it('lists come newest first, in pages that name the next', async () => {
    const placed = [await place(), await place(), await place()];
    const page = async (cursor: string) => {
      const [, body] = await send('GET', `${LIST}?limit=2${cursor === '' ? '' : `&cursor=${cursor}`}`);
      return body as {
        readonly orders: readonly { order_id: string }[];
        readonly has_next: boolean;
        readonly cursor: string;
      };
    };
    const first = await page('');
    expect(first.orders.map(({ order_id }) => order_id)).toEqual(placed.slice(1).reverse());
    expect(first.has_next).toBe(true);
    expect((await page(first.cursor)).orders[0]?.order_id).toBe(placed[0]);
    const [, all] = await send('GET', `${LIST}?limit=1000`);
    expect(all).toMatchObject({ has_next: false, cursor: '' });
  });

  it('orders and fills have every member that ccxt has recorded of the real ones', async () => {
    const id = await place({ order_configuration: { market_market_ioc: { base_size: '0.1' } } });
    const [, orders] = await send('GET', `${LIST}?order_ids=${id}`);
    const [, fills] = await send('GET', `${ORDERS}/historical/fills?order_ids=${id}`);
    const [row] = (orders as { readonly orders: readonly object[] }).orders;
    const [fill] = (fills as { readonly fills: readonly object[] }).fills;
    expect(Object.keys(row ?? {})).toEqual(expect.arrayContaining(RECORDED_ORDER.split(' ')));
    expect(Object.keys(fill ?? {})).toEqual(expect.arrayContaining(RECORDED_FILL.split(' ')));
  });

  it('a list of orders begins when it is told to', async () => {
    const id = await place();
    const idsSince = async (ms: number) => {
      const [, body] = await send('GET', `${LIST}?start_date=${new Date(Date.now() + ms).toISOString()}`);
      return (body as { readonly orders: readonly { order_id: string }[] }).orders.map(({ order_id }) => order_id);
    };
    expect(await idsSince(-60_000)).toContain(id);
    expect(await idsSince(60_000)).toEqual([]);
  });

  it('failures: 500, 429 and 504 in the gateway’s words, and a refusal that is asked for', async () => {
    const struck = async (fault: string, more: object = {}): Promise<Answer> => {
      await paper.door('POST', '/_faults', { fault, count: 1, ...more });
      return send('POST', ORDERS, order());
    };
    expect(await struck('http_500')).toEqual([
      500,
      { error: 'INTERNAL', error_details: 'internal error', message: 'internal error' },
    ]);
    expect(await struck('http_429')).toEqual([
      429,
      { errors: [{ id: 'rate_limit_exceeded', message: 'Too many requests' }] },
    ]);
    expect(await struck('http_504_after')).toMatchObject([504, { error: 'DEADLINE_EXCEEDED' }]);
    expect(await struck('refuse', { code: 'GEOFENCING_RESTRICTION', message: 'Not here' })).toMatchObject([
      200,
      { success: false, error_response: { error: 'GEOFENCING_RESTRICTION', message: 'Not here' } },
    ]);
  });
});

describe('a token', () => {
  const balance = (change: TokenChange = {}) => send('GET', `${API}/accounts?limit=1`, undefined, change);
  const nowS = () => Math.floor(Date.now() / 1_000);

  it('that is right opens the account: by either of the issuers that Coinbase takes', async () => {
    for (const iss of ['cdp', 'coinbase-cloud']) expect((await balance({ claims: { iss } }))[0]).toBe(200);
  });

  it.each([
    ['a key that nobody has', () => ({ claims: { sub: 'nobody' }, header: { kid: 'nobody' } })],
    ['another’s signature', () => ({ secret: simulatedCredentials('coinbase', 'bob').secret })],
    ['another key’s id', () => ({ header: { kid: 'another' } })],
    ['another algorithm', () => ({ header: { alg: 'none' } })],
    ['another issuer', () => ({ claims: { iss: 'me' } })],
    ['another path', () => ({ claims: { uri: `GET ${host}${API}/orders` } })],
    ['another method', () => ({ claims: { uri: `POST ${host}${API}/accounts` } })],
    ['another host', () => ({ claims: { uri: `GET api.coinbase.com${API}/accounts` } })],
    ['the query in its uri', () => ({ claims: { uri: `GET ${host}${API}/accounts?limit=1` } })],
    ['no uri', () => ({ claims: { uri: undefined } })],
    ['an end in the past', () => ({ claims: { exp: nowS() } })],
    ['a beginning in the future', () => ({ claims: { nbf: nowS() + 30, exp: nowS() + 60 } })],
    ['more than two minutes', () => ({ claims: { exp: nowS() + 121 + 30, nbf: nowS() } })],
    ['no end', () => ({ claims: { exp: undefined } })],
  ] as const)('with %s is not', async (_, change) => {
    expect(await balance(change())).toEqual([401, 'Unauthorized']);
  });

  it('that is missing, garbled or not signed at all is not either', async () => {
    const good = tokenFor({ method: 'GET', host, path: `${API}/accounts` });
    const [header = '', claims = ''] = good.split('.');
    for (const authorization of ['', 'Bearer', 'Bearer a.b.c', `Bearer ${header}.${claims}.`, good]) {
      const response = await fetch(`${paper.url}${API}/accounts`, { headers: { authorization } });
      expect([response.status, await response.text()]).toEqual([401, 'Unauthorized']);
    }
  });

  it('is judged by the venue’s clock', async () => {
    await paper.door('POST', '/_clock', { skewMs: 300_000 });
    expect((await balance())[0]).toBe(401);
    expect((await balance({ claims: { nbf: nowS() + 290, exp: nowS() + 400 } }))[0]).toBe(200);
    await paper.door('POST', '/_clock', { skewMs: 0 });
  });
});

describe('an account', () => {
  const open = (accountKey: string, secret: string) =>
    fetch(`${paper.url}/_accounts`, { method: 'POST', body: JSON.stringify({ accountKey, secret, balances: {} }) });

  it('is opened with the public half of its key as well, which is all that a venue knows', async () => {
    const { apiKey, secret } = simulatedCredentials('coinbase', 'carol');
    const publicPem = createPublicKey(secret).export({ type: 'spki', format: 'pem' }).toString();
    expect((await open(apiKey, publicPem)).status).toBe(201);
    const of = { header: { kid: apiKey }, claims: { sub: apiKey }, secret };
    expect((await send('GET', `${API}/accounts`, undefined, of))[0]).toBe(200);
  });

  it.each([
    ['a text', 'secret-of-dave'],
    ['a key on another curve', generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey],
    ['an Ed25519 key', generateKeyPairSync('ed25519').privateKey],
  ])('is not opened with %s: nobody could get in', async (_, secret) => {
    const text = typeof secret === 'string' ? secret : secret.export({ type: 'pkcs8', format: 'pem' }).toString();
    const response = await open('dave', text);
    expect([response.status, await response.json()]).toMatchObject([
      400,
      { code: 'INVALID_INPUT', errors: [{ field: 'secret' }] },
    ]);
    await expect(paperCoinbase({ accounts: [{ accountKey: 'dave', secret: text, balances: {} }] })).rejects.toThrow(
      'The secret of the account dave must be an EC key',
    );
  });

  it('is the same when it is opened again', async () => {
    expect((await open(COINBASE_KEYS.apiKey, COINBASE_KEYS.secret)).status).toBe(200);
  });
});
