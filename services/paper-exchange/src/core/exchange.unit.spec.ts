import { afterEach, describe, expect, it } from '@jest/globals';
import { decimal } from '@switchyard/money';
import fc from 'fast-check';
import { aVenue, type AVenue } from '../testing/a-venue.js';
import { isOpen, type Order } from './order.js';
import { TICK_MS } from './reference-path.js';
import type { Refusal } from './refusal.js';

const open: AVenue[] = [];
const venue = (): AVenue => {
  const made = aVenue();
  open.push(made);
  return made;
};
afterEach(async () => {
  for (const each of open.splice(0)) await each.exchange.close();
});

const fills = (order: Order | Refusal): readonly string[] =>
  'fills' in order
    ? order.fills.map(({ quantity, price, liquidity }) => `${quantity}@${price} ${liquidity}`)
    : [order.refused];
const statusOf = (order: Order | Refusal): string => ('status' in order ? order.status : order.refused);

describe('a market order', () => {
  it('takes level after level and pays its fee in what it receives', () => {
    const { place, book, holds } = venue();
    book(
      [['99', '5']],
      [
        ['100', '1'],
        ['101', '5'],
      ],
    );
    const bought = place({ type: 'market', quantity: '3' });
    expect(fills(bought)).toEqual(['1@100 taker', '2@101 taker']);
    expect([statusOf(bought), holds('USDT'), holds('BTC')]).toEqual(['filled', '99698+0', '12.997+0']);
    const sold = place({ type: 'market', side: 'sell', quantity: '1' });
    expect([fills(sold), holds('USDT'), holds('BTC')]).toEqual([['1@99 taker'], '99796.901+0', '11.997+0']);
  });

  it('sized in quote buys as many lots as that pays for', () => {
    const { place, book, holds } = venue();
    book([], [['99.99', '5']]);
    const order = place({ type: 'market', quantity: undefined, quoteQuantity: '100' });
    expect([statusOf(order), fills(order)]).toEqual(['filled', ['1.0001@99.99 taker']]);
    expect(holds('USDT')).toBe('99900.000001+0');
  });

  it('expires what the book cannot give', () => {
    const { place, book, holds } = venue();
    book([['99', '2']], []);
    const order = place({ type: 'market', side: 'sell', quantity: '3' });
    expect([statusOf(order), fills(order), holds('BTC')]).toEqual(['expired', ['2@99 taker'], '8+0']);
    expect(statusOf(place({ type: 'market', side: 'sell', quantity: '1' }))).toBe('expired');
    expect(statusOf(place({ type: 'market', quantity: undefined, quoteQuantity: '50' }))).toBe('expired');
  });

  it('is refused when the account cannot pay for what it would take', () => {
    const { place, book, holds } = venue();
    book([['99', '50']], [['60000', '5']]);
    expect(statusOf(place({ type: 'market', quantity: '2' }))).toBe('INSUFFICIENT_BALANCE');
    expect(statusOf(place({ type: 'market', side: 'sell', quantity: '10.00001' }))).toBe('INSUFFICIENT_BALANCE');
    expect([holds('USDT'), holds('BTC')]).toEqual(['100000+0', '10+0']);
  });
});

describe('a limit order', () => {
  it('takes what its limit reaches at the book’s prices, rests the remainder and holds back its limit price', () => {
    const { place, book, holds } = venue();
    book(
      [['99', '5']],
      [
        ['100', '1'],
        ['103', '5'],
      ],
    );
    const order = place({ quantity: '3', limitPrice: '102' });
    expect([statusOf(order), fills(order)]).toEqual(['partially_filled', ['1@100 taker']]);
    expect([holds('USDT'), holds('BTC')]).toEqual(['99696+204', '10.999+0']);
  });

  it.each([
    ['ioc', '3', 'expired', ['1@100 taker']],
    ['ioc', '1', 'filled', ['1@100 taker']],
    ['fok', '3', 'expired', []],
    ['fok', '1', 'filled', ['1@100 taker']],
  ] as const)('%s for %s of the 1 within its limit ends %s', (timeInForce, quantity, status, expected) => {
    const { place, book, holds } = venue();
    book(
      [['99', '5']],
      [
        ['100', '1'],
        ['103', '5'],
      ],
    );
    const order = place({ quantity, limitPrice: '102', timeInForce });
    expect([statusOf(order), fills(order)]).toEqual([status, expected]);
    expect(holds('USDT')).toBe(expected.length === 0 ? '100000+0' : '99900+0');
  });

  it('that may only make is refused where it would take, and rests where it would not', () => {
    const { place, book } = venue();
    book([['99', '5']], [['100', '1']]);
    expect(statusOf(place({ quantity: '1', limitPrice: '100', postOnly: true }))).toBe('WOULD_TAKE');
    expect(statusOf(place({ quantity: '1', limitPrice: '99.99', postOnly: true }))).toBe('open');
  });

  it('resting fills at its own limit, never better, once the market reaches it, at most by what stands there', () => {
    const { place, book, holds } = venue();
    book([['99', '5']], [['100', '1']]);
    const order = place({ quantity: '3', limitPrice: '99.5' }) as Order;
    book(
      [['97', '5']],
      [
        ['98', '1'],
        ['99.5', '0.5'],
        ['99.6', '9'],
      ],
    );
    expect([statusOf(order), fills(order)]).toEqual(['partially_filled', ['1.5@99.5 maker']]);
    book([['97', '5']], [['99.51', '9']]);
    expect(fills(order)).toHaveLength(1);
    book([['97', '5']], [['99', '9']]);
    expect([statusOf(order), fills(order)]).toEqual(['filled', ['1.5@99.5 maker', '1.5@99.5 maker']]);
    expect([holds('USDT'), holds('BTC')]).toEqual(['99701.5+0', '12.997+0']);
  });

  it('resting with the better limit, then the older, is filled first', () => {
    const { place, book } = venue();
    book([], [['120', '1']]);
    const cheap = place({ quantity: '1', limitPrice: '100' });
    const dear = place({ quantity: '1', limitPrice: '101' });
    const late = place({ quantity: '1', limitPrice: '101', accountKey: 'bob' });
    book([], [['100', '1.5']]);
    expect([dear, late, cheap].map(fills)).toEqual([['1@101 maker'], ['0.5@101 maker'], []]);
  });

  it('resting meets every tick of the recorded market, with nobody asking', () => {
    const { place, clock, exchange } = venue();
    const btc = exchange.instrument('BTCUSDT')!;
    const best = exchange.book(btc).bids[0]!.price;
    // Far enough away to rest, near enough for a day's move to reach.
    const limit = best.times(decimal('0.98')).round(2, 0).toFixed();
    const order = place({ quantity: '1', limitPrice: limit }) as Order;
    expect(order.status).toBe('open');
    clock.ms += 24 * 60 * 60_000;
    exchange.settleAll();
    expect([order.status, ...fills(order)]).toEqual(['filled', `1@${limit} maker`]);
    const at = Math.floor(order.fills[0]!.at / TICK_MS);
    expect(exchange.market.derived(btc, at).asks[0]!.price.lte(decimal(limit))).toBe(true);
  });

  it('cancelled gives back what it held, and cannot be cancelled again', () => {
    const { place, book, holds, exchange } = venue();
    book([['99', '5']], [['100', '1']]);
    const order = place({ side: 'sell', quantity: '3', limitPrice: '150' }) as Order;
    expect(holds('BTC')).toBe('7+3');
    expect(exchange.cancel(order)?.status).toBe('cancelled');
    expect([holds('BTC'), exchange.cancel(order)]).toEqual(['10+0', undefined]);
  });
});

describe('an order that breaks a rule', () => {
  it.each([
    [{ limitPrice: '100.001' }, 'PRICE_OFF_GRID'],
    [{ limitPrice: '0' }, 'PRICE_OUT_OF_RANGE'],
    [{ limitPrice: '2000000' }, 'PRICE_OUT_OF_RANGE'],
    [{ quantity: '0.000001' }, 'QUANTITY_OUT_OF_RANGE'],
    [{ quantity: '1.000001' }, 'QUANTITY_OFF_GRID'],
    [{ quantity: '9001' }, 'QUANTITY_OUT_OF_RANGE'],
    [{ quantity: '0.04' }, 'NOTIONAL_TOO_SMALL'],
    [{ type: 'market', limitPrice: undefined, quantity: '0.04' }, 'NOTIONAL_TOO_SMALL'],
    [{ type: 'market', limitPrice: undefined, quantity: undefined, quoteQuantity: '4.99' }, 'NOTIONAL_TOO_SMALL'],
    [{ symbol: 'DOGEUSDT' }, 'UNKNOWN_SYMBOL'],
  ] as const)('%j is refused with %s, and the ledger says so', (order, code) => {
    const { place, book, exchange } = venue();
    book([['99', '5']], [['100', '1']]);
    expect(statusOf(place({ quantity: '1', limitPrice: '99', ...order }))).toBe(code);
    expect(exchange.state.ledger).toMatchObject([{ refusedWith: code }]);
  });

  it('repeats the client id of an open order; of one that is over it may', () => {
    const { place, book } = venue();
    book([['99', '5']], [['100', '9']]);
    const twice = { clientOrderId: 'same', quantity: '1', limitPrice: '90' };
    expect(statusOf(place(twice))).toBe('open');
    expect(statusOf(place(twice))).toBe('DUPLICATE_CLIENT_ORDER_ID');
    expect(statusOf(place({ ...twice, accountKey: 'bob' }))).toBe('open');
    const filled = { clientOrderId: 'over', quantity: '1', limitPrice: '100' };
    expect([statusOf(place(filled)), statusOf(place(filled))]).toEqual(['filled', 'filled']);
  });
});

const anOrder = fc.record({
  accountKey: fc.constantFrom('alice', 'bob'),
  side: fc.constantFrom('buy', 'sell'),
  kind: fc.constantFrom('market', 'quote', 'gtc', 'ioc', 'fok', 'post'),
  lots: fc.integer({ min: 100, max: 600_000 }),
  price: fc.integer({ min: 9_500, max: 10_500 }),
});
const aStep = fc.oneof(
  { weight: 5, arbitrary: anOrder },
  { weight: 1, arbitrary: fc.record({ cancel: fc.nat(40) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      middle: fc.integer({ min: 9_600, max: 10_400 }),
      sizes: fc.array(fc.integer({ min: 1, max: 300_000 }), { minLength: 2, maxLength: 6 }),
    }),
  },
);

describe('whatever customers do', () => {
  it('money is neither made nor lost: what both hold, plus fees and the market’s side, never changes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(aStep, { maxLength: 30 }), async (steps) => {
        const made = aVenue();
        const { place, book, exchange } = made;
        const cents = (ticks: number): string => decimal(String(ticks)).div('100').toFixed();
        const lots = (count: number): string => decimal(String(count)).times('0.00001').toFixed();
        book([['99.9', '3']], [['100.1', '3']]);
        for (const step of steps) {
          if ('cancel' in step) {
            const order = exchange.state.order(step.cancel);
            if (order !== undefined) exchange.cancel(order);
          } else if ('middle' in step) {
            book(
              step.sizes.map((size, i) => [cents(step.middle - 1 - i), lots(size)]),
              step.sizes.map((size, i) => [cents(step.middle + 1 + i), lots(size)]),
            );
          } else {
            const { accountKey, side, kind } = step;
            const market = kind === 'market' || kind === 'quote';
            place({
              accountKey,
              side: side,
              type: market ? 'market' : 'limit',
              timeInForce: kind === 'ioc' || kind === 'fok' ? kind : 'gtc',
              postOnly: kind === 'post',
              quantity: kind === 'quote' ? undefined : lots(step.lots),
              quoteQuantity: kind === 'quote' ? cents(step.lots) : undefined,
              limitPrice: market ? undefined : cents(step.price),
            });
          }
        }

        for (const accountKey of ['alice', 'bob']) {
          const orders = exchange.state.ordersOf(accountKey);
          let [usdt, btc] = [decimal('100000'), decimal('10')];
          for (const order of orders) {
            let executed = decimal('0');
            for (const { price, quantity, fee } of order.fills) {
              const cost = decimal(price).times(decimal(quantity));
              executed = executed.plus(decimal(quantity));
              usdt = order.side === 'buy' ? usdt.minus(cost) : usdt.plus(cost).minus(decimal(fee));
              btc =
                order.side === 'buy' ? btc.plus(decimal(quantity)).minus(decimal(fee)) : btc.minus(decimal(quantity));
            }
            expect(executed.eq(order.executed) && executed.lte(decimal(order.quantity))).toBe(true);
            expect(isOpen(order) || order.locked.eq(decimal('0'))).toBe(true);
          }
          const account = exchange.state.account(accountKey)!;
          for (const [asset, total] of [
            ['USDT', usdt],
            ['BTC', btc],
          ] as const) {
            const { free, locked } = account.balance(asset);
            expect(free.plus(locked).toFixed()).toBe(total.toFixed());
            expect(free.gte(decimal('0')) && locked.gte(decimal('0'))).toBe(true);
            const held = orders
              .filter((order) => isOpen(order) && order.lockedAsset === asset)
              .map((order) => order.locked);
            expect(locked.toFixed()).toBe(held.reduce((a, b) => a.plus(b), decimal('0')).toFixed());
          }
        }

        // And a restart remembers exactly this.
        const before = JSON.stringify([exchange.state.ledger, [...exchange.state.account('alice')!.balances]]);
        const again = await made.reopen();
        const { state } = again.exchange;
        expect(JSON.stringify([state.ledger, [...state.account('alice')!.balances]])).toBe(before);
        await again.exchange.close();
      }),
      { numRuns: 40 },
    );
  });
});

describe('a venue that charges fees in quote', () => {
  const inQuote = (): AVenue => {
    const made = aVenue(undefined, undefined, { rules: { feeIn: 'quote' } });
    open.push(made);
    return made;
  };

  it('takes a buyer’s fee beside the price, and a seller’s out of it', () => {
    const { place, book, holds } = inQuote();
    book([['99', '5']], [['100', '5']]);
    const bought = place({ type: 'market', quantity: '2' });
    expect([statusOf(bought), holds('USDT'), holds('BTC')]).toEqual(['filled', '99799.8+0', '12+0']);
    place({ type: 'market', side: 'sell', quantity: '1' });
    expect([holds('USDT'), holds('BTC')]).toEqual(['99898.701+0', '11+0']);
  });

  it('holds back the dearest fee of a limit buy, and gives back what fills cheaper', () => {
    const { place, book, holds } = inQuote();
    book([['98', '5']], [['100', '1']]);
    place({ quantity: '2', limitPrice: '110' });
    expect([holds('USDT'), holds('BTC')]).toEqual(['99789.79+110.11', '11+0']);
  });

  it('refuses a buy whose fee the account cannot pay', () => {
    const { place, book } = inQuote();
    book([], [['50000', '5']]);
    expect(statusOf(place({ type: 'market', quantity: '2' }))).toBe('INSUFFICIENT_BALANCE');
    expect(statusOf(place({ type: 'market', quantity: '1.99' }))).toBe('filled');
  });

  it('charges in base where the order asks for it: a seller pays it beside the quantity', () => {
    const { place, book, holds } = inQuote();
    book([['100', '5']], []);
    place({ type: 'market', side: 'sell', quantity: '1', feeIn: 'base' });
    expect([holds('USDT'), holds('BTC')]).toEqual(['100100+0', '8.999+0']);
  });
});

describe('an order that is good until a date', () => {
  it('rests until then, meets no market afterwards, and lets go of what it held', () => {
    const { exchange, place, book, holds, clock } = venue();
    book([['99', '5']], [['100', '5']]);
    const order = place({ timeInForce: 'gtd', quantity: '1', limitPrice: '90', expiresAt: clock.ms + 2_000 });
    expect([statusOf(order), holds('USDT')]).toEqual(['open', '99910+90']);
    clock.ms += 2_000;
    book([['70', '5']], [['80', '5']]);
    exchange.settleAll();
    expect([statusOf(exchange.state.order(1)!), holds('USDT'), holds('BTC')]).toEqual(['expired', '100000+0', '10+0']);
  });

  it('expires while the venue is closed as well as while nobody asks', async () => {
    const first = venue();
    first.book([['99', '5']], [['100', '5']]);
    first.place({ timeInForce: 'gtd', quantity: '1', limitPrice: '90', expiresAt: first.clock.ms + 2_000 });
    first.clock.ms += 10 * TICK_MS;
    const second = await first.reopen();
    open.push(second);
    expect(second.exchange.openOrders('alice')).toEqual([]);
    expect(second.exchange.state.order(1)).toMatchObject({
      status: 'expired',
      updatedAt: first.clock.ms - 10 * TICK_MS + 2_000,
    });
  });
});

describe('an amended order', () => {
  const resting = () => {
    const made = venue();
    made.book(
      [['99', '5']],
      [
        ['100', '1'],
        ['101', '5'],
      ],
    );
    const order = made.place({ quantity: '2', limitPrice: '90' });
    if ('refused' in order) throw new Error(order.refused);
    return { ...made, order };
  };

  it('keeps its id, and holds back what its new price and quantity need', () => {
    const { exchange, order, holds } = resting();
    const amended = exchange.amend(order, { quantity: '3', limitPrice: '95' });
    expect(amended).toMatchObject({ orderId: order.orderId, quantity: '3', limitPrice: '95', status: 'open' });
    expect(holds('USDT')).toBe('99715+285');
  });

  it('takes what its new limit reaches, unless it is to be post-only', () => {
    const { exchange, order, holds } = resting();
    expect(exchange.amend(order, { limitPrice: '100', postOnly: true })).toMatchObject({ refused: 'WOULD_TAKE' });
    expect(exchange.amend(order, { limitPrice: '100' })).toMatchObject({ status: 'partially_filled' });
    expect([holds('USDT'), holds('BTC')]).toEqual(['99800+100', '10.999+0']);
  });

  it('ends where its new quantity is filled already; what is over cannot be amended', () => {
    const { exchange, order } = resting();
    exchange.amend(order, { limitPrice: '100' });
    expect(exchange.amend(order, { quantity: '0.5' })).toMatchObject({ status: 'cancelled' });
    expect(exchange.amend(order, { quantity: '3' })).toBeUndefined();
  });

  it('is refused, and stays as it was, where it breaks a rule or the account cannot pay', () => {
    const { exchange, order, holds } = resting();
    expect(exchange.amend(order, { limitPrice: '90.001' })).toMatchObject({ refused: 'PRICE_OFF_GRID' });
    expect(exchange.amend(order, { quantity: '2000' })).toMatchObject({ refused: 'INSUFFICIENT_BALANCE' });
    expect([exchange.state.order(order.orderId)?.quantity, holds('USDT')]).toEqual(['2', '99820+180']);
  });

  it('is the same after a restart', async () => {
    const { exchange, order, reopen } = resting();
    exchange.amend(order, { quantity: '3', limitPrice: '95' });
    const again = await reopen();
    open.push(again);
    expect(again.exchange.state.order(order.orderId)).toMatchObject({ quantity: '3', limitPrice: '95' });
    expect(again.holds('USDT')).toBe('99715+285');
  });
});

describe('a venue that wants client ids unique for ever', () => {
  it('refuses one that was used before, though its order is over', () => {
    const made = aVenue(undefined, undefined, { rules: { clientIds: 'forever' } });
    open.push(made);
    made.book([['99', '5']], [['100', '5']]);
    expect(statusOf(made.place({ type: 'market', quantity: '1', clientOrderId: 'mine' }))).toBe('filled');
    expect(statusOf(made.place({ type: 'market', quantity: '1', clientOrderId: 'mine' }))).toBe(
      'DUPLICATE_CLIENT_ORDER_ID',
    );
  });
});

describe('a venue that accepts a post-only order which would take', () => {
  it('lets it go at once: nothing filled, nothing held, and never in the book', () => {
    const made = aVenue(undefined, undefined, { rules: { takingPostOnly: 'expires' } });
    open.push(made);
    made.book([['99', '5']], [['100', '5']]);
    const order = made.place({ postOnly: true, quantity: '1', limitPrice: '100' });
    expect([statusOf(order), fills(order), made.holds('USDT')]).toEqual(['expired', [], '100000+0']);
    made.book([['89', '5']], [['90', '5']]);
    expect(made.holds('BTC')).toBe('10+0');
    expect(statusOf(made.place({ postOnly: true, quantity: '1', limitPrice: '89' }))).toBe('open');
  });
});
