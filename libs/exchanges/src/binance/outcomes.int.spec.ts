import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ask, attach } from '../ccxt/call.js';
import { classify, OUTCOME_RULES } from '../ccxt/classification.js';
import { blotter } from '../ccxt/blot.js';
import { endpoint, loadCcxtClass, rehosted } from '../ccxt/exchange.js';
import { Transport, type TransportOptions } from '../ccxt/transport.js';
import { BOOK, market, order, soon } from '../contract/scene.js';
import type { InstrumentKey } from '../instruments.js';
import { mayUse } from '../origin.js';
import type { PlaceOutcome } from '../outcomes.js';
import type { PlaceLimits, VenueClient } from '../port.js';
import type { Usage } from '../rates.js';
import { standingOf, type Standing } from '../standing.js';
import { openVenue } from '../venues.js';
import { binanceCapabilities } from './capabilities.js';
import { binanceDialect, binanceErrors } from './errors.js';
import { answering, FakeBinance } from './fake-binance.js';

/** ccxt's own class over a socket: every row of the table of outcomes, and what it says of the venue. */
const BTC: InstrumentKey = { pair: 'BTC-USDT', venueSymbol: 'BTCUSDT' };
const PLACE = 'POST /api/v3/order';
const RULES = { liveTradingEnabled: false, simulatedOrigins: [], allowedLiveOrigins: [] };

let fake: FakeBinance;
const closing: (() => Promise<unknown>)[] = [];

beforeEach(async () => {
  fake = await FakeBinance.start();
  fake.setBook(BOOK);
});
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
  await fake.close();
});

const open = async (
  transport: Partial<TransportOptions> = {},
  onUsage?: (usage: Usage) => void,
  keys = fake.account({ BTC: '10', USDT: '1000000' }),
): Promise<VenueClient> => {
  const venue = await openVenue('binance', { origin: fake.origin, transport: { deadlineMs: 400, ...transport } });
  closing.push(() => venue.close());
  const use = mayUse('paper', fake.origin, { ...RULES, venue: binanceCapabilities.origins });
  if (use.kind === 'refused') throw new Error(use.message);
  // Listings are loaded and the clock is measured before anything breaks.
  await venue.marketData.instruments();
  await venue.marketData.serverTime();
  return venue.client(keys, use.permit, onUsage);
};
const place = (client: VenueClient, limits: Partial<PlaceLimits> = {}): Promise<PlaceOutcome> =>
  client.place(order(BTC), soon(limits));
const scripted =
  (...answers: readonly (readonly [status: number, body: unknown])[]) =>
  async (): Promise<PlaceOutcome> => {
    fake.scripted.set(
      PLACE,
      answers.map(([status, body]) => answering(status, body)),
    );
    const client = await open();
    for (let earlier = 1; earlier < answers.length; earlier += 1) await place(client);
    return place(client);
  };

type Row = readonly [
  rule: (typeof OUTCOME_RULES)[number]['id'],
  how: string,
  run: () => Promise<PlaceOutcome>,
  outcome: object,
  standing: Standing,
];

const ROWS: readonly Row[] = [
  [
    'C1',
    'too late to send',
    async () => place(await open(), { sendBy: performance.now() }),
    { kind: 'notSent', reason: 'expired' },
    'nothing',
  ],
  [
    'C2',
    'withheld',
    async () => place(await open(), { beforeWrite: () => false }),
    { kind: 'notSent', reason: 'withheld' },
    'nothing',
  ],
  [
    'C3',
    'nobody listens any more',
    async () => {
      const client = await open();
      await fake.close();
      // Kept connections may die under the requests that find out.
      for (let kept = 0; kept < 2; kept += 1) await place(client);
      return place(client);
    },
    { kind: 'notSent', reason: 'connect' },
    'failed',
  ],
  [
    'C4',
    'all connections hang',
    async () => {
      const client = await open({ connections: 1 });
      fake.fault('hang_after', 'read', 1);
      const hanging = client.balances();
      const outcome = await place(client);
      await hanging;
      return outcome;
    },
    { kind: 'notSent', reason: 'noConnection' },
    'failed',
  ],
  [
    'C5',
    'a 429 before',
    async () => {
      const client = await open();
      fake.fault('http_429', 'place', 1);
      await place(client);
      return place(client);
    },
    { kind: 'notSent', reason: 'rateLimited' },
    'nothing',
  ],
  [
    'C6',
    'a key that cannot sign',
    async () => place(await open({}, undefined, { apiKey: '', secret: '' })),
    { kind: 'notSent', reason: 'unsigned' },
    'nothing',
  ],
  [
    'C7',
    'another origin',
    async () => {
      const transport = new Transport(fake.origin);
      closing.push(() => transport.close());
      const exchange = new (await loadCcxtClass('binance'))({ apiKey: 'k', secret: 's', enableRateLimit: false });
      exchange.urls = rehosted(exchange.urls, 'http://127.0.0.1:9');
      attach(exchange, transport, binanceDialect);
      const result = await ask(() => endpoint(exchange, 'privatePostOrder')({ symbol: 'BTCUSDT' }));
      return classify(result, binanceErrors, blotter(null)) as PlaceOutcome;
    },
    { kind: 'notSent', reason: 'foreignOrigin' },
    'nothing',
  ],
  ...(['hang_after', 'stall_200'] as const).map((fault): Row => [
    'C8',
    fault,
    faulted(fault),
    { kind: 'outcomeUnknown', reason: 'timeout' },
    'failed',
  ]),
  ...(['reset_before', 'reset_after', 'cut_200'] as const).map((fault): Row => [
    'C9',
    fault,
    faulted(fault),
    { kind: 'outcomeUnknown', reason: 'connectionLost' },
    'failed',
  ]),
  ...(['http_500', 'http_504_after'] as const).map((fault): Row => [
    'C10',
    fault,
    faulted(fault),
    { kind: 'outcomeUnknown', reason: 'serverError' },
    'failed',
  ]),
  [
    'C10',
    'a 503 that speaks like a refusal',
    scripted([503, { code: -2010, msg: 'Account has insufficient balance for requested action.' }]),
    { kind: 'outcomeUnknown', reason: 'serverError' },
    'failed',
  ],
  [
    'C11',
    'too little funds',
    async () =>
      (await open({}, undefined, fake.account({ USDT: '1' }))).place(market(BTC, { quantity: '0.01' }), soon()),
    { kind: 'refused', code: 'INSUFFICIENT_FUNDS', venueCode: '-2010' },
    'answered',
  ],
  [
    'C11',
    'an id that is known',
    async () => {
      const client = await open();
      await place(client);
      return place(client);
    },
    { kind: 'outcomeUnknown', reason: 'duplicate' },
    'answered',
  ],
  [
    'C11',
    'a rejected key',
    async () => place(await open({}, undefined, { apiKey: 'unheard-of', secret: 'x' })),
    { kind: 'refused', code: 'BAD_CREDENTIALS' },
    'answered',
  ],
  [
    'C12',
    'a firewall’s page',
    scripted([403, '<html>Blocked</html>']),
    { kind: 'outcomeUnknown', reason: 'unlisted' },
    'nothing',
  ],
  [
    'C12',
    'a code of tomorrow',
    scripted([400, { code: -9999, msg: 'New.' }]),
    { kind: 'outcomeUnknown', reason: 'unlisted' },
    'nothing',
  ],
  ...(['empty_200', 'html_200', 'truncated_200'] as const).map((fault): Row => [
    'C13',
    fault,
    faulted(fault),
    { kind: 'outcomeUnknown', reason: 'unreadable' },
    'failed',
  ]),
  [
    'C14',
    'no order id',
    scripted([200, { symbol: 'BTCUSDT' }]),
    { kind: 'outcomeUnknown', reason: 'nonsense' },
    'nothing',
  ],
  ['C15', 'all is well', async () => place(await open()), { kind: 'accepted' }, 'answered'],
];

function faulted(fault: Parameters<FakeBinance['fault']>[0]) {
  return async (): Promise<PlaceOutcome> => {
    const client = await open();
    fake.fault(fault, 'place', 1);
    return place(client);
  };
}

describe('a new order, through ccxt’s class and a socket', () => {
  it.each(ROWS)('%s %s', async (_rule, _how, run, outcome, standing) => {
    const got = await run();
    expect(got).toMatchObject(outcome);
    expect(standingOf(got)).toBe(standing);
  });

  it('has every rule of the table tried', () => {
    expect(new Set(ROWS.map(([rule]) => rule))).toEqual(new Set(OUTCOME_RULES.map(({ id }) => id)));
  });

  it('refused by our own checks says nothing of the venue', async () => {
    const outcome = await (await open()).place(order(BTC, { quantity: '0.000001' }), soon());
    expect(outcome).toMatchObject({ kind: 'refused', venueCode: null });
    expect(standingOf(outcome)).toBe('nothing');
  });

  it('that could not be prepared, because the venue’s listings could not be loaded, tells that the venue is away', async () => {
    const venue = await openVenue('binance', { origin: fake.origin, transport: { deadlineMs: 400 } });
    closing.push(() => venue.close());
    const use = mayUse('paper', fake.origin, { ...RULES, venue: binanceCapabilities.origins });
    if (use.kind === 'refused') throw new Error(use.message);
    const client = venue.client(fake.account({ USDT: '1' }), use.permit);
    await fake.close();
    const outcome = await place(client);
    expect(outcome).toMatchObject({ kind: 'notSent', reason: 'notReady' });
    expect(standingOf(outcome)).toBe('failed');
  });
});

describe('what the venue says of its limits', () => {
  const answeringWith =
    (status: number, headers: Readonly<Record<string, string>>, body: unknown) =>
    (response: Parameters<ReturnType<typeof answering>>[0]): void => {
      for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
      answering(status, body)(response);
    };
  const usagesOf = async (
    status: number,
    headers: Readonly<Record<string, string>>,
    body: unknown = {},
  ): Promise<readonly Usage[]> => {
    const usages: Usage[] = [];
    fake.scripted.set(PLACE, [answeringWith(status, headers, body)]);
    await place(await open({}, (usage) => usages.push(usage)));
    return usages;
  };

  it('is told with each answer, refusals included: what is used, and how long its window lasts', async () => {
    const headers = { 'X-MBX-USED-WEIGHT-1M': '5800', 'X-MBX-ORDER-COUNT-10S': '97', 'X-MBX-ORDER-COUNT-1D': '4000' };
    const refusal = { code: -2010, msg: 'Account has insufficient balance for requested action.' };
    for (const usages of [await usagesOf(200, headers), await usagesOf(400, headers, refusal)]) {
      expect(usages).toMatchObject([
        {
          limits: [
            { counts: 'weight', used: 5_800, windowMs: 60_000 },
            { counts: 'orders', used: 97, windowMs: 10_000 },
          ],
          shut: null,
        },
      ]);
      for (const { windowMs, endsInMs } of usages[0]!.limits) {
        expect(endsInMs).toBeGreaterThan(0);
        expect(endsInMs).toBeLessThanOrEqual(windowMs);
      }
    }
  });

  it('is not believed where it is no number', async () => {
    expect(await usagesOf(200, { 'X-MBX-USED-WEIGHT-1M': 'lots', 'X-MBX-ORDER-COUNT-10S': '-3' })).toEqual([]);
  });

  it.each([
    ['a 429 with Retry-After', 429, { 'retry-after': '7' }, {}, { whom: 'address', forMs: 7_000 }],
    ['a 429 without', 429, {}, '<html>Too many requests</html>', { whom: 'address', forMs: 1_000 }],
    ['a 418, a ban', 418, { 'retry-after': '300' }, {}, { whom: 'address', forMs: 300_000 }],
    ['a 418 without a time', 418, {}, {}, { whom: 'address', forMs: 120_000 }],
    [
      'too many orders of an account',
      429,
      { 'retry-after': '4' },
      { code: -1015, msg: 'Too many new orders.' },
      { whom: 'account', forMs: 4_000 },
    ],
  ] as const)('%s: who is to stay away, and for how long', async (_, status, headers, body, shut) => {
    expect(await usagesOf(status, headers, body)).toMatchObject([{ shut }]);
  });

  it('a limit of one account’s orders silences nobody else', async () => {
    const client = await open();
    fake.scripted.set(PLACE, [answering(429, { code: -1015, msg: 'Too many new orders.' })]);
    expect(await place(client)).toMatchObject({ kind: 'refused', code: 'RATE_LIMITED' });
    expect(await place(client)).toMatchObject({ kind: 'accepted' });
  });
});
