import { describe, expect, it } from '@jest/globals';
import type { Book } from '@switchyard/model';
import fc from 'fast-check';
import { book, cap, inputs, listed, NOW, view } from './given.js';
import {
  decideRoute,
  describeRoute,
  DEFAULT_ROUTING_SETTINGS,
  prepareMarket,
  realisedOf,
  recordedInputs,
  replay,
  ROUTING_RULES,
  STRATEGIES,
  tableOf,
  type RecordedDecision,
  type RouteInputs,
} from './index.js';

const VENUES = ['binance', 'kraken', 'okx'] as const;

/** What is stored: JSON, of whatever the decision gave. */
const record = (given: RouteInputs): RecordedDecision => {
  const decision = decideRoute(given);
  if ('code' in decision) throw new Error(decision.code);
  const stored = {
    children: decision.children,
    record: describeRoute(given, decision),
    inputs: recordedInputs(given),
  };
  return JSON.parse(JSON.stringify(stored)) as RecordedDecision;
};

const given = (
  rest: Partial<RouteInputs> = {},
  quantity = '1.8',
): { inputs: RouteInputs; books: Map<string, Book> } => {
  const books = new Map<string, Book>();
  const venues = Object.fromEntries(
    VENUES.map((venue, index) => {
      const one = book(undefined, [
        [String(64_000 + index), '1'],
        [String(64_010 + index * 2), '3'],
      ]);
      books.set(`hash-${venue}`, one);
      const terms =
        index === 2 ? { costPerUnit: '0.5', tiers: [{ fromVolume: '1000', maker: '0', taker: '0.0005' }] } : {};
      const history = { executions: 3, successRate: 1, latencyMs: 80, slippage: 0.0001 };
      const market = prepareMarket(view({ venue, book: one, bookHash: `hash-${venue}` }), terms);
      return [venue, { market, known: true, healthy: true, history }];
    }),
  );
  const caps = VENUES.map((venue) => cap({ venue, accountId: `acc-${venue}`, quantity: '3', reserved: '210000' }));
  return { inputs: inputs({ caps, quantity, orderType: 'market' }, venues, rest), books };
};

describe('a recorded decision', () => {
  it.each(STRATEGIES)('made again with %s is the same, bit for bit', (strategy) => {
    const { inputs: made, books } = given({
      settings: { ...DEFAULT_ROUTING_SETTINGS, strategy },
      turn: 7,
      weights: { kraken: 1.5, okx: 0.3 },
      accounts: { 'acc-okx': { volume: '5000' } },
      held: [{ accountId: 'acc-kraken', quantity: '0.5' }],
    });
    const stored = record(made);
    expect(replay(made.order, stored, (hash) => books.get(hash))).toMatchObject({
      kind: 'same',
      record: stored.record,
      children: stored.children,
    });
  });

  it('is the same for any quantity and any part that is at hand', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 400_000_000 }), (units) => {
        const { inputs: made, books } = given({}, `${Math.floor(units / 1e8)}.${String(units % 1e8).padStart(8, '0')}`);
        const decision = decideRoute(made);
        if ('code' in decision) return;
        const stored = record(made);
        const one = { ...stored, children: stored.children!.slice(-1) };
        expect(replay(made.order, one, (hash) => books.get(hash)).kind).toBe('same');
      }),
      { numRuns: 200 },
    );
  });

  it('that was tampered with differs, and the difference is named', () => {
    const { inputs: made, books } = given();
    const stored = record(made);
    const children = stored.children!.map((child, index) => (index === 0 ? { ...child, quantity: '9' } : child));
    expect(replay(made.order, { ...stored, children }, (hash) => books.get(hash))).toMatchObject({
      kind: 'differs',
      differences: [{ path: 'children.0.quantity', recorded: '9', now: stored.children![0]!.quantity }],
    });
    const other = new Map(books).set('hash-kraken', book());
    expect(replay(made.order, stored, (hash) => other.get(hash)).kind).toBe('differs');
  });

  it('whose books are gone says which', () => {
    const { inputs: made } = given();
    expect(replay(made.order, record(made), () => undefined)).toEqual({
      kind: 'book_missing',
      hashes: ['hash-binance', 'hash-kraken', 'hash-okx'],
    });
  });

  it('that other rules made is not called wrong where it comes out otherwise, and is the same where it does not', () => {
    const { inputs: made, books } = given();
    const stored = record(made);
    const before = { ...stored, inputs: { ...stored.inputs, rules: ROUTING_RULES - 1 } };
    expect(replay(made.order, before, (hash) => books.get(hash)).kind).toBe('same');
    const other = { kind: 'other_rules', recorded: ROUTING_RULES - 1, now: ROUTING_RULES };
    const sentence = { ...before, record: { ...before.record, sentence: 'As we said then.' } };
    expect(replay(made.order, sentence, (hash) => books.get(hash))).toEqual(other);
    const late = { ...before, record: { ...before.record, decidedAt: '2026-11-21T03:00:00.000Z' } };
    expect(replay(made.order, late, (hash) => books.get(hash))).toEqual(other);
  });

  it('says so where it would be refused today', () => {
    const { inputs: made, books } = given();
    const stored = record(made);
    const late = { ...stored, record: { ...stored.record, decidedAt: '2026-11-21T03:00:00.000Z' } };
    expect(replay(made.order, late, (hash) => books.get(hash))).toMatchObject({
      kind: 'refused',
      refusal: { code: 'ORDER_EXPIRED_UNSENT' },
    });
  });
});

describe('the table of a decision', () => {
  it('names every venue, its part, its cost, each part of its score, and why it was not used', () => {
    const venues = {
      binance: listed(view({ fees: undefined })),
      kraken: listed(view({ venue: 'kraken', fees: { maker: '0.0016', taker: '0.0026' }, bookHash: 'hash-2' })),
      okx: { market: undefined, known: true, healthy: true },
    };
    const caps = ['binance', 'kraken', 'okx'].map((venue) => cap({ venue }));
    const made = inputs({ caps, orderType: 'market' }, venues, { now: NOW });
    const text = tableOf(made.order, record(made).record);
    expect(text).toBe(`buy 0.1 BTC-USD (entry), decided 2026-11-21T02:47:10.000Z
method market, algorithm immediate, priority 3, strategy best_cost
not traded 0, fees expected 16.64, no split is better
Buy 0.1 BTC-USD at kraken as a market order, because the signal asks for it; the lowest total cost of 2 suitable venues. Expected: 64000 on average and 0.26 % fee, costing 6416.64 USDT. Not used: binance (it would cost more), okx (the venue does not list the pair).

venue    account      part  most  bound by  price     fee     cost  cost bps  impact bps  why
binance  acc-binance     -   0.1  order     64000  0.006?   6438.4        60           0  others serve the order better
kraken   acc-kraken    0.1   0.1  order     64000  0.0026  6416.64        26           0  used
okx      acc-okx         -     -  -             -       -        -         -           -  PAIR_NOT_LISTED: The venue does not list the pair.

venue    account      score  fees  success  latency  load  history
binance  acc-binance     67    40      100       50   100       50
kraken   acc-kraken    77.2    74      100       50   100       50
`);
  });

  it('says what a part did cost, once it was filled, beside what it was expected to', () => {
    const caps = ['binance', 'kraken'].map((venue) => cap({ venue }));
    const made = inputs(
      { caps, orderType: 'market' },
      { binance: listed(), kraken: listed(view({ venue: 'kraken' })) },
    );
    const { record: told } = record(made);
    const { accountId } = told.venues.find(({ chosen }) => chosen)!;
    const realised = realisedOf('buy', { base: 'BTC', quote: 'USDT' }, [
      { quantity: '0.04', price: '64000', fee: { amount: '2.56', currency: 'USDT' } },
      { quantity: '0.06', price: '64020', fee: { amount: '0.00006', currency: 'BTC' } },
    ]);
    const lines = tableOf(made.order, told, { [accountId]: realised }).split('\n');
    expect(lines.find((line) => line.includes('real cost'))).toMatch(/ filled +at +real cost +slip bps +why$/);
    // 0.04 at 64,000 and 0.06 at 64,020 are 6,401.2; fees of 2.56, and of 0.00006 BTC at 64,020.
    expect(lines.find((line) => line.endsWith('used'))).toMatch(/ 0\.1 +64012 +6407\.6012 +1\.88 +used$/);
  });
});

describe('what fills came to', () => {
  const fill = (quantity: string, price: string, amount: string, currency = 'USDT') => ({
    quantity,
    price,
    fee: { amount, currency },
  });
  const market = { base: 'BTC', quote: 'USDT' };

  it('is what a buyer paid in all, and what a seller got in the end', () => {
    const fills = [fill('0.1', '64000', '6.4')];
    expect(realisedOf('buy', market, fills)).toEqual({ quantity: '0.1', price: '64000', cost: '6406.4' });
    expect(realisedOf('sell', market, fills)).toEqual({ quantity: '0.1', price: '64000', cost: '6393.6' });
  });

  it('says no cost where a fee was taken in a currency whose worth is not known', () => {
    expect(realisedOf('buy', market, [fill('0.1', '64000', '0.01', 'BNB')])).toEqual({
      quantity: '0.1',
      price: '64000',
    });
    expect(realisedOf('buy', market, [fill('0.1', '64000', '0', 'BNB')])?.cost).toBe('6400');
    expect(realisedOf('buy', market, [])).toBeUndefined();
  });
});
