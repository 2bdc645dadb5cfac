import { describe, expect, it } from '@jest/globals';
import { decimal, plain, ZERO } from '@switchyard/money';
import fc from 'fast-check';
import { routedOrder, snapshot } from '../testing/routed-order.js';
import { taskOfOrder, type RoutedOrder } from '../tasks/task.js';
import { Board, type LiveBook } from './board.js';
import { match, walk } from './match.js';

const now = Date.now();
const bookOf = (more: Parameters<typeof snapshot>[0] = {}): LiveBook => {
  const board = new Board('binance', 10_000);
  board.put(snapshot(more));
  return board.bookOf('BTC-USDT', now)!;
};
const order = (more: Parameters<typeof routedOrder>[0]): RoutedOrder =>
  taskOfOrder({ payload: routedOrder(more), id: 'cause', traceparent: undefined } as never).payload as RoutedOrder;
const matched = (more: Parameters<typeof routedOrder>[0], taken = '0') => {
  const routed = order(more);
  const limit = routed.limitPrice === undefined ? undefined : decimal(routed.limitPrice);
  const result = match(
    routed,
    { side: routed.side, quantity: decimal(routed.quantity), limit },
    bookOf(),
    decimal(taken),
  );
  return result.kind === 'refused'
    ? result.refusal.code
    : { rest: result.rest, trades: result.trades.map(({ quantity, price }) => `${plain(quantity)}@${plain(price)}`) };
};
const limit = { orderType: 'limit', timeInForce: 'gtc' } as const;

describe('a simulated order', () => {
  it('at market walks the book from the best level on', () => {
    expect(matched({ quantity: '1.5' })).toEqual({ rest: 'none', trades: ['1@64000', '0.5@64010'] });
    expect(matched({ quantity: '1.5', side: 'sell' })).toEqual({ rest: 'none', trades: ['1@63990', '0.5@63980'] });
  });

  it('at market expires with what the book does not hold', () => {
    expect(matched({ quantity: '5' })).toEqual({ rest: 'expires', trades: ['1@64000', '2@64010'] });
  });

  it('with a limit trades no worse than it, and rests with the remainder', () => {
    expect(matched({ ...limit, quantity: '1.5', limitPrice: '64005' })).toEqual({ rest: 'rests', trades: ['1@64000'] });
    expect(matched({ ...limit, quantity: '1.5', limitPrice: '63000' })).toEqual({ rest: 'rests', trades: [] });
  });

  it('immediate or cancel expires with its remainder; fill or kill trades all or nothing', () => {
    expect(matched({ ...limit, timeInForce: 'ioc', quantity: '1.5', limitPrice: '64005' })).toEqual({
      rest: 'expires',
      trades: ['1@64000'],
    });
    expect(matched({ ...limit, timeInForce: 'fok', quantity: '1.5', limitPrice: '64005' })).toEqual({
      rest: 'expires',
      trades: [],
    });
    expect(matched({ ...limit, timeInForce: 'fok', quantity: '1.5', limitPrice: '64010' })).toEqual({
      rest: 'none',
      trades: ['1@64000', '0.5@64010'],
    });
  });

  it('does not trade again what its account has taken from this book', () => {
    expect(matched({ quantity: '1' }, '0.6')).toEqual({ rest: 'none', trades: ['0.4@64000', '0.6@64010'] });
    expect(matched({ quantity: '1' }, '3')).toBe('NO_LIQUIDITY');
  });

  it.each<[string, Parameters<typeof routedOrder>[0], string]>([
    ['off the lot', { quantity: '0.000015' }, 'VENUE_REFUSED'],
    ['off the tick', { ...limit, quantity: '1', limitPrice: '64000.001' }, 'VENUE_REFUSED'],
    ['under the smallest notional', { quantity: '0.00001' }, 'BELOW_MINIMUM'],
    ['that must not take and would', { ...limit, quantity: '1', limitPrice: '64000', postOnly: true }, 'VENUE_REFUSED'],
    ['with a stop', { orderType: 'stop', stopPrice: '60000' }, 'UNSUPPORTED'],
  ])('is refused %s', (_, more, code) => {
    expect(matched(more)).toBe(code);
  });

  it('never trades at a price that the book does not have, nor more than it holds', () => {
    const levels = fc
      .uniqueArray(fc.tuple(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1, max: 9 })), {
        selector: ([price]) => price,
        maxLength: 10,
      })
      .map((list) =>
        [...list]
          .sort(([a], [b]) => a - b)
          .map(([price, quantity]) => [decimal(String(price)), decimal(String(quantity))] as const),
      );
    fc.assert(
      fc.property(
        levels,
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 1, max: 50 }),
        fc.integer({ min: 0, max: 20 }),
        (asks, units, most, taken) => {
          const quantity = decimal(String(units));
          const trades = walk(asks, { side: 'buy', quantity, limit: decimal(String(most)) }, decimal(String(taken)));
          const filled = trades.reduce((sum, trade) => sum.plus(trade.quantity), ZERO);
          expect(filled.lte(quantity)).toBe(true);
          for (const trade of trades) {
            const level = asks.find(([price]) => price.eq(trade.price));
            expect(level).toBeDefined();
            expect(trade.quantity.lte(level![1])).toBe(true);
            expect(trade.price.lte(decimal(String(most)))).toBe(true);
          }
          const reachable = asks
            .filter(([price]) => price.lte(decimal(String(most))))
            .reduce((sum, [, offered]) => sum.plus(offered), ZERO);
          const left = reachable.minus(decimal(String(taken)));
          const free = left.gt(ZERO) ? left : ZERO;
          expect(plain(filled)).toBe(plain(free.lt(quantity) ? free : quantity));
        },
      ),
    );
  });
});

describe('the board of books', () => {
  it('keeps the newest book of its own venue, and offers none that is stale', () => {
    const board = new Board('binance', 10_000);
    board.put(snapshot({ version: 2, bookHash: 'new' }));
    board.put(snapshot({ version: 1, bookHash: 'old' }));
    board.put(snapshot({ version: 9, venue: 'kraken', bookHash: 'other' }));
    expect(board.bookOf('BTC-USDT', Date.now())?.hash).toBe('new');
    expect(board.bookOf('BTC-USDT', Date.now() + 10_001)).toBeUndefined();
    expect(board.bookOf('ETH-USDT', Date.now())).toBeUndefined();
    expect(board.takeChanged()).toEqual(['BTC-USDT']);
    expect(board.takeChanged()).toEqual([]);
  });
});
