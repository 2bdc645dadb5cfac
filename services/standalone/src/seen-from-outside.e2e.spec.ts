import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { until } from '@switchyard/testing';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { filesThatHold, tablesThatHold, withDatabase } from './testing/data-folder.js';
import { EventReader } from './testing/event-reader.js';
import { StandaloneProcess, cleanUp } from './testing/standalone-process.js';
import { PaperVenue } from './testing/paper-venue.js';
import { formsOf } from './testing/secret-forms.js';
import { TraceCollector, type CollectedSpan } from './testing/trace-collector.js';
import { aSignal, ended, newTrader, settle, type Trader } from './testing/trader.js';

/** With characters that look otherwise in a URL, in base64 and in JSON. */
const SECRET = 'planted-secret+4f1d9c7a/b2e64e0c"8d35';
const API_KEY = 'planted-apikey+91be70cd/52aa4c1e=9f66';
const PASSPHRASE = 'planted-passphrase&0d8c3b6e?71f94a25';

/** Where a secret may stand in the data folder, and why. */
const ALLOWED_FILES: Readonly<Record<string, string>> = {
  paper: 'the simulated venue knows its customers’ keys, as a real one does: it checks signatures with them',
  'tokens.json': 'mode 0600: where whoever started it finds the tokens of admin, operator and demo',
};

/** What others see of it: events, traces, metrics; and what nobody may see. */
describe('seen from outside', () => {
  let collector: TraceCollector;
  let standalone: StandaloneProcess;
  let trader: Trader;
  let other: Trader;
  let webhook: string;

  beforeAll(async () => {
    collector = await TraceCollector.start();
    standalone = await StandaloneProcess.start({
      env: {
        OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint,
        SWITCHYARD_LOG_LEVEL: 'trace',
        SWITCHYARD_LOG_FORMAT: 'json',
        // A dozen faults in a row are meant here.
        SWITCHYARD_EXECUTION_BREAKER_FAILURES: '1000',
      },
    });
    const limits = { tradesPerSecond: 1_000, burst: 1_000 };
    trader = await newTrader(standalone, { userId: 'seen', limits, apiKey: API_KEY, secret: SECRET });
    other = await newTrader(standalone, { userId: 'unseen', limits });
  }, 90_000);
  afterAll(async () => {
    await cleanUp();
    await collector.stop();
  }, 60_000);

  describe('the stream', () => {
    it("brings the user's own events as they happen, each with its payload, and nobody else's", async () => {
      const reader = await EventReader.open(trader.rest);
      await settle(other.rest, aSignal());
      const { signalId } = await settle(trader.rest, aSignal());
      const events = await reader.upTo('OrderCompleted', signalId as string);
      reader.close();
      expect(new Set(events.map(({ data }) => data.userId))).toEqual(new Set(['seen']));
      const mine = events.filter(({ data }) => data.signalId === signalId).map(({ event }) => event);
      expect(mine).toEqual(
        expect.arrayContaining([
          'TradingSignalGenerated',
          'SignalValidated',
          'OrderApproved',
          'OrderRouted',
          'OrderPlaced',
          'OrderFilled',
          'OrderCompleted',
        ]),
      );
      expect(events.find(({ event }) => event === 'OrderFilled')?.data.payload).toMatchObject({
        userId: 'seen',
        signalId,
      });
    });

    it('goes on behind the event that the reader saw last: nothing twice, nothing left out', async () => {
      const first = await EventReader.open(trader.rest);
      const before = await settle(trader.rest, aSignal());
      const seen = await first.upTo('OrderCompleted', before.signalId as string);
      first.close();
      const missed = await settle(trader.rest, aSignal({ pair: 'ETH-USD' }));
      const cut = seen.findIndex(({ event }) => event === 'OrderApproved');
      const second = await EventReader.open(trader.rest, '/v1/stream', seen[cut]?.id);
      const events = await second.upTo('OrderCompleted', missed.signalId as string);
      second.close();
      const place = ({ data }: { readonly data: any }): string => `${data.chain}/${data.row}`;
      const behind = seen.slice(cut + 1).map(place);
      expect(events.slice(0, behind.length).map(place)).toEqual(behind);
      expect(new Set(events.map(place)).size).toBe(events.length);
    });

    it('refuses an id that it never gave out, and strangers', async () => {
      const wrong = await trader.rest.get('/v1/stream', { 'last-event-id': 'yesterday' });
      expect(wrong).toMatchObject({ status: 400, body: { code: 'MALFORMED' } });
      expect((await standalone.as().get('/v1/stream')).status).toBe(401);
      expect((await trader.rest.get('/v1/stream?userId=unseen')).status).toBe(403);
    });
  });

  describe('operators', () => {
    it('find every figure that was promised on /metrics', async () => {
      await settle(trader.rest, aSignal({ pair: 'LTC-USD' }));
      const { body } = await standalone.as().get('/metrics');
      const families = new Set([...String(body).matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name));
      for (const family of [
        'switchyard_signals_total',
        'switchyard_signals_refused_total',
        'switchyard_trades_routed_total',
        'switchyard_routing_latency_seconds',
        'switchyard_executions_total',
        'switchyard_execution_latency_seconds',
        'switchyard_executor_queue_depth',
        'switchyard_stage_transaction_seconds',
        'switchyard_stage_events_total',
        'switchyard_stage_gaps_total',
        'switchyard_signal_to_placed_seconds',
        'switchyard_signal_to_fill_seconds',
        'switchyard_consumer_lag_events',
        'switchyard_outbox_age_seconds',
        'switchyard_stage_parked_total',
        'switchyard_orders_approved_total',
        'switchyard_parent_orders_completed_total',
        'switchyard_positions_opened_total',
        'switchyard_audit_rows_total',
        'switchyard_stream_clients',
        'switchyard_market_book_age_seconds',
      ])
        expect([...families]).toContain(family);
      expect(body).toMatch(/^switchyard_executions_total\{[^}]*venue="binance"[^}]*\} [1-9]/m);
    });

    it('see on /latency how long each stage takes, in microseconds', async () => {
      const { body } = await standalone.as().get('/latency');
      const { stages } = body as { stages: readonly { stage: string; count: number; median: number; p99: number }[] };
      for (const name of ['signal-validation', 'risk', 'routing', 'execution-binance', 'journal']) {
        const told = stages.find(({ stage }) => stage === `${name}.transaction`);
        expect(told).toMatchObject({ count: expect.any(Number), from: expect.any(String) });
        expect(told!.p99).toBeGreaterThanOrEqual(told!.median);
      }
    });

    it('are told that it lives, and that it is ready', async () => {
      expect(await standalone.as().get('/health')).toMatchObject({ status: 200, body: { status: 'ok' } });
      expect(await standalone.as().get('/ready')).toMatchObject({ status: 200, body: { status: 'ok', problems: {} } });
    });
  });

  describe('an alert of TradingView', () => {
    const path = (): string => `/v1/webhooks/tradingview/${webhook}`;

    it('trades as its user, once, however often it comes', async () => {
      const made = await trader.rest.post('/v1/users/seen/tokens', { kind: 'webhook', strategy: 'momentum-1' });
      webhook = made.body.token as string;
      const alert = { ticker: 'BTCUSD', action: 'enter_long', quote: '250', timenow: new Date().toISOString() };
      const plain = standalone.as();
      const [first, again] = [await plain.post(path(), alert), await plain.post(path(), JSON.stringify(alert))];
      expect(first).toMatchObject({ status: 202, body: { signalId: expect.stringMatching(/^tv-/) } });
      expect(again).toMatchObject({ status: 202, body: first.body });
      const signal = await ended(trader.rest, first.body.signalId as string);
      expect(signal).toMatchObject({ status: 'done', refusals: [], strategyId: 'momentum-1', userId: 'seen' });
      const text = `ticker=BTCUSD;direction=long;exitType=TP;timenow=${new Date().toISOString()}`;
      const exit = await plain.post(path(), text, { 'content-type': 'text/plain' });
      expect(exit.status).toBe(202);
      expect(await ended(trader.rest, exit.body.signalId as string)).toMatchObject({ signalType: 'profit_take' });
      expect((await plain.post(path(), 'SELL BTCUSD', { 'content-type': 'text/plain' })).body.code).toBe('MALFORMED');
    });
  });

  describe('a secret', () => {
    let webhook: string;
    /** Everything secret that was given to somebody here. */
    const secrets = (): readonly string[] => [
      ...[SECRET, API_KEY, PASSPHRASE, trader.token, other.token, webhook],
      ...['admin', 'operator', 'demo'].map((user) => standalone.tokenOf(user)),
    ];
    const forms = (): readonly string[] => secrets().flatMap(formsOf);
    const leaking = (texts: readonly string[]): readonly string[] =>
      texts.filter((text) => forms().some((form) => text.includes(form)));

    beforeAll(async () => {
      const made = await trader.rest.post('/v1/users/seen/tokens', { kind: 'webhook', strategy: 'planted' });
      expect(made.status).toBe(201);
      webhook = made.body.token as string;
    });

    it('is in no answer, not even in the answer to the one who sent it', async () => {
      const admin = standalone.as('admin');
      const account = { venue: 'binance', mode: 'paper', apiKey: API_KEY, secret: SECRET, passphrase: PASSPHRASE };
      const rotate = `/v1/users/seen/accounts/seen-binance/rotate`;
      const answers = [
        await admin.post(rotate, { apiKey: API_KEY, secret: SECRET, passphrase: PASSPHRASE }),
        await admin.post('/v1/users/seen/accounts', { ...account, venue: SECRET }),
        await admin.post('/v1/users/seen/accounts', { ...account, secret: [SECRET], surprise: SECRET }),
        await admin.post('/v1/users/seen/accounts', `{"secret":"${API_KEY}"`),
        await admin.post('/v1/users/seen/accounts', { ...account, accountId: 'seen-binance', mode: 'live' }),
        await trader.rest.post('/v1/users/unseen/accounts', account),
        await standalone.as().post(`/v1/webhooks/tradingview/${webhook}`, 'no alert at all'),
        await standalone.as().post(`/v1/webhooks/tradingview/${webhook}x`, { symbol: 'BTCUSD' }),
        await admin.get('/v1/users'),
        await admin.post('/v1/keys/rotate', { userId: 'seen' }),
        await admin.post('/v1/keys/rewrap', {}),
      ];
      // What was refused was refused for its shape or its token; the others were answered.
      expect(answers.map(({ status }) => Math.floor(status / 100))).toEqual([2, 4, 4, 4, 4, 4, 4, 4, 2, 2, 2]);
      expect(leaking(answers.map(({ body }) => JSON.stringify(body)))).toEqual([]);
    });

    it('still signs orders after it was given anew, under a new data key', async () => {
      expect(await settle(trader.rest, aSignal())).toMatchObject({ status: 'done', refusals: [] });
    });

    it('is not passed on by a venue that echoes it, spoils its answers, refuses the key or hangs', async () => {
      const venue = new PaperVenue(standalone.venueUrl);
      const echo = `you sent ${[API_KEY, SECRET, encodeURIComponent(API_KEY)].join(' and ')}`;
      const order = { match: { method: 'POST', accountKey: API_KEY }, count: 1 };
      const faults = [
        { fault: 'refuse', code: -2010, message: echo },
        { fault: 'refuse', code: -2015, message: `Invalid API-key ${echo}` },
        { fault: 'refuse', code: -1102, message: echo },
        { fault: 'http_504_after' },
        { fault: 'html_200' },
        { fault: 'truncated_200' },
        { fault: 'reset_after' },
        { fault: 'hang_after', ms: 300 },
        { fault: 'http_500' },
      ];
      for (const [n, fault] of faults.entries()) {
        await venue.fault({ ...fault, ...order });
        // An order whose outcome is not known holds up the next one of its pair.
        const pair = ['BTC-USD', 'ETH-USD', 'LTC-USD'][n % 3];
        const { status } = await trader.rest.post('/v1/signals', aSignal({ pair, size: { quote: '50.00' } }));
        expect(status).toBe(202);
        await until(async () => (await venue.faults()).length === 0, 20_000);
      }
      const echoed = await trader.rest.all('/v1/orders?status=rejected');
      expect(echoed.length).toBeGreaterThanOrEqual(3);
      expect(leaking([JSON.stringify(echoed)])).toEqual([]);
    }, 60_000);

    it('is in no list and no figure, whoever asks', async () => {
      const { body } = await standalone.as().get('/v1/openapi.json');
      const lists = Object.entries(body.paths as Readonly<Record<string, object>>)
        .filter(([path, item]) => 'get' in item && !/\{(?!userId)/.test(path) && path !== '/v1/stream')
        .map(([path]) => path.replace('{userId}', 'seen'));
      expect(lists.length).toBeGreaterThan(15);
      const audit = `/v1/audit?userId=seen&limit=500`;
      const answers: string[] = [];
      for (const path of [...lists, audit, '/metrics', '/latency', '/ready', '/v1/orders?userId=seen&limit=500'])
        for (const user of ['admin', 'operator']) {
          const answer = await standalone.as(user).get(path);
          expect([path, user, answer.status]).toEqual([
            path,
            user,
            /keys/.test(path) && user === 'operator' ? 403 : 200,
          ]);
          answers.push(JSON.stringify(answer.body));
        }
      for (const { orderId } of await trader.rest.all('/v1/orders'))
        answers.push(JSON.stringify((await trader.rest.get(`/v1/orders/${String(orderId)}`)).body));
      expect(leaking(answers)).toEqual([]);
    });

    it('is in no row of any table, and so in no record of any topic', async () => {
      const [planted, topics, holding] = await withDatabase(standalone.dataDir, async (client) => [
        await tablesThatHold(client, ['seen-binance']),
        await tablesThatHold(client, ['you sent ***']),
        await tablesThatHold(client, forms()),
      ]);
      // The sweep finds what is there: an account's id, and what is left of an echo, in the log of the topics among others.
      expect(planted).toContain('log.batches');
      expect(topics).not.toEqual([]);
      expect(holding).toEqual([]);
    }, 60_000);

    it('is in no file, in no trace and in no line that was logged, at the loudest level', async () => {
      const { code, output } = await standalone.stop();
      expect(code).toBe(0);
      expect(output.length).toBeGreaterThan(2_000);
      expect(output).toContain('"level":"debug"');
      expect(output).toContain('"reason":"BAD_CREDENTIALS"');
      expect(leaking(output.split('\n'))).toEqual([]);
      expect(collector.bodies.join('')).toContain('signal received');
      expect(leaking(collector.bodies)).toEqual([]);
      expect(await filesThatHold(standalone.dataDir, forms(), Object.keys(ALLOWED_FILES))).toEqual([]);
      // And the sweep finds what is there.
      expect(await filesThatHold(standalone.dataDir, [standalone.tokenOf('demo')], ['paper'])).toEqual(['tokens.json']);
      expect((await stat(join(standalone.dataDir, 'tokens.json'))).mode & 0o777).toBe(0o600);
    }, 60_000);
  });

  it('is one trace, from the arrival of a signal to its fill, over every stage', () => {
    const traces = Map.groupBy(collector.spans, ({ traceId }) => traceId);
    const whole = [...traces.values()].find((spans) => spans.some(({ name }) => /OrderFilled/.test(name)));
    const names = (whole ?? []).map(({ name }) => name);
    for (const step of [
      /^signal received$/,
      /^signal-validation TradingSignalGenerated$/,
      /^risk SignalValidated$/,
      /^routing OrderApproved$/,
      /^execution-binance OrderRouted/,
      /^reconciliation OrderFilled$/,
      /^risk OrderFilled$/,
      /^routing OrderFilled$/,
      /^journal OrderFilled$/,
    ])
      expect(names).toEqual(expect.arrayContaining([expect.stringMatching(step)]));
    expect(names).toEqual(expect.arrayContaining([expect.stringMatching(/place|venue|binance/i)]));
    expect(orphans(whole ?? [])).toEqual([]);
  });
});

/** Spans whose parent nobody sent; the arrival's own has none. */
const orphans = (spans: readonly CollectedSpan[]): readonly string[] => {
  const known = new Set(spans.map(({ spanId }) => spanId));
  return spans.flatMap(({ name, parentSpanId }) =>
    parentSpanId === undefined || parentSpanId === '' || known.has(parentSpanId) || name === 'signal received'
      ? []
      : [name],
  );
};
