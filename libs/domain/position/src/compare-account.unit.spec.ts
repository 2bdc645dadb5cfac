import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  bookEnd,
  bookFill,
  bookPlaced,
  compareAccount,
  DEFAULT_COMPARE_SETTINGS as SETTINGS,
  newBooks,
  type AccountBooks,
  type Drift,
  type Fill,
  type VenueState,
} from './index.js';

const TERMS = { venueSymbol: 'BTCUSDT', base: 'BTC', quote: 'USDT', smallest: '0.0001' };
const START = Date.parse('2026-11-21T02:00:00.000Z');
const at = (seconds: number) => new Date(START + seconds * 1_000).toISOString();

const state = (seconds: number, change: Partial<VenueState> = {}): VenueState => ({
  openOrders: [],
  balances: [{ currency: 'USDT', total: '1000' }],
  fills: [],
  requestedAt: at(seconds),
  ...change,
});
const openAtVenue = {
  venueOrderId: 'v1',
  venueSymbol: 'BTCUSDT',
  side: 'buy' as const,
  quantity: '1',
  filledQuantity: '0',
};
const fill = (seconds: number, change: Partial<Fill> = {}): Fill => ({
  orderId: 'o1',
  parentOrderId: 'p1',
  signalId: 's1',
  tradeId: 't1',
  side: 'buy',
  quantity: '1',
  price: '100',
  fee: { amount: '0.1', currency: 'USDT' },
  at: at(seconds),
  working: false,
  ...change,
});
const fillAtVenue = (seconds: number, change = {}) => ({
  ...openAtVenue,
  tradeId: 't1',
  pair: 'BTC-USD',
  price: '100',
  at: at(seconds),
  ...change,
});
const filledBalances = [
  { currency: 'USDT', total: '899.9' },
  { currency: 'BTC', total: '1' },
];

const placed = (books: AccountBooks, seconds: number) =>
  bookPlaced(books, 'o1', 'BTC-USD', {
    clientOrderId: 'c1',
    venueOrderId: 'v1',
    side: 'buy',
    quantity: '1',
    atMs: START + seconds * 1_000,
  });
const filled = (books: AccountBooks, one: Fill) => bookFill(books, 'BTC-USD', one, TERMS).books;

/** Books that agreed with the venue at second 10. */
const agreed = compareAccount(newBooks('acc-1', START), state(10), SETTINGS).books;

/** Compares the same state in reports ten seconds apart, until the third. */
const thrice = (books: AccountBooks, change: Partial<VenueState>, from = 100): readonly (readonly string[])[] => {
  const told: (readonly string[])[] = [];
  let current = books;
  for (const seconds of [from, from + 10, from + 20]) {
    const compared = compareAccount(current, state(seconds, change), SETTINGS);
    told.push(compared.drifts.map(({ kind }) => kind));
    current = compared.books;
  }
  return told;
};

describe('comparing an account with its venue', () => {
  it('finds nothing where books and venue agree', () => {
    const books = filled(placed(agreed, 20), fill(21));
    expect(thrice(books, { balances: filledBalances, fills: [fillAtVenue(21)] })).toEqual([[], [], []]);
  });

  it('takes the first report as where the balances begin', () => {
    expect(agreed.agreed).toEqual({ atMs: START + 10_000, totals: { USDT: '1000' } });
  });

  it.each<readonly [string, AccountBooks, Partial<VenueState>, Drift['kind']]>([
    ['money that went without an order', agreed, { balances: [{ currency: 'USDT', total: '900' }] }, 'balance'],
    [
      'money that came',
      agreed,
      {
        balances: [
          { currency: 'USDT', total: '1000' },
          { currency: 'ETH', total: '1' },
        ],
      },
      'balance',
    ],
    ['an order of ours that is not at the venue', placed(agreed, 20), {}, 'open_order_missing'],
    ['an order at the venue that is not ours', agreed, { openOrders: [openAtVenue] }, 'open_order_unexpected'],
    ['a fill at the venue that we never saw', agreed, { fills: [fillAtVenue(50)] }, 'fill_unexpected'],
    [
      'a fill of ours that the venue does not know',
      filled(agreed, fill(50)),
      { balances: filledBalances },
      'fill_missing',
    ],
    [
      'a position larger than what the venue holds',
      filled(newBooks('acc-1', START), fill(50)),
      { balances: [], fills: [fillAtVenue(50)] },
      'position',
    ],
  ])('reports %s, once it stands in a second report, and once only', (_name, books, change, kind) => {
    expect(thrice(books, change)).toEqual([[], [kind], []]);
  });

  it('takes the venue at its word about balances once the difference was told', () => {
    const low = { balances: [{ currency: 'USDT', total: '900' }] };
    let books = agreed;
    for (const seconds of [100, 110]) books = compareAccount(books, state(seconds, low), SETTINGS).books;
    expect(books.agreed?.totals).toEqual({ USDT: '900' });
    expect(thrice(books, low, 120)).toEqual([[], [], []]);
  });

  it('tells a drift again when it went away and came back', () => {
    let books = agreed;
    const seen = [state(100, { openOrders: [openAtVenue] }), state(110, { openOrders: [openAtVenue] }), state(120)].map(
      (report) => {
        const compared = compareAccount(books, report, SETTINGS);
        books = compared.books;
        return compared.drifts.length;
      },
    );
    expect(seen).toEqual([0, 1, 0]);
    expect(thrice(books, { openOrders: [openAtVenue] }, 130)).toEqual([[], ['open_order_unexpected'], []]);
  });

  it('says how many differences are worth another look soon', () => {
    expect(compareAccount(agreed, state(100, { openOrders: [openAtVenue] }), SETTINGS).pending).toBe(1);
    expect(compareAccount(agreed, state(100), SETTINGS).pending).toBe(0);
  });

  it('tells nothing for the same report twice, or an older one', () => {
    const first = compareAccount(agreed, state(100, { openOrders: [openAtVenue] }), SETTINGS);
    expect(compareAccount(first.books, state(100, { openOrders: [openAtVenue] }), SETTINGS)).toEqual({
      ...first,
      drifts: [],
    });
    expect(compareAccount(first.books, state(90), SETTINGS).books).toBe(first.books);
  });
});

describe('what events under way explain is no drift', () => {
  it('an order that we learn of after its trade was told as a drift: the same amount is not told again the other way round', () => {
    const report = { balances: filledBalances, fills: [fillAtVenue(50)] };
    expect(thrice(agreed, report)).toEqual([[], ['balance', 'balance', 'fill_unexpected'], []]);
    let books = agreed;
    for (const seconds of [100, 110]) books = compareAccount(books, state(seconds, report), SETTINGS).books;
    const booked = filled(placed(books, 49), fill(50));
    books = bookEnd(booked, { orderId: 'o1', pair: 'BTC-USD', cumulative: '1', at: at(50) }, TERMS).books;
    expect(thrice(books, report, 120)).toEqual([[], [], []]);
  });

  it('an order placed while the venue was asked', () => {
    expect(thrice(placed(agreed, 99), {}).slice(0, 1)).toEqual([[]]);
    expect(compareAccount(placed(agreed, 99), state(100), SETTINGS).pending).toBe(0);
  });

  it('a fill as young as the report', () => {
    const report = state(100, { fills: [fillAtVenue(99.5)], balances: filledBalances });
    expect(compareAccount(agreed, { ...report, balances: undefined }, SETTINGS).pending).toBe(0);
    const books = filled(placed(agreed, 20), fill(99.5));
    expect(compareAccount(books, state(100), SETTINGS)).toMatchObject({ drifts: [], pending: 0 });
  });

  it('balances while an order is not known to be at rest', () => {
    const low = { balances: [{ currency: 'USDT', total: '800' }] };
    const half = { ...openAtVenue, filledQuantity: '0.5' };
    expect(thrice(placed(agreed, 20), { ...low, openOrders: [half] })).toEqual([[], [], []]);
  });

  it('an order of ours that the venue filled, its fill on the way to us', () => {
    const compared = compareAccount(placed(agreed, 20), state(100, { fills: [fillAtVenue(99)] }), SETTINGS);
    expect(compared).toMatchObject({ drifts: [], pending: 0 });
  });

  it('but a resting order that both know does not hide a missing balance', () => {
    const change = { openOrders: [openAtVenue], balances: [{ currency: 'USDT', total: '800' }] };
    expect(thrice(placed(agreed, 20), change)).toEqual([[], ['balance'], []]);
  });

  it('an event that arrives between two reports clears the suspicion', () => {
    const first = compareAccount(agreed, state(100, { fills: [fillAtVenue(50)], balances: filledBalances }), SETTINGS);
    expect(first.pending).toBeGreaterThan(0);
    const caught = filled(first.books, fill(50));
    const second = compareAccount(caught, state(110, { fills: [fillAtVenue(50)], balances: filledBalances }), SETTINGS);
    expect(second).toMatchObject({ drifts: [], pending: 0 });
  });
});

describe('what could not be asked', () => {
  it('is not judged, and what was suspected there stands', () => {
    const blind = { openOrders: undefined, balances: undefined, fills: undefined };
    expect(thrice(placed(agreed, 20), blind)).toEqual([[], [], []]);
    const suspected = compareAccount(agreed, state(100, { openOrders: [openAtVenue] }), SETTINGS).books;
    const still = compareAccount(suspected, state(110, blind), SETTINGS);
    expect(still.pending).toBe(1);
    expect(compareAccount(still.books, state(120, { openOrders: [openAtVenue] }), SETTINGS).drifts).toHaveLength(1);
  });

  it('holds for fills from before we knew the account, or that we may have forgotten', () => {
    expect(thrice(agreed, { fills: [fillAtVenue(-50)] })).toEqual([[], [], []]);
    expect(thrice({ ...agreed, forgottenMs: START + 60_000 }, { fills: [fillAtVenue(50)] })).toEqual([[], [], []]);
  });
});

describe('for any differences', () => {
  it('never touches a position, and a second run right after tells nothing', () => {
    const venueFill = fc
      .integer({ min: 11, max: 90 })
      .map((seconds) => fillAtVenue(seconds, { tradeId: `x${seconds}` }));
    const report = fc.record({
      openOrders: fc.option(fc.constantFrom([], [openAtVenue], [{ ...openAtVenue, venueOrderId: 'v2' }]), {
        nil: undefined,
      }),
      balances: fc.option(
        fc.array(fc.record({ currency: fc.constantFrom('USDT', 'BTC', 'ETH'), total: fc.nat(2_000).map(String) }), {
          maxLength: 3,
        }),
        { nil: undefined },
      ),
      fills: fc.option(fc.array(venueFill, { maxLength: 5 }), { nil: undefined }),
    });
    fc.assert(
      fc.property(report, fc.boolean(), fc.boolean(), (change, hasOrder, hasFill) => {
        let books = hasOrder ? placed(agreed, 20) : agreed;
        if (hasFill) books = filled(books, fill(30, { working: hasOrder }));
        const { positions } = books;
        const told: string[] = [];
        for (const seconds of [100, 110, 120, 130]) {
          const compared = compareAccount(books, state(seconds, change), SETTINGS);
          expect(compared.books.positions).toBe(positions);
          told.push(...compared.drifts.map(({ signature }) => signature));
          const again = compareAccount(compared.books, state(seconds, change), SETTINGS);
          expect(again.drifts).toEqual([]);
          expect(again.books).toBe(compared.books);
          books = compared.books;
        }
        expect(new Set(told).size).toBe(told.length);
      }),
      { numRuns: 300 },
    );
  });

  it('an order that ended is compared no more', () => {
    const { books } = bookEnd(
      placed(agreed, 20),
      { orderId: 'o1', pair: 'BTC-USD', cumulative: '0', at: at(30) },
      TERMS,
    );
    expect(thrice(books, {})).toEqual([[], [], []]);
  });

  describe('an acknowledgement that comes after more ends than are remembered', () => {
    const COUNT = 50;
    const order = (n: number) => `order-${String(n)}`;
    const acknowledge = (books: AccountBooks, n: number) =>
      bookPlaced(books, order(n), 'BTC-USD', {
        clientOrderId: `c-${order(n)}`,
        venueOrderId: `v-${order(n)}`,
        side: 'buy',
        quantity: '1',
        atMs: START + (20 + n) * 1_000,
      });
    const end = (books: AccountBooks, n: number) =>
      n % 2 === 0
        ? filled(books, fill(21 + n, { orderId: order(n), tradeId: `t-${order(n)}` }))
        : bookEnd(books, { orderId: order(n), pair: 'BTC-USD', cumulative: '0', at: at(21 + n) }, TERMS).books;
    const numbers = Array.from({ length: COUNT }, (_, n) => n);
    const settings = { ...SETTINGS, lookbackMs: 0 };
    const openOrder = { ...openAtVenue, venueOrderId: `v-${order(3)}` };

    it('opens no order and is no drift, however the two topics are mixed', () => {
      fc.assert(
        fc.property(fc.shuffledSubarray([...numbers, ...numbers.map(() => -1)], { minLength: 2 * COUNT }), (mixed) => {
          let books = newBooks('acc-1', START);
          let [acknowledged, ended] = [0, 0];
          for (const which of mixed) {
            if (which === -1) books = end(books, ended++);
            else books = acknowledge(books, acknowledged++);
            expect(JSON.stringify(books).length).toBeLessThan(20_000);
          }
          const first = compareAccount(books, state(100, { balances: undefined }), settings);
          const second = compareAccount(first.books, state(110, { balances: undefined }), settings);
          expect(first.books.orders).toEqual({});
          expect([...first.drifts, ...second.drifts]).toEqual([]);
        }),
        { numRuns: 100, examples: [[[...numbers.map(() => -1), ...numbers]]] },
      );
    });

    it('opens an order that the venue still lists: it is not called a stranger, and missed when it goes', () => {
      const ended = numbers.filter((n) => n !== 3).reduce(end, newBooks('acc-1', START));
      const books = acknowledge(ended, 3);
      expect(thrice(books, { openOrders: [openOrder], balances: undefined, fills: undefined })).toEqual([[], [], []]);
      const sure = compareAccount(books, state(100, { openOrders: [openOrder] }), settings).books;
      expect(thrice(sure, { balances: undefined, fills: undefined }, 110).flat()).toEqual(['open_order_missing']);
    });

    it('opens an order that is filled later', () => {
      const ended = numbers.filter((n) => n !== 3).reduce(end, newBooks('acc-1', START));
      const partly = filled(acknowledge(ended, 3), fill(90, { orderId: order(3), quantity: '0.4', working: true }));
      const { books } = compareAccount(partly, state(100), settings);
      expect(Object.keys(books.orders)).toEqual([order(3)]);
      expect(
        bookEnd(books, { orderId: order(3), pair: 'BTC-USD', cumulative: '0.4', at: at(101) }, TERMS).books.orders,
      ).toEqual({});
    });
  });
});
