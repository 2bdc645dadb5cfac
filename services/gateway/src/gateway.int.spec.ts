import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { journal } from '@switchyard/journal-service';
import { startService } from '@switchyard/runtime';
import { testDatabase } from '@switchyard/persistence/testing';
import { until } from '@switchyard/testing';
import { startDeployment, type TestDeployment } from './testing/deployment.js';
import { filledStory, newSignal } from './testing/stages.js';
import * as responses from './openapi/responses.js';

const postgres = testDatabase();
let deployment: TestDeployment;
let alice: string;
let bob: string;
let operator: string;

beforeAll(async () => {
  deployment = await startDeployment(
    postgres.url,
    (schema) => postgres.open(schema),
    (platform) => startService(journal, journal.config.parse({}), platform),
  );
  alice = deployment.token('alice');
  bob = deployment.token('bob');
  operator = deployment.token('olga', 'operator');
}, 60_000);
afterAll(() => deployment.stop());

const filled = async (signalId: string, userId: string): Promise<void> => {
  for (const [stage, event] of filledStory(signalId, userId)) await deployment.emit(stage, [event]);
};

describe('a signal by REST', () => {
  it('is stored, answered 202 and found at once, with what was sent', async () => {
    const answer = await deployment.post('/v1/signals', newSignal('s-1'), alice);
    expect(answer).toMatchObject({ status: 202, body: { signalId: 's-1' } });
    expect((await deployment.get('/v1/signals/s-1', alice)).body).toMatchObject({
      signalId: 's-1',
      userId: 'alice',
      status: 'accepted',
      orderIds: [],
    });
    await until(async () => (await deployment.get('/v1/signals/s-1', alice)).body['pair'] === 'BTC-USD');
    const { body } = await deployment.get('/v1/signals/s-1', alice);
    expect(responses.signal.strict().parse(body)).toMatchObject({ side: 'buy', size: { base: '0.03' } });
  });

  it('gets the same answer when it is sent again, also when it has become old', async () => {
    const sent = newSignal('s-2', { generatedAt: new Date(Date.now() - 29_000).toISOString() });
    const first = await deployment.post('/v1/signals', sent, alice);
    expect(first.status).toBe(202);
    expect(await deployment.post('/v1/signals', { ...sent, entryPrice: null }, alice)).toMatchObject({
      status: 202,
      body: first.body,
    });
    const old = newSignal('s-2b', { generatedAt: new Date(Date.now() - 31_000).toISOString() });
    expect(await deployment.post('/v1/signals', old, alice)).toMatchObject({
      status: 400,
      body: { code: 'SIGNAL_STALE' },
    });
  });

  it('is refused when its id was used with other content, however the two arrive', async () => {
    const answers = await Promise.all(
      ['0.01', '0.02'].map((base) => deployment.post('/v1/signals', newSignal('s-3', { size: { base } }), alice)),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([202, 409]);
    expect(answers.find(({ status }) => status === 409)!.body).toMatchObject({ code: 'SIGNAL_ID_REUSED' });
  });

  it('may carry an id that another user has used', async () => {
    const [mine, theirs] = await Promise.all([
      deployment.post('/v1/signals', newSignal('s-4'), alice),
      deployment.post('/v1/signals', newSignal('s-4', { side: 'sell' }), bob),
    ]);
    expect([mine.status, theirs.status]).toEqual([202, 202]);
    expect(mine.body.eventId).not.toBe(theirs.body.eventId);
  });

  it.each([
    ['is not JSON', '{"signalId": "s-5"', 400, 'BAD_REQUEST', []],
    ['lacks fields', { signalId: 's-5' }, 400, 'MALFORMED', ['pair', 'side', 'signalType']],
    ['has a number for a price', newSignal('s-5', { entryPrice: 64_000 }), 400, 'MALFORMED', ['entryPrice']],
    ['has a side nobody knows', newSignal('s-5', { side: 'hold' }), 400, 'MALFORMED', ['side']],
    ['is a list', [], 400, 'MALFORMED', ['']],
    ['has a pair that nobody lists', newSignal('s-5', { pair: 'XXX-YYY' }), 400, 'UNKNOWN_PAIR', undefined],
    [
      'comes from tomorrow',
      newSignal('s-5', { generatedAt: new Date(Date.now() + 86_400_000).toISOString() }),
      400,
      'SIGNAL_FROM_FUTURE',
      undefined,
    ],
    ["has another user's id", newSignal('s-5', { userId: 'bob' }), 403, 'FORBIDDEN', undefined],
    [
      'weighs two megabytes',
      newSignal('s-5', { metadata: { note: 'x'.repeat(2_000_000) } }),
      413,
      'TOO_LARGE',
      undefined,
    ],
    [
      'weighs more than an event may',
      newSignal('s-5', { metadata: { note: 'x'.repeat(950_000) } }),
      413,
      'EVENT_TOO_LARGE',
      undefined,
    ],
  ])(
    'that %s is refused as a problem that names every bad field, and claims no id',
    async (_, body, status, code, fields) => {
      const answer = await deployment.post('/v1/signals', body, alice);
      expect(answer).toMatchObject({ status, body: { code, status } });
      expect(answer.headers.get('content-type')).toContain('application/problem+json');
      expect(answer.body.errors?.map(({ path }) => path)).toEqual(fields?.length === 0 ? undefined : fields);
      expect((await deployment.get('/v1/signals/s-5', alice)).status).toBe(404);
      expect(responses.problem.strict().safeParse(answer.body).error).toBeUndefined();
    },
  );

  it('needs a token, and one that still holds', async () => {
    expect(await deployment.post('/v1/signals', newSignal('s-6'))).toMatchObject({
      status: 401,
      body: { code: 'UNAUTHENTICATED' },
    });
    const token = deployment.token('carol');
    expect((await deployment.post('/v1/signals', newSignal('s-6'), token)).status).toBe(202);
    deployment.revoke(token);
    await until(async () => (await deployment.get('/v1/signals/s-6', token)).status === 401);
  });

  it("is nobody else's to see", async () => {
    await deployment.post('/v1/signals', newSignal('s-7'), alice);
    expect((await deployment.get('/v1/signals/s-7', bob)).status).toBe(404);
    expect((await deployment.get('/v1/signals/s-7?userId=alice', bob)).status).toBe(403);
    expect((await deployment.get('/v1/signals/s-7?userId=alice', operator)).body.userId).toBe('alice');
  });

  it('gets an answer of its own within a batch', async () => {
    const { status, body } = await deployment.post(
      '/v1/signals/batch',
      [newSignal('b-1'), newSignal('b-1', { side: 'sell' }), newSignal('b-2', { pair: 7 }), newSignal('b-1')],
      alice,
    );
    expect(status).toBe(200);
    expect(responses.batchAnswers.parse(body).items).toMatchObject([
      { status: 202, signalId: 'b-1' },
      { status: 409, signalId: 'b-1', code: 'SIGNAL_ID_REUSED' },
      { status: 400, signalId: 'b-2', errors: [{ path: 'pair' }] },
      { status: 202, signalId: 'b-1', eventId: body.items[0]!['eventId'] },
    ]);
    const many = { signals: Array.from({ length: 501 }, (_, i) => newSignal(`m-${i}`)) };
    expect((await deployment.post('/v1/signals/batch', many, alice)).status).toBe(400);
    expect((await deployment.post('/v1/signals/batch', [], alice)).status).toBe(400);
  });
});

describe('what became of a signal', () => {
  beforeAll(async () => {
    await deployment.post('/v1/signals', newSignal('f-1', { userId: 'dora' }), deployment.token('dora', 'admin'));
    await filled('f-1', 'dora');
    const token = deployment.token('dora');
    await until(async () => (await deployment.get('/v1/balances', token)).body.items.length === 1);
  });
  const dora = (): string => deployment.token('dora');

  it('is done, with its orders', async () => {
    expect((await deployment.get('/v1/signals/f-1', dora())).body).toMatchObject({
      status: 'done',
      orderIds: ['parent-f-1', 'child-f-1'],
      refusals: [],
    });
  });

  it('is told by the order: what led to it, each fill with its cost, in order', async () => {
    const { body } = await deployment.get('/v1/orders/parent-f-1', dora());
    expect(responses.orderStory.strict().parse(body)).toMatchObject({
      status: 'filled',
      filledQuantity: '0.03',
      averagePrice: '64020',
      fees: { BTC: '0.00002' },
      children: [{ orderId: 'child-f-1', venueOrderId: 'venue-f-1', averagePrice: '64020' }],
    });
    expect(body.history.map(({ event, service }) => `${service}: ${event}`)).toEqual([
      'gateway: TradingSignalGenerated',
      'risk: OrderApproved',
      'routing: OrderRouted',
      'execution-binance: OrderPlaced',
      'execution-binance: OrderFilled',
      'execution-binance: OrderFilled',
      'routing: OrderCompleted',
      'reconciliation: PositionOpened',
    ]);
    expect(body.history[2]!.reason).toBe('Binance is the only venue with an account.');
  });

  it.each([
    'clientOrderId=client-f-1',
    'venueOrderId=venue-f-1',
    'parentOrderId=parent-f-1',
    'signalId=f-1&level=child',
    'venue=binance',
  ])('is found by ?%s', async (query) => {
    const { body } = await deployment.get(`/v1/orders?${query}`, dora());
    expect(body.items.map(({ orderId }) => orderId)).toEqual(['child-f-1']);
  });

  it('shows fills, position and balance', async () => {
    const [executions, positions, balances] = await Promise.all(
      ['executions', 'positions?status=open', 'balances'].map((path) => deployment.get(`/v1/${path}`, dora())),
    );
    expect(responses.listOf(responses.execution.strict()).parse(executions!.body).items).toHaveLength(2);
    expect(responses.listOf(responses.position.strict()).parse(positions!.body).items).toMatchObject([
      { quantity: '0.02998', averageEntryPrice: '64020', fees: { BTC: '0.00002' } },
    ]);
    expect(responses.listOf(responses.balance.strict()).parse(balances!.body).items).toMatchObject([
      { balances: [{ currency: 'BTC', total: '0.02998' }] },
    ]);
  });

  it("shows a trader nothing of another's", async () => {
    expect((await deployment.get('/v1/orders/parent-f-1', bob)).status).toBe(404);
    for (const path of ['orders', 'executions', 'positions', 'balances', 'audit']) {
      const { body } = await deployment.get(`/v1/${path}`, bob);
      expect(JSON.stringify(body)).not.toContain('dora');
      expect((await deployment.get(`/v1/${path}?userId=dora`, bob)).status).toBe(403);
      expect(JSON.stringify((await deployment.get(`/v1/${path}?userId=dora`, operator)).body)).toContain('dora');
    }
  });

  it('is paged without losing or repeating an item', async () => {
    const all = (await deployment.get('/v1/audit?userId=dora', operator)).body.items;
    for (const path of [
      '/v1/audit?userId=dora',
      '/v1/audit?signalId=f-1',
      '/v1/audit?from=2026-01-01T00:00:00Z',
      '/v1/orders?userId=dora',
      '/v1/executions?userId=dora',
    ]) {
      const whole = (await deployment.get(`${path}&limit=500`, operator)).body.items;
      const paged: unknown[] = [];
      let cursor = '';
      do {
        const page = (await deployment.get(`${path}&limit=2${cursor}`, operator)).body;
        paged.push(...page.items);
        cursor = page.nextCursor === undefined ? '' : `&cursor=${page.nextCursor}`;
      } while (cursor !== '');
      expect(paged).toEqual(whole);
    }
    expect(responses.auditLine.strict().array().parse(all).length).toBeGreaterThan(8);
    expect((await deployment.get('/v1/orders?cursor=nonsense', operator)).body).toMatchObject({ code: 'MALFORMED' });
  });

  it('is measured by venue', async () => {
    const { body } = await deployment.get('/execution/venues', dora());
    const venues = responses.venue.strict().array().parse(body);
    expect(venues).toMatchObject([
      { venue: 'binance', fillRate: 1, fees: { taker: '0.001' }, pairs: ['BTC-USD'], circuitState: null },
    ]);
    expect(venues[0]!.averageShortfall).toBeCloseTo(64_020 / 64_000 - 1, 10);
    expect(
      responses.executionStats.strict().parse((await deployment.get('/execution/stats', dora())).body),
    ).toMatchObject({
      orders: { filled: 1 },
      executions: 2,
    });
    expect(responses.executionHealth.strict().parse((await deployment.get('/execution/health')).body).status).toBe(
      'down',
    );
  });
});

describe('an order that lives', () => {
  const lives = async (signalId: string): Promise<void> => {
    const placed = filledStory(signalId, 'cora').filter(([, { type }]) =>
      ['OrderApproved', 'OrderRouted', 'OrderPlaced'].includes(type),
    );
    for (const [stage, event] of placed) await deployment.emit(stage, [event]);
    await until(
      async () => (await deployment.get(`/v1/orders/child-${signalId}`, operator)).body['status'] === 'placed',
    );
  };
  const asked = async (signalId: string) => {
    const { body } = await deployment.get(`/v1/audit?signalId=${signalId}&topic=OrderCancelRequested`, operator);
    return body.items;
  };

  it('is cancelled on request: 202 once it is stored, once however often it is asked, shown with who asked and why', async () => {
    const cora = deployment.token('cora');
    await lives('c-1');
    const first = await deployment.remove('/v1/orders/parent-c-1?reason=the+news', cora);
    expect(first.status).toBe(202);
    expect(responses.orderRequested.strict().parse(first.body)).toMatchObject({
      ...{ orderId: 'parent-c-1', status: 'cancel_pending' },
    });
    const again = await deployment.remove('/v1/orders/parent-c-1', operator);
    expect(again).toMatchObject({ status: 202, body: first.body });
    const shown = async () => (await deployment.get('/v1/orders/parent-c-1', cora)).body;
    await until(async () => (await shown())['status'] === 'cancel_pending');
    const { history, children } = await shown();
    expect(children).toMatchObject([{ orderId: 'child-c-1', status: 'cancel_pending' }]);
    expect(history.at(-1)).toMatchObject({
      ...{ event: 'OrderCancelRequested', service: 'gateway' },
      reason: 'cora (trader) asked for it to be cancelled: the news.',
    });
    expect((await asked('c-1')).map(({ payload }) => payload)).toMatchObject([
      { orderId: 'parent-c-1', parentOrderId: 'parent-c-1', userId: 'cora', requestedBy: 'cora', role: 'trader' },
    ]);
    expect((await deployment.get('/v1/orders?status=cancel_pending', cora)).body.items).toHaveLength(2);
  });

  it('may be one at a venue alone, and by an operator; its parent goes on', async () => {
    await lives('c-2');
    expect((await deployment.remove('/v1/orders/child-c-2', operator)).status).toBe(202);
    const shown = async () => (await deployment.get('/v1/orders/child-c-2', operator)).body;
    await until(async () => (await shown())['status'] === 'cancel_pending');
    expect((await deployment.get('/v1/orders/parent-c-2', operator)).body['status']).toBe('executing');
  });

  it('is nobody else’s to cancel, and what has ended, or is not known, is not cancelled', async () => {
    await lives('c-3');
    expect(await deployment.remove('/v1/orders/parent-c-3', bob)).toMatchObject({
      ...{ status: 404, body: { code: 'NOT_FOUND' } },
    });
    expect((await deployment.remove('/v1/orders/parent-c-3')).status).toBe(401);
    expect((await deployment.remove('/v1/orders/nowhere', operator)).status).toBe(404);
    expect(await deployment.remove('/v1/orders/parent-f-1', operator)).toMatchObject({
      ...{ status: 409, body: { code: 'ORDER_FINISHED', facts: { status: 'filled' } } },
    });
    expect((await deployment.remove(`/v1/orders/parent-c-3?reason=${'x'.repeat(501)}`, operator)).status).toBe(400);
    expect(await asked('c-3')).toEqual([]);
  });
});

describe('a book', () => {
  it('is told with its spread, depth, imbalance and what sizes would cost', async () => {
    const { body } = await deployment.get('/v1/microstructure/binance/BTC-USD', alice);
    const told = responses.microstructure.strict().parse(body);
    expect(told).toMatchObject({
      ...{ venue: 'binance', pair: 'BTC-USD', stale: false },
      figures: { mid: '64000', spread: '2', spreadBps: 0.3125, imbalance: 0 },
    });
    expect(told.figures!.impact).toContainEqual({
      ...{ size: '1000', side: 'buy', averagePrice: '64001', impactBps: 0.15625 },
    });
  });

  it('tells operators, and nobody else, how long each stage took in every process', async () => {
    const stages = await postgres.open('stages');
    await stages.query(
      `insert into log.latencies (instance, started_at, window_from, window_to, layout, stages)
       select i, now(), date_trunc('minute', now()), now(), 1,
              '{"kraken.submission": {"count": 1, "sum": 70, "min": 70, "max": 70, "buckets": [70, 1]}}'
       from unnest(array['executor-1', 'executor-2']) i`,
    );
    expect((await deployment.get('/v1/latency', alice)).status).toBe(403);
    expect((await deployment.get('/v1/latency')).status).toBe(401);
    expect((await deployment.get('/v1/latency?minutes=0', operator)).status).toBe(400);
    const { body } = await deployment.get('/v1/latency?stage=kraken.submission', operator);
    const told = responses.latencies.strict().parse(body);
    expect(told.stages).toMatchObject([{ stage: 'kraken.submission', processes: 2, count: 2, median: 70, mean: 70 }]);
    expect(told.processes.map(({ instance }) => instance)).toEqual(
      expect.arrayContaining(['executor-1', 'executor-2']),
    );
    const each = (await deployment.get('/v1/latency?stage=kraken.submission&by=process', operator)).body;
    expect(responses.latencies.strict().parse(each).stages).toHaveLength(2);
  });

  it.each(['/v1/microstructure/kraken/BTC-USD', '/v1/microstructure/binance/ETH-USD', '/v1/microstructure/x/%00'])(
    'that nobody has sent is not found: %s',
    async (path) => {
      expect(await deployment.get(path, alice)).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } });
    },
  );

  it('is told to nobody without a token', async () => {
    expect((await deployment.get('/v1/microstructure/binance/BTC-USD')).status).toBe(401);
  });
});

describe('what a stranger wrote', () => {
  it('and is a dead letter is shown to operators alone, with why and its bytes', async () => {
    const topic = 'TradingSignalGenerated.signal-validation.dlt';
    await deployment.emit('signal-validation', [
      {
        topic,
        type: 'TradingSignalGenerated',
        key: 'alice',
        payload: { userId: 'bob', signalId: 'z' },
        cause: { id: 'z' },
      },
    ]);
    const dead = async (token: string) => (await deployment.get(`/v1/audit?topic=${topic}`, token)).body.items;
    await until(async () => (await dead(operator)).length === 1);
    expect(await dead(operator)).toMatchObject([{ key: 'alice', payload: { userId: 'bob' }, reason: 'INTERNAL: ' }]);
    expect([await dead(alice), await dead(bob)]).toEqual([[], []]);
  });

  it('is kept for operators, bytes and all, and shown to nobody whose it only claims to be', async () => {
    await deployment.emit('signal-validation', [
      {
        topic: 'SignalRejected',
        type: 'SignalRejected',
        key: 'erik',
        payload: {
          signalId: 'k-1',
          userId: 'erik',
          stage: 'validation',
          code: 'SIGNAL_STALE',
          message: 'too old',
          facts: {},
        },
        cause: { id: 'x', correlationId: 'k-1' },
      },
    ]);
    const erik = deployment.token('erik');
    await until(async () => (await deployment.get('/v1/audit?signalId=k-1', erik)).body.items.length === 1);
    expect((await deployment.get('/v1/signals/k-1', erik)).body).toMatchObject({
      status: 'rejected',
      refusals: [{ stage: 'validation', code: 'SIGNAL_STALE' }],
    });
    expect((await deployment.get('/v1/audit?topic=SignalRejected', operator)).body.items).toHaveLength(1);
  });
});

describe('the stream', () => {
  interface Told {
    readonly id: string;
    readonly event: string;
    readonly data: Readonly<Record<string, unknown>>;
  }

  /** Reads until so many events have come, then hangs up. */
  const listen = async (token: string, count: number, lastEventId?: string, begun: () => void = () => undefined) => {
    const hangUp = new AbortController();
    const response = await fetch(`${deployment.url}/v1/stream`, {
      headers: {
        authorization: `Bearer ${token}`,
        ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }),
      },
      signal: hangUp.signal,
    });
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    begun();
    let text = '';
    const decoder = new TextDecoder();
    const events = (): readonly Told[] =>
      [...text.matchAll(/^id: (.*)\nevent: (.*)\ndata: (.*)\n\n/gm)].map(([, id, event, data]) => ({
        id: id!,
        event: event!,
        data: JSON.parse(data!) as Told['data'],
      }));
    for await (const chunk of response.body!) {
      text += decoder.decode(chunk as Uint8Array, { stream: true });
      if (events().length >= count) break;
    }
    hangUp.abort();
    return events();
  };

  it('tells a trader of their own events as they happen, and goes on where it broke off', async () => {
    const [token, other] = [deployment.token('stella'), deployment.token('otto')];
    await deployment.post('/v1/signals', newSignal('t-0'), token);
    await until(async () => (await deployment.get('/v1/audit', token)).body.items.length === 1);
    const sending = Promise.withResolvers<undefined>();
    const heard = listen(token, 1, undefined, () => {
      sending.resolve(undefined);
    });
    await sending.promise;
    await deployment.post('/v1/signals', newSignal('t-x'), other);
    await deployment.post('/v1/signals', newSignal('t-1'), token);
    const [first] = await heard;
    expect(first).toMatchObject({
      event: 'TradingSignalGenerated',
      data: { userId: 'stella', signalId: 't-1', payload: { side: 'buy' } },
    });
    for (const id of ['t-2', 't-3']) await deployment.post('/v1/signals', newSignal(id), token);
    const rest = await listen(token, 2, first!.id);
    expect(rest.map(({ data }) => data['signalId'])).toEqual(['t-2', 't-3']);
  });

  it('refuses a Last-Event-ID that it did not give out, and a caller without a token', async () => {
    const open = (headers: Readonly<Record<string, string>>) => fetch(`${deployment.url}/v1/stream`, { headers });
    expect((await open({ authorization: `Bearer ${alice}`, 'last-event-id': 'x' })).status).toBe(400);
    expect((await open({})).status).toBe(401);
  });
});

describe('the live monitor', () => {
  it('tells each rule as it was seen last, and raises an alert where most of the signals are refused', async () => {
    const monitor = async () =>
      responses.executionMonitor.strict().parse((await deployment.get('/execution/monitor', alice)).body);
    expect((await deployment.get('/execution/monitor')).status).toBe(401);
    await until(async () => (await monitor()).rules.length === 3);
    const refusal = { stage: 'validation', code: 'SIGNAL_STALE', message: 'too old', facts: {} };
    await deployment.emit(
      'signal-validation',
      Array.from({ length: 25 }, (_, i) => ({
        ...{ topic: 'SignalRejected', type: 'SignalRejected', key: 'nora' },
        payload: { signalId: `n-${i}`, userId: 'nora', ...refusal },
        cause: { id: `n-${i}`, correlationId: `n-${i}` },
      })),
    );
    await until(async () => (await monitor()).status === 'alerting');
    const { alerts, rules, windowS } = await monitor();
    expect([windowS, rules.map(({ code }) => code)]).toEqual([
      300,
      ['HIGH_EXECUTION_LATENCY', 'HIGH_IMPLEMENTATION_SHORTFALL', 'HIGH_REJECTION_RATE'],
    ]);
    expect(alerts).toMatchObject([
      { code: 'HIGH_REJECTION_RATE', severity: 'high', limit: 0.05, since: expect.any(String) },
    ]);
    expect(alerts[0]!.currentValue).toBeGreaterThan(0.5);
    const told = async () => (await deployment.get('/v1/audit?topic=RiskAlert', operator)).body.items;
    await until(async () => (await told()).length > 0);
    expect(await told()).toMatchObject([
      { payload: { code: 'HIGH_REJECTION_RATE', state: 'raised', severity: 'high' } },
    ]);
    expect((await deployment.get('/v1/audit?topic=RiskAlert', alice)).body.items).toEqual([]);
  });
});

describe('users', () => {
  it('are passed on to accounts with the token, and nothing else of it comes back', async () => {
    const answer = await deployment.post('/v1/users', { userId: 'user-9' }, operator);
    expect(answer.status).toBe(201);
    expect(answer.headers.get('location')).toBe('/v1/users/user-9');
    expect(answer.headers.get('x-internal')).toBeNull();
    expect(answer.body).toMatchObject({
      url: '/v1/users',
      authorization: `Bearer ${operator}`,
      body: '{"userId":"user-9"}',
    });
    expect((await deployment.get('/v1/users/user-9/limits?x=1', alice)).body.url).toBe('/v1/users/user-9/limits?x=1');
  });
});
