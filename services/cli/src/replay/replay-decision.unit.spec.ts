import { describe, expect, it } from '@jest/globals';
import { bookHashOf, bookText, type OrderApproved, type OrderRouted } from '@switchyard/contracts';
import type { StoredRow } from '@switchyard/journal-service';
import { deriveId } from '@switchyard/log';
import type { Book } from '@switchyard/model';
import {
  decideRoute,
  DEFAULT_ROUTING_SETTINGS,
  describeRoute,
  prepareMarket,
  recordedInputs,
  type RouteInputs,
} from '@switchyard/routing-domain';
import { approval, VENUES } from '../testing/routed-orders.js';
import { recordedOrder } from './recorded-order.js';
import { bookHashesOf, differenceText, replayDecision, type Result } from './replay-decision.js';

const book: Book = {
  bids: [['63990', '5']],
  asks: [
    ['64000', '2'],
    ['64008', '3'],
  ],
};
const bookHash = bookHashOf(bookText(book));
const APPROVED = approval('one', { approvedAt: '2026-11-21T02:47:09.900Z' });

/** What routing sends out, as it stands in the trail. */
const routed = (approved: OrderApproved = APPROVED): readonly OrderRouted[] => {
  const instrument = {
    venueSymbol: 'BTCUSDT',
    base: 'BTC',
    quote: 'USDT',
    tickSize: '0.01',
    lotSize: '0.00001',
    minQuantity: '0.00001',
    minNotional: '5',
  };
  const fees = { maker: '0.001', taker: '0.001' };
  const receivedAt = '2026-11-21T02:47:09.000Z';
  const market = (venue: string) =>
    prepareMarket({ venue, pair: 'BTC-USD', instrument, book, fees, receivedAt, bookHash });
  const inputs: RouteInputs = {
    order: approved,
    venues: Object.fromEntries(VENUES.map((venue) => [venue, { market: market(venue), known: true, healthy: true }])),
    tried: [],
    now: new Date('2026-11-21T02:47:10.000Z'),
    settings: DEFAULT_ROUTING_SETTINGS,
  };
  const decision = decideRoute(inputs);
  if ('code' in decision) throw new Error(decision.code);
  const { parentOrderId, signalId, userId, pair, side, signalType, dryRun } = approved;
  return decision.children.map((plan, child) => ({
    orderId: deriveId('child-order', parentOrderId, String(child)),
    ...{ parentOrderId, signalId, userId, pair, side, signalType, dryRun },
    ...plan,
    child,
    sendBy: '2026-11-21T02:47:40.000Z',
    decision: {
      ...describeRoute(inputs, decision),
      venues: [...describeRoute(inputs, decision).venues],
      inputs: { ...recordedInputs(inputs) },
    },
    routedAt: '2026-11-21T02:47:10.000Z',
  }));
};

/** Made again from the trail's bytes alone. */
const results = (
  children: readonly object[],
  books: ReadonlyMap<string, Book> = new Map([[bookHash, book]]),
  approved: OrderApproved = APPROVED,
): readonly Result[] => {
  const rows = [['OrderApproved', approved] as const, ...children.map((child) => ['OrderRouted', child] as const)].map(
    ([type, payload]) => ({ type, value: Buffer.from(JSON.stringify(payload)) }) as unknown as StoredRow,
  );
  const recorded = recordedOrder(rows, approved.parentOrderId);
  expect(bookHashesOf(recorded.decisions).every((hash) => hash === bookHash)).toBe(true);
  return recorded.decisions.map((decision) => replayDecision(recorded.approved!, decision, { books, changed: [] }));
};
const changed = (change: (child: OrderRouted) => object): readonly object[] =>
  routed().map((child) => ({ ...child, ...change(child) }));

describe('a decision of the trail', () => {
  it('is the same, whatever order its children were recorded in', () => {
    expect(routed().length).toBeGreaterThan(1);
    expect(results(routed())).toEqual([{ result: 'same' }]);
    expect(results(routed().toReversed())).toEqual([{ result: 'same' }]);
  });

  it.each([
    ['what was said of it', { decision: { sentence: 'x' } }, 'record.'],
    ['its account', { accountId: 'bob-binance' }, 'children.0'],
    ['its user', { userId: 'bob' }, 'child 0.userId'],
    ['its id', { orderId: 'x' }, 'child 0.orderId'],
    ['whether it was for real', { dryRun: false }, 'child 0.dryRun'],
    ['a time in force', { timeInForce: 'gtc' }, 'children.0.timeInForce'],
  ])('differs where a child was sent with another than it decided: %s', (_, change, path) => {
    const told = changed(({ decision }) => ({
      ...change,
      decision: { ...decision, ...('decision' in change ? change.decision : {}) },
    }));
    const [{ result, differences = [] } = { result: undefined }] = results(told) as readonly (Result & {
      readonly differences?: readonly { readonly path: string }[];
    })[];
    expect(result).toBe('DECISION_DIFFERS');
    expect(differences.map((difference) => difference.path).some((one) => one.startsWith(path))).toBe(true);
  });

  it.each([
    ['is incomplete where a child is missing', () => routed().slice(1), 'DECISION_INCOMPLETE'],
    [
      'can’t be made again where an older version recorded nothing that it was made by',
      () => changed(({ decision }) => ({ decision: { ...decision, inputs: undefined } })),
      'DECISION_WITHOUT_INPUTS',
    ],
    [
      'of other rules is not called wrong',
      () =>
        changed(({ decision }) => ({
          decision: { ...decision, sentence: 'As we said then.', inputs: { ...decision.inputs, rules: 0 } },
        })),
      'DECISION_BY_OTHER_RULES',
    ],
    [
      'that would be refused says so',
      () => changed(({ decision }) => ({ decision: { ...decision, decidedAt: '2026-11-21T03:47:10.000Z' } })),
      'DECISION_WOULD_BE_REFUSED',
    ],
    [
      'that is none is told so, and nothing falls over',
      () =>
        changed(({ decision }) => ({
          decision: { ...decision, inputs: { ...decision.inputs, settings: null } },
        })),
      'DECISION_UNREADABLE',
    ],
  ])('%s', (_, told, code) => {
    expect(results(told())).toMatchObject([{ result: code, message: expect.stringMatching(/\.$/) }]);
  });

  it('names the books that are not kept any more', () => {
    expect(results(routed(), new Map())).toMatchObject([
      { result: 'DECISION_BOOKS_SWEPT', message: expect.stringContaining(bookHash) },
    ]);
  });

  it('shows of two long texts where they begin to differ', () => {
    const [recorded, now] = [`${'x'.repeat(200)} one end`, `${'x'.repeat(200)} another`];
    const text = differenceText({ path: 'record.sentence', recorded, now });
    expect(text).toMatch(
      /^record\.sentence was recorded as \.\.\.x{19} one end", and comes out as \.\.\.x{19} another"$/,
    );
    expect(differenceText({ path: 'a.b', recorded: undefined, now: 1 })).toBe(
      'a.b was recorded as nothing, and comes out as 1',
    );
  });
});
