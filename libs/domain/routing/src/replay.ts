import type { Book, Refusal } from '@switchyard/model';
import { decideRoute } from './decide-route.js';
import type { ChildPlan, DecisionRecord, RecordedInputs, RecordedVenue } from './decision.js';
import { describe } from './describe.js';
import type { ApprovedOrder, RouteInputs, VenueFacts } from './inputs.js';
import { prepareMarket } from './prepared-market.js';
import { ROUTING_RULES } from './rules.js';

/** A decision as it was recorded: what the audit trail and the stored parent hold. */
export interface RecordedDecision {
  readonly record: DecisionRecord;
  readonly inputs: RecordedInputs;
  /** Where only some of the children are at hand, they are compared with those of their accounts. */
  readonly children?: readonly ChildPlan[];
}

/**
 * What came of making a decision again. `same`: bit for bit. `differs`: names what, as paths into record and children, with what was
 * recorded and what came out. `book_missing`: books that the decision looked at are not kept any more. `refused`: it would be refused.
 * `other_rules`: it comes out otherwise, or would be refused, but was made by other rules than these, which says nothing of it.
 */
export type Replay =
  | { readonly kind: 'same'; readonly record: DecisionRecord; readonly children: readonly ChildPlan[] }
  | {
      readonly kind: 'differs';
      readonly differences: readonly Difference[];
      readonly record: DecisionRecord;
      readonly children: readonly ChildPlan[];
    }
  | { readonly kind: 'book_missing'; readonly hashes: readonly string[] }
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  | { readonly kind: 'other_rules'; readonly recorded: number | undefined; readonly now: number };

export interface Difference {
  readonly path: string;
  readonly recorded: unknown;
  readonly now: unknown;
}

/** Makes a decision again from what it recorded. `bookOf` gives a book by its content hash. */
export const replay = (
  order: ApprovedOrder,
  recorded: RecordedDecision,
  bookOf: (hash: string) => Book | undefined,
): Replay => {
  const missing = new Set<string>();
  const venues = Object.fromEntries(
    Object.entries(recorded.inputs.venues).map(([venue, known]) => {
      const book = known.bookHash === undefined ? undefined : bookOf(known.bookHash);
      if (known.bookHash !== undefined && book === undefined) missing.add(known.bookHash);
      return [venue, factsOf(venue, order, known, book)];
    }),
  );
  if (missing.size > 0) return { kind: 'book_missing', hashes: [...missing] };
  const { rules, quantity, tried, held, accounts, turn, weights, rates, settings } = recorded.inputs;
  const otherRules = { kind: 'other_rules', recorded: rules, now: ROUTING_RULES } as const;
  const now = new Date(recorded.record.decidedAt);
  const inputs: RouteInputs = { order, venues, quantity, tried, held, accounts, turn, weights, rates, now, settings };
  const decision = decideRoute(inputs);
  if ('code' in decision) return rules === ROUTING_RULES ? { kind: 'refused', refusal: decision } : otherRules;
  const record = describe(inputs, decision);
  const { children } = decision;
  const expected = recorded.children ?? children;
  const own = expected.map(({ accountId }) => children.find((child) => child.accountId === accountId));
  const differences = [...compare('record', recorded.record, record), ...compare('children', expected, own)];
  if (differences.length === 0) return { kind: 'same', record, children };
  return rules === ROUTING_RULES ? { kind: 'differs', differences, record, children } : otherRules;
};

const factsOf = (
  venue: string,
  { pair }: ApprovedOrder,
  { bookHash, receivedAt, instrument, fees, terms, ...facts }: RecordedVenue,
  book: Book | undefined,
): VenueFacts => {
  const known = { ...facts, healthy: facts.healthy };
  if (book === undefined || bookHash === undefined || receivedAt === undefined || instrument === undefined)
    return { ...known, market: undefined };
  return { ...known, market: prepareMarket({ venue, pair, instrument, book, fees, receivedAt, bookHash }, terms) };
};

/** Where two JSON values differ; what is absent and what is undefined are the same. */
const compare = (path: string, recorded: unknown, now: unknown): readonly Difference[] => {
  if (Object.is(recorded, now)) return [];
  if (!isObject(recorded) || !isObject(now)) return [{ path, recorded, now }];
  const keys = [...new Set([...Object.keys(recorded), ...Object.keys(now)])];
  return keys.flatMap((key) => compare(`${path}.${key}`, recorded[key], now[key]));
};

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;
