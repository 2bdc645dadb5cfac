import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { order, refOf, soon } from '../contract/scene.js';
import type { VenueClient } from '../port.js';
import { krakenErrors } from './errors.js';
import { failing, result, type Answer, type ScriptedKraken } from './scripted-kraken.js';
import { BTC, clientAt, KEYS, OTHER_TXID, placed, scriptedScene, TXID, type ScriptedScene } from './scripted-scene.js';

/** What Kraken may answer to a write, through ccxt's class and a socket; what is made of answers that make no sense. */

let scene: ScriptedScene;
let kraken: ScriptedKraken;
let client: VenueClient;

beforeEach(async () => {
  scene = await scriptedScene();
  ({ kraken, client } = scene);
});
afterEach(() => scene.close());

describe('Kraken’s errors', () => {
  it.each(krakenErrors.map((row) => [row.example, row.meaning] as const))(
    '"%s" means %j for a new order',
    async (words, meaning) => {
      kraken.script('AddOrder', failing(words));
      const outcome = await client.place(order(BTC), soon());
      if ('refused' in meaning) expect(outcome).toMatchObject({ kind: 'refused', code: meaning.refused });
      else if ('unknown' in meaning) expect(outcome).toMatchObject({ kind: 'outcomeUnknown', reason: meaning.unknown });
      else expect(outcome).toMatchObject({ kind: 'outcomeUnknown', reason: 'unlisted' });
    },
  );

  it.each<readonly [Answer, string]>([
    [failing('EOrder:A sentence of tomorrow'), 'unlisted'],
    [failing('EOrder:Insufficient funds', 'EService:Unavailable'), 'unlisted'],
    [failing('constructor'), 'unlisted'],
    [[200, { error: [{}] }], 'unlisted'],
    [[200, { error: 'EOrder:Nobody knows' }], 'unlisted'],
    [[520, '<html>Web server is returning an unknown error</html>'], 'serverError'],
    [[503, { error: ['EOrder:Insufficient funds'] }], 'serverError'],
    [[403, '<html>Sorry, you have been blocked</html>'], 'unlisted'],
    [[302, ''], 'unlisted'],
    [[200, ''], 'unreadable'],
    [[200, '<html></html>'], 'unreadable'],
    [[200, { error: [] }], 'nonsense'],
    [[200, {}], 'nonsense'],
    [[200, '[]'], 'nonsense'],
  ])('%j leaves the order unknown: %s', async (answer, reason) => {
    kraken.script('AddOrder', answer);
    expect(await client.place(order(BTC), soon())).toMatchObject({ kind: 'outcomeUnknown', reason });
  });

  it('a warning beside a result is none, and the same error twice is one', async () => {
    kraken.script('AddOrder', [
      200,
      { error: ['WGeneral:Slow'], result: { descr: { order: 'buy 0.01 XBTUSD @ limit 60000' }, txid: [TXID] } },
    ]);
    expect(await client.place(order(BTC), soon())).toMatchObject({ kind: 'accepted', venueOrderId: TXID });
    kraken.script('AddOrder', failing('EOrder:Insufficient funds', 'EOrder:Insufficient funds'));
    expect(await client.place(order(BTC), soon())).toMatchObject({ kind: 'refused', code: 'INSUFFICIENT_FUNDS' });
  });

  it.each([
    ['EAPI:Rate limit exceeded', { whom: 'account', forMs: 5_000 }],
    ['EGeneral:Temporary lockout', { whom: 'account', forMs: 900_000 }],
    ['EService: Throttled: 1688406480', { whom: 'account', forMs: 1_000 }],
    ['EGeneral:Too many requests', { whom: 'address', forMs: 1_000 }],
  ])('"%s" says who is to stay away, and for how long', async (words, shut) => {
    kraken.script('AddOrder', failing(words));
    await client.place(order(BTC), soon());
    expect(scene.usages).toMatchObject([{ limits: [], shut }]);
    kraken.script('BalanceEx', result({}));
    const asked = await client.balances();
    expect(asked.kind).toBe(shut.whom === 'address' ? 'couldNotAsk' : 'answered');
  });
});

describe('a new order', () => {
  it('goes out with its own texts, a fee in quote, our id and a deadline, and is accepted with Kraken’s id', async () => {
    kraken.script('AddOrder', placed());
    const before = Date.now();
    const outcome = await client.place(
      order(BTC, { postOnly: true, quantity: '0.0100', limitPrice: '60000.0' }),
      soon(),
    );
    expect(outcome).toEqual({ kind: 'accepted', venueOrderId: TXID, order: null, fills: [] });
    const [{ nonce, deadline, ...params } = { nonce: '', deadline: '' }] = kraken.asked('AddOrder');
    expect(params).toEqual({
      pair: 'XXBTZUSD',
      type: 'buy',
      ordertype: 'limit',
      volume: '0.0100',
      price: '60000.0',
      oflags: 'fciq,post',
      cl_ord_id: order(BTC).clientOrderId,
    });
    expect(Number(nonce)).toBeGreaterThan(before * 1_000);
    // Kraken tells whole seconds, so its clock is known to one.
    expect(Math.abs(Date.parse(deadline) - before - 5_000)).toBeLessThan(2_000);
  });

  it.each([
    ['market', { orderType: 'market', limitPrice: null, timeInForce: 'ioc' }, { ordertype: 'market' }],
    ['ioc', { timeInForce: 'ioc' }, { ordertype: 'limit', price: '60000', timeinforce: 'IOC' }],
    [
      'gtd',
      { timeInForce: 'gtd', expireAtMs: 2_000_000_000_999 },
      { ordertype: 'limit', price: '60000', timeinforce: 'GTD', expiretm: '2000000000' },
    ],
    ['stop', { orderType: 'stop', limitPrice: null, stopPrice: '59000' }, { ordertype: 'stop-loss', price: '59000' }],
    [
      'stop_limit',
      { orderType: 'stop_limit', limitPrice: '58000', stopPrice: '59000' },
      { ordertype: 'stop-loss-limit', price: '59000', price2: '58000' },
    ],
  ] as const)('as %s says so in Kraken’s words', async (_, change, said) => {
    kraken.script('AddOrder', placed({ descr: { order: 'buy 0.01000000 XBTUSD @ limit 60000.0' } }));
    await client.place(order(BTC, change), soon());
    const { nonce, deadline, pair, type, volume, oflags, cl_ord_id, ...params } = kraken.asked('AddOrder')[0] ?? {};
    expect([nonce, deadline, pair, type, volume, oflags, cl_ord_id]).not.toContain(undefined);
    expect(params).toEqual(said);
  });

  it('with a window that Kraken does not take is refused before anything is sent', async () => {
    const outcome = await client.place(order(BTC), soon({ recvWindowMs: 1_000 }));
    expect(outcome).toMatchObject({ kind: 'refused', code: 'UNSUPPORTED_OPTION', venueCode: null });
    expect(kraken.asked('AddOrder')).toEqual([]);
  });

  it.each([
    ['no id', { txid: [] }],
    ['an empty id', { txid: [''] }],
    ['two ids', { txid: [TXID, OTHER_TXID] }],
    ['no list of ids', { txid: TXID }],
    ['another side', { descr: { order: 'sell 0.01000000 XBTUSD @ limit 60000.0' } }],
    ['another pair', { descr: { order: 'buy 0.01000000 ETHXBT @ limit 60000.0' } }],
    ['another quantity', { descr: { order: 'buy 0.02000000 XBTUSD @ limit 60000.0' } }],
    ['another price', { descr: { order: 'buy 0.01000000 XBTUSD @ limit 61000.0' } }],
    ['another type', { descr: { order: 'buy 0.01000000 XBTUSD @ market' } }],
    ['no description', { descr: {} }],
    ['a description in other words', { descr: { order: 'kaufe 0.01 XBTUSD' } }],
  ])('answered with %s stays unknown, with the answer as evidence', async (_, change) => {
    kraken.script('AddOrder', placed(change));
    const outcome = await client.place(order(BTC), soon());
    expect(outcome).toMatchObject({ kind: 'outcomeUnknown', reason: 'nonsense', evidence: { httpStatus: 200 } });
  });
});

describe('a cancel', () => {
  it.each<readonly [Answer, object]>([
    [result({ count: 1 }), { kind: 'cancelled', order: null }],
    [result({ count: '1', pending: true }), { kind: 'cancelled', order: null }],
    [result({ count: 0 }), { kind: 'notOpen' }],
    [failing('EOrder:Unknown order'), { kind: 'notOpen' }],
    [failing('EOrder:Invalid order'), { kind: 'notOpen' }],
    [result({ count: 2 }), { kind: 'outcomeUnknown', reason: 'nonsense' }],
    [result({}), { kind: 'outcomeUnknown', reason: 'nonsense' }],
    [failing('EService:Busy'), { kind: 'outcomeUnknown', reason: 'serverError' }],
  ])('answered %j is %j', async (answer, outcome) => {
    kraken.script('CancelOrder', answer);
    expect(await client.cancel(refOf(order(BTC)), soon())).toMatchObject(outcome);
  });

  it('names the order by Kraken’s id where that is known, else by ours', async () => {
    kraken.script('CancelOrder', result({ count: 1 }), result({ count: 1 }));
    await client.cancel(refOf(order(BTC)), soon());
    await client.cancel(refOf(order(BTC), TXID), soon());
    expect(kraken.asked('CancelOrder')).toMatchObject([{ cl_ord_id: order(BTC).clientOrderId }, { txid: TXID }]);
  });
});

describe('one key', () => {
  it('never has two requests under way, and each has a higher nonce than the one before', async () => {
    kraken.script('AddOrder', ...Array.from({ length: 10 }, () => placed()));
    kraken.script('BalanceEx', ...Array.from({ length: 10 }, () => result({})));
    const other = clientAt(scene.venue);
    await Promise.all(
      Array.from({ length: 10 }, (_, i) => [
        (i % 2 === 0 ? client : other).place(order(BTC), soon()),
        (i % 2 === 0 ? other : client).balances(),
      ]).flat(),
    );
    const nonces = kraken.received
      .filter(({ params }) => 'nonce' in params)
      .map(({ params }) => Number(params['nonce']));
    expect(nonces).toHaveLength(20);
    expect(nonces).toEqual([...nonces].sort((a, b) => a - b));
    expect(new Set(nonces).size).toBe(20);
    expect(kraken.mostAtOnce).toBe(1);
  });

  it('has its order’s deadline set when its turn comes, and sends nothing whose time has passed while it waited', async () => {
    const impatient = await scriptedScene({ deadlineMs: 300 });
    await impatient.venue.marketData.instruments();
    impatient.kraken.script('BalanceEx', 'never');
    impatient.kraken.script('AddOrder', placed(), placed());
    const atOnce = await impatient.client.place(order(BTC), soon());
    const [, late, inTime] = await Promise.all([
      impatient.client.balances(),
      impatient.client.place(order(BTC), soon({ sendBy: performance.now() + 100 })),
      impatient.client.place(order(BTC), soon()),
    ]);
    expect(late).toMatchObject({ kind: 'notSent', reason: 'expired' });
    expect([atOnce, inTime]).toMatchObject([{ kind: 'accepted' }, { kind: 'accepted' }]);
    const [first, second, ...more] = impatient.kraken
      .asked('AddOrder')
      .map(({ deadline }) => Date.parse(deadline ?? ''));
    expect(more).toEqual([]);
    // The second waited 300 ms for its turn.
    expect((second ?? 0) - (first ?? 0)).toBeGreaterThan(250);
    await impatient.close();
  });

  it('stands in no outcome, and a secret that is no base64 never reaches the wire', async () => {
    kraken.script('AddOrder', [200, `<pre>${KEYS.apiKey} ${KEYS.secret}</pre>`]);
    const told = [client, await client.place(order(BTC), soon())];
    for (const secret of [KEYS.apiKey, KEYS.secret]) expect(inspect(told, { depth: 9 })).not.toContain(secret);
    const broken = clientAt(scene.venue, { apiKey: 'k', secret: 'not base64!' });
    expect(await broken.place(order(BTC), soon())).toMatchObject({ kind: 'notSent', reason: 'unsigned' });
    expect(kraken.asked('AddOrder')).toHaveLength(1);
  });
});
