import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { answered, idOf, market, order, refOf, soon } from '../contract/scene.js';
import { coinbaseErrors } from './errors.js';
import {
  ACCOUNTS,
  BTC,
  CANCEL,
  EDIT,
  fillRow,
  FILLS,
  fills,
  listing,
  notTaken,
  ORDER,
  ORDER_ID,
  orderRow,
  orders,
  ORDERS,
  OURS,
  PLACE,
  PRODUCTS,
  scriptedScene,
  taken,
  type ScriptedAnswer,
  type ScriptedScene,
} from './scripted-coinbase.js';

let scene: ScriptedScene;
beforeEach(async () => {
  scene = await scriptedScene();
});
afterEach(() => scene.close());

const ref = refOf(order(BTC));
const known = refOf(order(BTC), ORDER_ID);
const place = (answer: ScriptedAnswer) => {
  scene.coinbase.script(PLACE, answer);
  return scene.client.place(order(BTC), soon());
};
/** Where each of Coinbase's errors stands in its answers. */
const saying = (venueCode: string, message: string): ScriptedAnswer => {
  if (venueCode === 'HTTP_401') return { status: 401, body: message };
  if (venueCode === 'rate_limit_exceeded') return { status: 429, body: { errors: [{ id: venueCode, message }] } };
  if (/^(RESOURCE_EXHAUSTED|PERMISSION_DENIED|unknown|INVALID_ARGUMENT|NOT_FOUND)$/.test(venueCode))
    return { status: 400, body: { error: venueCode, error_details: message, message } };
  if (/EDIT/.test(venueCode) || venueCode === 'ORDER_NOT_FOUND')
    return { body: { success: false, errors: [{ edit_failure_reason: venueCode }] } };
  if (/CANCEL/.test(venueCode) || venueCode === 'ORDER_IS_FULLY_FILLED')
    return { body: { results: [{ success: false, failure_reason: venueCode, order_id: ORDER_ID }] } };
  const reason = venueCode.startsWith('PREVIEW_') ? 'preview_failure_reason' : 'error';
  return { body: notTaken({ [reason]: venueCode, message }) };
};

describe('Coinbase’s errors', () => {
  it.each(coinbaseErrors.map((row) => [row.venueCode, row.example, row.meaning] as const))(
    '%s "%s" means %j for a new order',
    async (venueCode, words, meaning) => {
      const outcome = await place(saying(venueCode, words));
      if ('refused' in meaning) expect(outcome).toMatchObject({ kind: 'refused', code: meaning.refused, venueCode });
      else if ('unknown' in meaning) expect(outcome).toMatchObject({ kind: 'outcomeUnknown', reason: meaning.unknown });
      else expect(outcome).toMatchObject({ kind: 'outcomeUnknown', reason: 'unlisted' });
    },
  );

  it.each([
    ['new_order_failure_reason', { new_order_failure_reason: 'INSUFFICIENT_FUND' }],
    ['error', { error: 'INSUFFICIENT_FUND', preview_failure_reason: 'UNKNOWN_PREVIEW_FAILURE_REASON' }],
    ['preview_failure_reason', { preview_failure_reason: 'PREVIEW_INSUFFICIENT_FUND' }],
  ])('a reason is found where it stands: %s', async (_, why) => {
    expect(await place({ body: notTaken(why) })).toMatchObject({ kind: 'refused', code: 'INSUFFICIENT_FUNDS' });
  });

  it.each([
    [200, notTaken({}), 'unlisted'],
    [200, notTaken({ error: 'A_CODE_OF_TOMORROW' }), 'unlisted'],
    [200, { success: false }, 'unlisted'],
    [200, { success: false, error_response: null }, 'unlisted'],
    [400, { error: 'INTERNAL', error_details: 'internal error', message: 'internal error' }, 'unlisted'],
    [401, '<html>Unauthorized</html>', 'unlisted'],
    [401, '{}', 'unlisted'],
    [403, 'Unauthorized', 'unlisted'],
    [403, '<html>Blocked</html>', 'unlisted'],
    [302, '', 'unlisted'],
    [500, notTaken({ error: 'INSUFFICIENT_FUND' }), 'serverError'],
    [503, 'Unauthorized', 'serverError'],
    [200, 'Unauthorized', 'unreadable'],
    [200, 'null', 'unreadable'],
    [200, '[]', 'nonsense'],
    [200, {}, 'nonsense'],
    [200, { success: true }, 'nonsense'],
    [200, { success: 'true', success_response: taken().success_response }, 'nonsense'],
    [200, taken({ order_id: '' }), 'nonsense'],
    [200, taken({ client_order_id: 'another' }), 'nonsense'],
    [200, taken({ product_id: 'ETH-USD' }), 'nonsense'],
    [200, taken({ side: 'SELL' }), 'nonsense'],
  ])('an answer of %i %j leaves the order unknown: %s', async (status, body, reason) => {
    expect(await place({ status, body })).toMatchObject({ kind: 'outcomeUnknown', reason });
  });

  it('a new order is accepted with the venue’s id, and nothing is said of what became of it', async () => {
    expect(await place({ body: taken() })).toEqual({
      kind: 'accepted',
      venueOrderId: ORDER_ID,
      order: null,
      fills: [],
    });
  });

  it('a counted request keeps the address away for as long as it is told to', async () => {
    const refusal = { ...saying('rate_limit_exceeded', 'Too many requests'), headers: { 'retry-after': '7' } };
    expect(await place(refusal)).toMatchObject({ kind: 'refused', code: 'RATE_LIMITED', retryAfterMs: 7_000 });
    expect(await scene.client.balances()).toMatchObject({ kind: 'couldNotAsk', reason: 'rateLimited' });
  });
});

describe('a cancel', () => {
  const cancelling = (result: object) => {
    scene.coinbase.script(CANCEL, { body: { results: [result] } });
    return scene.client.cancel(known, soon());
  };

  it('names the order by the venue’s id', async () => {
    const done = { success: true, failure_reason: 'UNKNOWN_CANCEL_FAILURE_REASON', order_id: ORDER_ID };
    expect(await cancelling(done)).toEqual({ kind: 'cancelled', order: null });
    expect(scene.coinbase.asked(CANCEL)[0]?.body).toBe(JSON.stringify({ order_ids: [ORDER_ID] }));
    expect(scene.coinbase.asked(ORDERS)).toEqual([]);
  });

  it.each(['UNKNOWN_CANCEL_ORDER', 'ORDER_IS_FULLY_FILLED'])('that finds nothing open: %s', async (failure_reason) => {
    expect(await cancelling({ success: false, failure_reason, order_id: ORDER_ID })).toEqual({ kind: 'notOpen' });
  });

  it.each([
    [{ success: false, failure_reason: 'UNKNOWN_CANCEL_FAILURE_REASON', order_id: ORDER_ID }, 'unlisted'],
    [{ success: false, order_id: ORDER_ID }, 'unlisted'],
    [{ success: false, failure_reason: 'DUPLICATE_CANCEL_REQUEST', order_id: ORDER_ID }, 'duplicate'],
    [{ success: true, order_id: 'another' }, 'nonsense'],
    [{ order_id: ORDER_ID }, 'nonsense'],
  ])('whose outcome is unknown: %j', async (result, reason) => {
    expect(await cancelling(result)).toMatchObject({ kind: 'outcomeUnknown', reason });
  });

  it('by our id looks the order up among those that are not over, on their way first', async () => {
    scene.coinbase.script(ORDERS, orders(), orders(orderRow({ client_order_id: 'another' }), orderRow()));
    scene.coinbase.script(CANCEL, { body: { results: [{ success: true, order_id: ORDER_ID }] } });
    expect(await scene.client.cancel(ref, soon())).toEqual({ kind: 'cancelled', order: null });
    expect(scene.coinbase.asked(ORDERS).map(({ query }) => query.getAll('order_status'))).toEqual([
      ['PENDING', 'QUEUED', 'EDIT_QUEUED', 'CANCEL_QUEUED'],
      ['OPEN'],
    ]);
  });

  it('by our id of an order that is not open writes nothing', async () => {
    expect(await scene.client.cancel(ref, soon())).toEqual({ kind: 'notOpen' });
    expect(scene.coinbase.asked(CANCEL)).toEqual([]);
  });

  it.each([
    [
      { status: 503, body: '' },
      { kind: 'outcomeUnknown', reason: 'serverError' },
    ],
    [
      { status: 401, body: 'Unauthorized' },
      { kind: 'refused', code: 'BAD_CREDENTIALS' },
    ],
    [orders(orderRow(), orderRow({ order_id: 'second' })), { kind: 'outcomeUnknown', reason: 'nonsense' }],
  ])('by our id is not written where the order can’t be looked up: %j', async (answer, outcome) => {
    scene.coinbase.script(ORDERS, answer);
    expect(await scene.client.cancel(ref, soon())).toMatchObject(outcome);
    expect(scene.coinbase.asked(CANCEL)).toEqual([]);
  });
});

describe('an amend', () => {
  const change = { quantity: null, limitPrice: '61000', postOnly: false };

  it('names price and size, the one that stays as the order has it', async () => {
    scene.coinbase.script(ORDERS, orders(), orders(orderRow()));
    scene.coinbase.script(EDIT, { body: { success: true, errors: [] } });
    expect(await scene.client.amend?.(ref, change, soon())).toEqual({
      kind: 'amended',
      venueOrderId: null,
      order: null,
    });
    const { body } = scene.coinbase.asked(EDIT)[0]!;
    expect(body).toBe(JSON.stringify({ order_id: ORDER_ID, price: '61000', size: '0.01' }));
  });

  it('cannot make an order post-only', async () => {
    scene.coinbase.script(ORDERS, orders(), orders(orderRow()));
    const outcome = await scene.client.amend?.(ref, { ...change, postOnly: true }, soon());
    expect(outcome).toMatchObject({ kind: 'refused', code: 'UNSUPPORTED_OPTION', venueCode: null });
    expect(scene.coinbase.asked(EDIT)).toEqual([]);
  });

  it.each([
    [{ edit_failure_reason: 'ORDER_NOT_FOUND' }, { kind: 'notOpen' }],
    [{ edit_failure_reason: 'CANNOT_EDIT_TO_BELOW_FILLED_SIZE' }, { kind: 'refused', code: 'VENUE_REFUSED' }],
    [
      {
        edit_failure_reason: 'UNKNOWN_EDIT_ORDER_FAILURE_REASON',
        preview_failure_reason: 'PREVIEW_INVALID_LIMIT_PRICE_POST_ONLY',
      },
      { kind: 'refused', code: 'POST_ONLY_WOULD_TAKE' },
    ],
    [{ edit_failure_reason: 'UNKNOWN_EDIT_ORDER_FAILURE_REASON' }, { kind: 'outcomeUnknown', reason: 'unlisted' }],
  ])('that is not taken: %j', async (why, outcome) => {
    scene.coinbase.script(ORDERS, orders(), orders(orderRow()));
    scene.coinbase.script(EDIT, { body: { success: false, errors: [why] } });
    expect(await scene.client.amend?.(ref, change, soon())).toMatchObject(outcome);
  });
});

describe('a lookup', () => {
  const reasonOf = async (of = ref): Promise<string> => {
    const found = await scene.client.lookup(of);
    return found.kind === 'couldNotAsk' ? found.reason : found.kind;
  };

  it('by the venue’s id asks for the order itself, and its fills', async () => {
    scene.coinbase.script(ORDER, { body: { order: orderRow() } });
    scene.coinbase.script(FILLS, fills(fillRow()));
    expect(await scene.client.lookup(known)).toMatchObject({
      kind: 'found',
      order: { venueOrderId: ORDER_ID, clientOrderId: OURS, state: 'partially_filled', quantity: '0.01' },
      fills: [{ tradeId: 't1', quantity: '0.004', fee: { amount: '1.44', currency: 'USD' }, liquidity: 'maker' }],
      fillsComplete: true,
    });
    expect(scene.coinbase.asked(FILLS)[0]?.query.getAll('order_ids')).toEqual([ORDER_ID]);
  });

  it('by our id reads the lists of all products, page by page, from when the order can have been sent', async () => {
    const sentAfterMs = Date.parse('2026-11-21T12:00:00Z');
    const page = (cursor: string, ...rows: readonly object[]): ScriptedAnswer => ({
      body: { orders: rows, has_next: true, cursor },
    });
    const others = [
      orderRow({ order_id: 'o1', client_order_id: 'x' }),
      orderRow({ order_id: 'o2', client_order_id: '' }),
    ];
    scene.coinbase.script(ORDERS, page('c1', ...others), page('c2'), orders());
    expect(await scene.client.lookup({ ...ref, sentAfterMs })).toEqual({ kind: 'notFound' });
    const asked = scene.coinbase.asked(ORDERS).map(({ query }) => query);
    expect(asked.every((query) => query.get('product_ids') === null)).toBe(true);
    expect(asked[0]?.get('start_date')).toBe('2026-11-21T11:50:00.000Z');
    expect(asked.map((query) => query.get('cursor'))).toEqual([null, 'c1', null, null]);
    scene.coinbase.script(ORDERS, page('c1', ...others), page('c2', orderRow({ filled_size: '0' })));
    expect(await scene.client.lookup(ref)).toMatchObject({ kind: 'found', order: { state: 'placed' } });
  });

  it('says "not found" only after every list was asked, open orders too', async () => {
    for (const broken of [0, 1, 2]) {
      const answers = [orders(), orders(), orders()].map((answer, index) =>
        index === broken ? { status: 503, body: '' } : answer,
      );
      scene.coinbase.script(ORDERS, ...answers);
      expect(await reasonOf()).toBe('serverError');
    }
    scene.coinbase.script(ORDERS, orders(), orders(), orders(orderRow({ filled_size: '0' })));
    expect(await reasonOf()).toBe('found');
  });

  it('meets an order that moves on between two lists once', async () => {
    const moving = orderRow({ status: 'PENDING', filled_size: '0' });
    scene.coinbase.script(ORDERS, orders(), orders(moving), orders(orderRow({ filled_size: '0' })));
    expect(await reasonOf()).toBe('found');
    scene.coinbase.script(ORDERS, orders(), orders(moving), orders(orderRow({ order_id: 'second', filled_size: '0' })));
    expect(await reasonOf()).toBe('nonsense');
  });

  it('of an order that its id does not lead to goes on among the lists, and its trades', async () => {
    const gone = saying('NOT_FOUND', 'order with this orderID was not found');
    scene.coinbase.script(ORDER, gone);
    expect(await scene.client.lookup(known)).toEqual({ kind: 'notFound' });
    scene.coinbase.script(ORDER, gone);
    scene.coinbase.script(FILLS, fills(fillRow()));
    expect(await reasonOf(known)).toBe('nonsense');
    scene.coinbase.script(ORDER, gone);
    scene.coinbase.script(ORDERS, orders(orderRow({ filled_size: '0' })));
    expect(await reasonOf(known)).toBe('found');
  });

  it('does not read a list without end: what it did not find is not "not found"', async () => {
    const endless = Array.from({ length: 60 }, (_, index) => ({
      body: { orders: [orderRow({ client_order_id: 'x' })], has_next: true, cursor: `c${index}` },
    }));
    scene.coinbase.script(ORDERS, ...endless);
    const outcome = await scene.client.lookup(ref);
    expect(outcome).toMatchObject({ kind: 'couldNotAsk', reason: 'nonsense' });
    expect(outcome.kind === 'couldNotAsk' && outcome.message).toContain('more than 10000 orders');
    scene.coinbase.script(ORDERS, ...Array.from({ length: 3 }, () => ({ ...endless[0]! })));
    expect(await reasonOf()).toBe('nonsense');
  });

  it.each([
    ['another order than was asked for', { order_id: 'another' }],
    ['another client id', { client_order_id: 'another' }],
    ['another product', { product_id: 'ETH-USD' }],
    ['a side that nobody has', { side: 'HOLD' }],
    ['a status of tomorrow', { status: 'SLEEPING' }],
    ['more filled than was ordered', { filled_size: '0.02' }],
    ['a filled order that is not', { status: 'FILLED' }],
    ['a JSON number', { filled_size: 0.004 }],
    ['a negative quantity', { filled_size: '-0.004' }],
    ['a time of 1970', { created_time: '1970-01-01T00:00:00Z' }],
    ['a time that is none', { created_time: 'today' }],
    ['no configuration', { order_configuration: {} }],
    ['two configurations', { order_configuration: { limit_limit_gtc: {}, sor_limit_ioc: {} } }],
    ['no size', { order_configuration: { market_market_ioc: { quote_size: '10' } } }],
  ])('does not believe %s', async (_, change) => {
    scene.coinbase.script(ORDER, { body: { order: orderRow(change) } });
    scene.coinbase.script(FILLS, fills(fillRow()));
    expect(await reasonOf(known)).toBe('nonsense');
  });

  it.each([
    ['a fill of another order', { order_id: 'another' }],
    ['a fill on the other side', { side: 'SELL' }],
    ['more than was ordered', { size: '0.011' }],
    ['a trade that was taken back', { trade_type: 'REVERSAL' }],
    ['a fill of another product', { product_id: 'ETH-USD' }],
  ])('does not believe %s', async (_, change) => {
    scene.coinbase.script(ORDER, { body: { order: orderRow() } });
    scene.coinbase.script(FILLS, fills(fillRow(change)));
    expect(await reasonOf(known)).toBe('nonsense');
  });

  it('takes a fill that is told twice once, and says where fills are missing', async () => {
    scene.coinbase.script(ORDER, { body: { order: orderRow({ filled_size: '0.005' }) } });
    scene.coinbase.script(FILLS, fills(fillRow(), fillRow()));
    const found = await scene.client.lookup(known);
    expect(found).toMatchObject({ kind: 'found', fillsComplete: false });
    expect(found.kind === 'found' && found.fills).toHaveLength(1);
  });

  it.each([
    ['PENDING', '0', {}, 'placed'],
    ['QUEUED', '0', {}, 'placed'],
    ['OPEN', '0', {}, 'placed'],
    ['EDIT_QUEUED', '0', {}, 'placed'],
    ['OPEN', '0.01', {}, 'filled'],
    ['OPEN', '0', { pending_cancel: true }, 'cancel_pending'],
    ['CANCEL_QUEUED', '0', {}, 'cancel_pending'],
    ['CANCELLED', '0', {}, 'cancelled'],
    ['EXPIRED', '0', {}, 'expired'],
    ['FAILED', '0', {}, 'rejected'],
    ['FILLED', '0.01', {}, 'filled'],
  ])('reads %s with %s filled and %j as %s', async (status, filled_size, change, state) => {
    scene.coinbase.script(ORDER, { body: { order: orderRow({ status, filled_size, ...change }) } });
    scene.coinbase.script(FILLS, fills(fillRow({ size: '0.01' })));
    expect(await scene.client.lookup(known)).toMatchObject({ kind: 'found', order: { state } });
  });

  it('is answered under the name of the other dollar: one book serves both', async () => {
    const usdc = { pair: 'BTC-USDC', venueSymbol: 'BTC-USDC' };
    scene.coinbase.script(ORDER, { body: { order: orderRow() } });
    scene.coinbase.script(FILLS, fills(fillRow()));
    const found = await scene.client.lookup({ ...known, ...usdc });
    expect(found).toMatchObject({ kind: 'found', order: usdc, fills: [{ ...usdc, fee: { currency: 'USDC' } }] });
  });
});

describe('what else is asked', () => {
  it('open orders are those that are not over, each once', async () => {
    scene.coinbase.script(
      ORDERS,
      orders(orderRow({ status: 'PENDING', filled_size: '0' })),
      orders(orderRow(), orderRow({ order_id: 'o2', product_id: 'ETH-USD', client_order_id: '' })),
    );
    const all = answered(await scene.client.openOrders());
    expect(all.map(({ venueOrderId, state, pair }) => [venueOrderId, state, pair])).toEqual([
      [ORDER_ID, 'partially_filled', 'BTC-USD'],
      ['o2', 'partially_filled', 'ETH-USD'],
    ]);
    scene.coinbase.script(ORDERS, orders(), orders(orderRow(), orderRow({ product_id: 'ETH-USD' })));
    expect(answered(await scene.client.openOrders(BTC))).toHaveLength(1);
  });

  it('trades are put in time, whatever their ids, and begin behind the one that was named', async () => {
    const at = (ms: number) => new Date(Date.parse('2026-11-21T12:00:00Z') + ms).toISOString();
    const rows = [
      fillRow({ trade_id: 'b', trade_time: at(2) }),
      fillRow({ trade_id: 'c', trade_time: at(1) }),
      fillRow({ trade_id: 'a', trade_time: at(1) }),
      fillRow({ trade_id: 'z', trade_time: at(0) }),
    ];
    scene.coinbase.script(FILLS, fills(...rows));
    const since = answered(await scene.client.tradesSince(BTC, { sinceMs: Date.parse(at(1)) }));
    expect(since.fills.map(({ tradeId }) => tradeId)).toEqual(['a', 'c', 'b']);
    expect(scene.coinbase.asked(FILLS)[0]?.query.get('start_sequence_timestamp')).toBe(at(0));
    scene.coinbase.script(FILLS, fills(rows[2]!), fills(...rows.slice(0, 3)));
    const behind = answered(await scene.client.tradesSince(BTC, { afterTradeId: 'a' }));
    expect(behind.fills.map(({ tradeId }) => tradeId)).toEqual(['c', 'b']);
    expect(await scene.client.tradesSince(BTC, { afterTradeId: 'nobody’s' })).toMatchObject({ kind: 'couldNotAsk' });
  });

  it('a trade that was sized in quote is told in base', async () => {
    scene.coinbase.script(FILLS, fills(fillRow({ size: '240', size_in_quote: true })));
    const [fill] = answered(await scene.client.orderFills({ ...BTC, venueOrderId: ORDER_ID }));
    expect(fill?.quantity).toBe('0.004');
  });

  it('balances are of wallets that can be traded from, those of one currency together', async () => {
    const wallet = (currency: string, free: string, hold: string, type = 'ACCOUNT_TYPE_CRYPTO') => ({
      currency,
      type,
      available_balance: { value: free, currency },
      hold: { value: hold, currency },
    });
    scene.coinbase.script(
      ACCOUNTS,
      { body: { accounts: [wallet('BTC', '1', '0.5'), wallet('LTC', '0', '0')], has_next: true, cursor: 'w' } },
      { body: { accounts: [wallet('BTC', '2', '0'), wallet('BTC', '9', '0', 'ACCOUNT_TYPE_VAULT')], has_next: false } },
    );
    expect(answered(await scene.client.balances())).toEqual([{ asset: 'BTC', free: '3', locked: '0.5', total: '3.5' }]);
  });
});

describe('listings', () => {
  it('are those of spot that make sense; one that is closed in any way takes no orders', async () => {
    const products = [
      listing(),
      listing({ product_id: 'ETH-USD', base_currency_id: 'ETH', trading_disabled: true }),
      listing({ product_id: 'CGLD-USD', base_currency_id: 'CGLD', price_increment: '0.001' }),
      listing({ product_id: 'LTC-USD', base_currency_id: 'LTC', base_increment: '0' }),
      listing({ product_id: 'BIT-CDE', base_currency_id: 'BIT', product_type: 'FUTURE' }),
    ];
    scene.coinbase.script(PRODUCTS, { body: { products } }, { body: { products: [] } }, { body: { products: [] } });
    const instruments = answered(await scene.venue.marketData.instruments());
    expect(instruments.map(({ pair, trading, tick }) => [pair, trading, tick])).toEqual([
      ['BTC-USD', true, '0.01'],
      ['ETH-USD', false, '0.01'],
      ['CELO-USD', true, '0.001'],
    ]);
  });

  it('tell what an order may be', async () => {
    const outcome = await scene.client.place(order(BTC, { quantity: '3401' }), soon());
    expect(outcome).toMatchObject({ kind: 'refused', code: 'ABOVE_MAX_QUANTITY', venueCode: null });
  });
});

describe('a new order on the wire', () => {
  const bodyOf = async (change: Parameters<typeof order>[1]): Promise<unknown> => {
    scene.coinbase.script(PLACE, { body: taken() });
    await scene.client.place(order(BTC, change), soon());
    const { body } = scene.coinbase.asked(PLACE).at(-1)!;
    return JSON.parse(body);
  };
  const base_size = '0.01';
  const limit_price = '60000';
  const expireAtMs = Date.parse('2030-01-01T00:00:00Z');
  const end_time = '2030-01-01T00:00:00.000Z';
  const stop_price = '70000';

  it.each([
    [{}, { limit_limit_gtc: { base_size, limit_price, post_only: false } }],
    [{ postOnly: true }, { limit_limit_gtc: { base_size, limit_price, post_only: true } }],
    [{ timeInForce: 'ioc' }, { sor_limit_ioc: { base_size, limit_price } }],
    [{ timeInForce: 'fok' }, { limit_limit_fok: { base_size, limit_price } }],
    [{ timeInForce: 'gtd', expireAtMs }, { limit_limit_gtd: { base_size, limit_price, post_only: false, end_time } }],
    [{ orderType: 'market', limitPrice: null }, { market_market_ioc: { base_size } }],
    [
      { orderType: 'stop_limit', stopPrice: stop_price },
      {
        stop_limit_stop_limit_gtc: {
          ...{ base_size, limit_price, stop_price },
          stop_direction: 'STOP_DIRECTION_STOP_UP',
        },
      },
    ],
    [
      { orderType: 'stop_limit', stopPrice: stop_price, side: 'sell', timeInForce: 'gtd', expireAtMs },
      {
        stop_limit_stop_limit_gtd: {
          ...{ base_size, limit_price, stop_price },
          stop_direction: 'STOP_DIRECTION_STOP_DOWN',
          end_time,
        },
      },
    ],
  ] as const)('%j is %j', async (change, order_configuration) => {
    const side = 'side' in change ? 'SELL' : 'BUY';
    expect(await bodyOf(change)).toEqual({ client_order_id: OURS, product_id: 'BTC-USD', side, order_configuration });
  });

  it('has the client order id, the price and the quantity byte for byte', async () => {
    const clientOrderId = idOf('bytes');
    scene.coinbase.script(PLACE, { body: taken() });
    await scene.client.place(order(BTC, { clientOrderId, quantity: '0.10000000', limitPrice: '60000.10' }), soon());
    const { body } = scene.coinbase.asked(PLACE)[0]!;
    expect(body).toContain(`"client_order_id":"${clientOrderId}"`);
    expect(body).toContain('"base_size":"0.10000000","limit_price":"60000.10"');
  });

  it('of the market is sized in base on both sides', async () => {
    for (const side of ['buy', 'sell'] as const) {
      scene.coinbase.script(PLACE, { body: taken() });
      await scene.client.place(market(BTC, { side }), soon());
      const { body } = scene.coinbase.asked(PLACE).at(-1)!;
      expect(body).toContain('"order_configuration":{"market_market_ioc":{"base_size":"0.01"}}');
    }
  });
});
