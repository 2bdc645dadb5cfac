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

/** One order's life as its events tell it, and what must be known of it in the end, in whatever order they came. */
interface Life {
  readonly id: string;
  readonly side: 'buy' | 'sell';
  readonly parts: readonly {
    readonly lots: number;
    readonly price: number;
    readonly fee: number;
    readonly in: string;
  }[];
  readonly end: 'filled' | 'cancelled' | 'rejected' | 'expired' | 'open';
  readonly acknowledged: boolean;
}

describe('whatever happens to orders', () => {
  const lot = (lots: number) => `0.${String(lots).padStart(3, '0')}`;
  const part = fc.record({
    lots: fc.integer({ min: 1, max: 99 }),
    price: fc.integer({ min: 90, max: 110 }),
    fee: fc.integer({ min: 0, max: 9 }),
    in: fc.constantFrom('BTC', 'USDT', 'BNB'),
  });
  const life = fc.record({
    side: fc.constantFrom('buy' as const, 'sell' as const),
    parts: fc.array(part, { maxLength: 4 }),
    end: fc.constantFrom(
      'filled' as const,
      'cancelled' as const,
      'rejected' as const,
      'expired' as const,
      'open' as const,
    ),
    acknowledged: fc.boolean(),
  });
  const lives = fc
    .array(life, { minLength: 1, maxLength: 6 })
    .map((all): readonly Life[] => all.map((one, index) => ({ ...one, id: `o${index}` })));

  const filledOf = ({ parts }: Life): number => parts.reduce((sum, { lots }) => sum + lots, 0);
  const stepsOf = (order: Life): readonly Step[] => {
    const { id, side, parts, end: how, acknowledged } = order;
    const fills = parts.map(({ lots, price, fee, in: currency }, index) =>
      take(
        fill(id, `${id}-${index}`, lot(lots), {
          side,
          price: String(price),
          fee: { amount: `0.00${String(fee)}`, currency },
          at: at(10_000 + index * 1_000),
          working: !(how === 'filled' && index === parts.length - 1),
        }),
      ),
    );
    // A rejection that the venue's own fills contradict speaks of nothing filled.
    const ends = {
      cancelled: [end(id, lot(filledOf(order)))],
      expired: [end(id, lot(filledOf(order)))],
      rejected: [end(id, '0')],
    };
    return [...(acknowledged ? [place(id)] : []), ...fills, ...(how === 'filled' || how === 'open' ? [] : ends[how])];
  };
  /** Books that agreed with the venue long before: what flowed since is known to the last lot. */
  const fold = (steps: readonly Step[]): AccountBooks => {
    const before = { ...newBooks('acc-1', START), agreed: { atMs: START - 600_000, totals: { USDT: '1000' } } };
    return steps.reduce<AccountBooks>((books, step) => step(books), before);
  };
  const essence = (books: AccountBooks) => ({
    held: Object.entries(books.positions).flatMap(([pair, { quantity }]) =>
      quantity === '0' ? [] : [[pair, quantity]],
    ),
    orders: Object.fromEntries(Object.entries(books.orders).sort()),
    ended: [...books.ended].sort(),
    trades: [...books.trades].sort(),
    flows: books.flows,
  });
  const thousandths = (amount: string | undefined): number => Math.round(Number(amount ?? '0') * 1_000);

  it('before its acknowledgement, twice, after its end or its rejection, in any order: the books come to the same', () => {
    const mixed = lives.chain((all) => {
      const steps = all.flatMap(stepsOf);
      const twice = [...steps, ...steps];
      return fc.record({
        all: fc.constant(all),
        steps: fc.constant(steps),
        mixed: fc.shuffledSubarray(twice, { minLength: twice.length, maxLength: twice.length }),
      });
    });
    fc.assert(
      fc.property(mixed, ({ all, steps, mixed: events }) => {
        const books = fold(events);
        expect(essence(books)).toEqual(essence(fold(steps)));
        // And that is what the fills say, one by one.
        let [base, third] = [0, 0];
        for (const order of all)
          for (const { lots, fee, in: currency } of order.parts) {
            base += (order.side === 'buy' ? lots : -lots) - (currency === 'BTC' ? fee : 0);
            third -= currency === 'BNB' ? fee : 0;
          }
        expect(thousandths(books.positions['BTC-USD']?.quantity)).toBe(base);
        expect([thousandths(books.flows['BTC']), thousandths(books.flows['BNB'])]).toEqual([base, third]);
        const open = all.filter(
          (order) =>
            (order.acknowledged || order.parts.length > 0) &&
            (order.end === 'open' || (order.end === 'filled' && order.parts.length === 0)),
        );
        expect(Object.keys(books.orders).sort()).toEqual(open.map(({ id }) => id).sort());
        for (const order of open) expect(thousandths(books.orders[order.id]?.filled)).toBe(filledOf(order));
      }),
      { numRuns: 500 },
    );
  });
});
