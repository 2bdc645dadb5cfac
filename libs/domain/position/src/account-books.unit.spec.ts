import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ENDED_KEPT, TRADES_KEPT } from './account-books.js';
import { bookEnd, bookFill, bookPlaced, newBooks, type AccountBooks, type Fill, type PairTerms } from './index.js';

const TERMS: PairTerms = { venueSymbol: 'BTCUSDT', base: 'BTC', quote: 'USDT', smallest: '0.0001' };
const START = Date.parse('2026-11-21T02:47:00.000Z');
const at = (ms: number) => new Date(START + ms).toISOString();

const fill = (orderId: string, tradeId: string, quantity: string, change: Partial<Fill> = {}): Fill => ({
  orderId,
  parentOrderId: 'parent-1',
  signalId: 'sig-1',
  tradeId,
  side: 'buy',
  quantity,
  price: '100',
  fee: { amount: '0.1', currency: 'USDT' },
  at: at(10_000),
  working: false,
  ...change,
});
const placed = (orderId: string, quantity = '1') => ({
  clientOrderId: `client-${orderId}`,
  venueOrderId: `venue-${orderId}`,
  side: 'buy' as const,
  quantity,
  atMs: START + 9_000,
});

type Step = (books: AccountBooks) => AccountBooks;
const place =
  (orderId: string): Step =>
  (books) =>
    bookPlaced(books, orderId, 'BTC-USD', placed(orderId));
const take =
  (one: Fill): Step =>
  (books) =>
    bookFill(books, 'BTC-USD', one, TERMS).books;
const end =
  (orderId: string, cumulative: string): Step =>
  (books) =>
    bookEnd(books, { orderId, pair: 'BTC-USD', cumulative, at: at(11_000) }, TERMS).books;
const run = (...steps: readonly Step[]) => steps.reduce((books, step) => step(books), newBooks('acc-1', START));

describe('the books of an account', () => {
  it('take a trade once, whatever else it says', () => {
    const once = run(take(fill('o1', 't1', '1')));
    expect(bookFill(once, 'BTC-USD', fill('o2', 't1', '5'), TERMS)).toEqual({ books: once, changes: [] });
    expect(once.positions['BTC-USD']?.quantity).toBe('1');
  });

  it('know a trade by the whole of its key', () => {
    const long = run(take(fill('o1', '1|buy|7', '1')));
    expect(bookFill(long, 'BTC-USD', fill('o2', '1', '1'), TERMS).books.positions['BTC-USD']?.quantity).toBe('2');
  });

  it('know the same trade id of another pair as another trade', () => {
    const books = bookFill(run(take(fill('o1', 't1', '1'))), 'ETH-USD', fill('o2', 't1', '5'), {
      ...TERMS,
      venueSymbol: 'ETHUSDT',
      base: 'ETH',
    }).books;
    expect(books.positions['ETH-USD']?.quantity).toBe('5');
  });

  it('take both sides of a trade between two orders of the account', () => {
    const both = run(take(fill('o1', 't1', '1')), take(fill('o2', 't1', '0.4', { side: 'sell' })));
    expect(both.positions['BTC-USD']?.quantity).toBe('0.6');
    expect(run(take(fill('o2', 't1', '0.4', { side: 'sell' })), take(fill('o1', 't1', '1'))).trades).toHaveLength(2);
  });

  it('hold an order open until its end is known and every fill of it was seen', () => {
    expect(Object.keys(run(place('o1'), end('o1', '0.4')).orders)).toEqual(['o1']);
    expect(run(place('o1'), end('o1', '0.4'), take(fill('o1', 't1', '0.4', { working: true }))).orders).toEqual({});
  });

  it('do not open an order again whose acknowledgement comes after its end', () => {
    expect(run(take(fill('o1', 't1', '1')), place('o1')).orders).toEqual({});
    expect(run(end('o1', '0'), place('o1')).orders).toEqual({});
  });

  it('forget flat pairs and old trades, and know since when', () => {
    const fills = Array.from({ length: TRADES_KEPT + 10 }, (_, index) =>
      take(fill(`o${index}`, `t${index}`, '1', { side: index % 2 === 0 ? 'buy' : 'sell', at: at(index * 1_000) })),
    );
    const books = run(...fills);
    expect(books.trades).toHaveLength(TRADES_KEPT);
    expect(books.ended).toHaveLength(ENDED_KEPT);
    expect(books.forgottenMs).toBe(START + 9_000);
    expect(books.positions).toEqual({});
    expect(JSON.stringify(books).length).toBeLessThan(3_000);
  });

  it('begin the balances anew where a fill is too near their agreement to tell the order of the two', () => {
    const agreed = { ...run(), agreed: { atMs: START + 10_000, totals: { USDT: '1000' } } };
    expect(take(fill('o1', 't1', '1', { at: at(11_500) }))(agreed).agreed).toBeUndefined();
    expect(take(fill('o1', 't1', '1', { at: at(5_000) }))(agreed)).toMatchObject({ agreed: agreed.agreed, flows: {} });
    expect(take(fill('o1', 't1', '1', { at: at(15_000) }))(agreed).flows).toEqual({ BTC: '1', USDT: '-100.1' });
    expect(
      bookFill(agreed, 'BTC-USD', fill('o1', 't1', '1', { at: at(15_000) }), undefined).books.agreed,
    ).toBeUndefined();
  });

  it('are the same after any order and any duplicates of the events of orders', () => {
    const steps: readonly Step[] = [
      place('o1'),
      take(fill('o1', 't1', '0.4', { working: true })),
      end('o1', '0.4'),
      place('o2'),
      take(fill('o2', 't2', '0.25', { working: true })),
      take(fill('o2', 't3', '0.75')),
      place('o3'),
      end('o4', '0'),
    ];
    const essence = (books: AccountBooks) => ({
      positions: Object.entries(books.positions).map(([pair, { quantity, cost }]) => [pair, quantity, cost]),
      orders: books.orders,
      trades: [...books.trades].sort(),
      ended: [...books.ended].sort(),
    });
    const expected = essence(run(...steps));
    expect(Object.keys(expected.orders)).toEqual(['o3']);
    fc.assert(
      fc.property(
        fc.shuffledSubarray([...steps, ...steps], { minLength: 2 * steps.length, maxLength: 2 * steps.length }),
        (mixed) => {
          expect(essence(run(...mixed))).toEqual(expected);
        },
      ),
      { numRuns: 300 },
    );
  });
});
