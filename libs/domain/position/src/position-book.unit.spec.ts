import { describe, expect, it } from '@jest/globals';
import { decimal, plain, ZERO } from '@switchyard/money';
import fc from 'fast-check';
import {
  EARLY_SELL_GRACE_MS,
  EMPTY_BOOK,
  foldFill,
  settleBook,
  type Fill,
  type PairTerms,
  type PositionBook,
  type PositionChange,
} from './index.js';

const TERMS: PairTerms = { venueSymbol: 'BTCUSDT', base: 'BTC', quote: 'USDT', smallest: '0.0001' };
const START = Date.parse('2026-11-21T02:47:00.000Z');

let trade = 0;
const fill = (side: 'buy' | 'sell', quantity: string, price: string, change: Partial<Fill> = {}): Fill => {
  trade += 1;
  return {
    orderId: `order-${side}`,
    parentOrderId: 'parent-1',
    signalId: 'sig-1',
    tradeId: `t${trade}`,
    side,
    quantity,
    price,
    fee: { amount: '0', currency: 'USDT' },
    at: new Date(START + trade).toISOString(),
    working: false,
    ...change,
  };
};
const fee = (amount: string, currency: string) => ({ fee: { amount, currency } });

const run = (fills: readonly Fill[], terms = TERMS): { book: PositionBook; changes: readonly PositionChange[] } => {
  let book = EMPTY_BOOK;
  const changes: PositionChange[] = [];
  for (const one of fills) {
    const folded = foldFill(book, one, terms);
    book = folded.book;
    if (folded.change !== undefined) changes.push(folded.change);
  }
  return { book, changes };
};

describe('a position', () => {
  it('opens with the first fill that could be sold again', () => {
    const { changes } = run([
      fill('buy', '0.00005', '60000', { working: true }),
      fill('buy', '0.5', '64000', { tradeId: 'opening' }),
    ]);
    expect(changes).toMatchObject([
      {
        kind: 'opened',
        quantity: '0.50005',
        bought: '0.50005',
        boughtValue: '32003',
        opening: { tradeId: 'opening' },
      },
    ]);
  });

  it('closes with the result at average cost, quote fees deducted', () => {
    const { book, changes } = run([
      fill('buy', '1', '100', fee('1', 'USDT')),
      fill('buy', '1', '200', fee('2', 'USDT')),
      fill('sell', '2', '180', fee('3', 'USDT')),
    ]);
    expect(changes[1]).toMatchObject({
      kind: 'closed',
      quantity: '2',
      averageEntryPrice: '150',
      averageExitPrice: '180',
      realizedPnl: '54',
      fees: { USDT: '6' },
      dust: '0',
    });
    expect(book).toEqual({ quantity: '0', cost: '0', realized: '54' });
  });

  it('holds less than was bought where the venue takes its fee from it, and leaves dust that no order could sell', () => {
    const { book, changes } = run([fill('buy', '1', '100', fee('0.00105', 'BTC')), fill('sell', '0.9989', '110')]);
    expect(changes[1]).toMatchObject({ kind: 'closed', dust: '0.00005' });
    // 0.9989 of the 0.99895 that 100 had paid for.
    expect(
      decimal((changes[1] as { realizedPnl: string }).realizedPnl)
        .minus(decimal('9.884005'))
        .abs()
        .lt(decimal('0.000001')),
    ).toBe(true);
    expect(book.quantity).toBe('0.00005');
    expect(
      run([fill('buy', '1', '100', fee('0.00105', 'BTC')), fill('sell', '0.9989', '110'), fill('buy', '1', '100')]).book
        .quantity,
    ).toBe('1.00005');
  });

  it('keeps a fee in a third currency apart, at no invented rate', () => {
    const { changes } = run([
      fill('buy', '1', '100', fee('0.01', 'BNB')),
      fill('sell', '1', '110', fee('0.02', 'BNB')),
    ]);
    expect(changes[1]).toMatchObject({ realizedPnl: '10', fees: { BNB: '0.03' } });
  });

  it('does not close below the smallest order while the order goes on selling', () => {
    const fills = [fill('buy', '1', '100'), fill('sell', '0.99995', '110', { working: true })];
    expect(run(fills).changes).toHaveLength(1);
    expect(run([...fills, fill('sell', '0.00005', '110')]).changes[1]).toMatchObject({ kind: 'closed', dust: '0' });
  });

  it('closes when that order ends without selling the rest', () => {
    const { book } = run([fill('buy', '1', '100'), fill('sell', '0.99995', '110', { working: true })]);
    expect(settleBook(book, TERMS, '2026-11-21T02:48:00.000Z').change).toMatchObject({
      kind: 'closed',
      dust: '0.00005',
    });
    expect(settleBook(run([fill('buy', '1', '100')]).book, TERMS, '2026-11-21T02:48:00.000Z').change).toBeUndefined();
  });

  it('is told as one when its sell arrives before its last buy', () => {
    const { changes } = run([
      fill('buy', '0.4', '100', { working: true }),
      fill('sell', '1', '110'),
      fill('buy', '0.6', '100'),
    ]);
    expect(changes).toMatchObject([{ kind: 'opened' }, { kind: 'closed', quantity: '1', realizedPnl: '10' }]);
  });

  it('is not held under by the sale of something held before us', () => {
    const sold = fill('sell', '1', '64000');
    const at = new Date(Date.parse(sold.at) + EARLY_SELL_GRACE_MS + 1).toISOString();
    const { book, changes } = run([sold, fill('buy', '0.5', '63000', { at })]);
    expect(book).toMatchObject({
      quantity: '0.5',
      cost: '31500',
      realized: '0',
      outside: { quantity: '1', proceeds: '64000' },
    });
    expect(changes).toMatchObject([{ kind: 'opened', quantity: '0.5' }]);
  });
});

describe('for any fills', () => {
  const amount = (max: number, places: number) =>
    fc.integer({ min: 1, max }).map((units) => plain(decimal(String(units)).div(decimal(`1${'0'.repeat(places)}`))));
  const anyFill = fc.record({
    side: fc.constantFrom('buy' as const, 'sell' as const),
    quantity: amount(10_000_000, 6),
    price: amount(10_000_000, 2),
    feeAmount: amount(1_000, 6),
    currency: fc.constantFrom('BTC', 'USDT', 'BNB'),
    later: fc.integer({ min: 0, max: 40_000 }),
    working: fc.boolean(),
  });
  const fills = fc.array(anyFill, { maxLength: 25 }).map((parts) => {
    let atMs = START;
    return parts.map(({ side, quantity, price, feeAmount, currency, later, working }, index) => {
      atMs += later;
      return fill(side, quantity, price, {
        tradeId: `p${index}`,
        fee: { amount: feeAmount, currency },
        at: new Date(atMs).toISOString(),
        working,
      });
    });
  });
  const sums = (all: readonly Fill[]) => {
    let quantity = ZERO;
    let cash = ZERO;
    for (const { side, quantity: amount_, price, fee: paid } of all) {
      const value = decimal(amount_).times(decimal(price));
      quantity = side === 'buy' ? quantity.plus(decimal(amount_)) : quantity.minus(decimal(amount_));
      cash = side === 'buy' ? cash.minus(value) : cash.plus(value);
      if (paid.currency === 'BTC') quantity = quantity.minus(decimal(paid.amount));
      if (paid.currency === 'USDT') cash = cash.minus(decimal(paid.amount));
    }
    return { quantity, cash };
  };
  const shuffled = fills.chain((all) =>
    fc.shuffledSubarray(all, { minLength: all.length, maxLength: all.length }).map((mixed) => ({ all, mixed })),
  );

  it('the quantity is what was bought less what was sold less base fees, and no money appears or vanishes', () => {
    fc.assert(
      fc.property(fills, (all) => {
        const { book } = run(all);
        const { quantity, cash } = sums(all);
        const outside = book.outside ?? { quantity: '0', proceeds: '0' };
        expect(plain(decimal(book.quantity).minus(decimal(outside.quantity)))).toBe(plain(quantity));
        const mark = decimal('123.45');
        const unrealized = decimal(book.quantity).times(mark).minus(decimal(book.cost));
        const total = decimal(book.realized).plus(unrealized).plus(decimal(outside.proceeds));
        expect(plain(total)).toBe(plain(cash.plus(decimal(book.quantity).times(mark))));
      }),
      { numRuns: 500 },
    );
  });

  it('the order of arrival changes neither quantity nor cash, within the grace of an early sell', () => {
    fc.assert(
      fc.property(shuffled, ({ all, mixed }) => {
        const near = (list: readonly Fill[]) => list.map((one) => ({ ...one, at: new Date(START).toISOString() }));
        const [a, b] = [run(near(all)).book, run(near(mixed)).book];
        expect(b.quantity).toBe(a.quantity);
        expect(plain(decimal(b.realized).minus(decimal(b.cost)))).toBe(
          plain(decimal(a.realized).minus(decimal(a.cost))),
        );
      }),
      { numRuns: 300 },
    );
  });

  it('positions open and close in turns, and the results of closed ones and of the open one are all there is', () => {
    fc.assert(
      fc.property(fills, (all) => {
        const { book, changes } = run(all);
        changes.forEach((change, index) => {
          expect(change.kind).toBe(index % 2 === 0 ? 'opened' : 'closed');
          if (change.kind === 'closed') expect(decimal(change.dust).lt(decimal(TERMS.smallest))).toBe(true);
        });
        expect(book.turn?.opened !== undefined).toBe(changes.length % 2 === 1);
      }),
      { numRuns: 300 },
    );
  });
});
