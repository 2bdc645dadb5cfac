import type { OrderApproved } from '@switchyard/contracts';
import { replay, ROUTING_RULES, type Difference, type Replay } from '@switchyard/routing-domain';
import type { StoredBooks } from '@switchyard/routing-service';
import type { DecisionOnRecord } from './recorded-order.js';

/** Why a decision is not said to be the same. A code never changes its meaning. */
export type ReplayCode =
  /** It comes out otherwise: `differences` names where. */
  | 'DECISION_DIFFERS'
  /** By the rules that made it, it would have been refused. */
  | 'DECISION_WOULD_BE_REFUSED'
  /** Of the children that come out, the trail does not hold all. */
  | 'DECISION_INCOMPLETE'
  /** Routing keeps the books of decisions for some weeks; these are gone. */
  | 'DECISION_BOOKS_SWEPT'
  /** A book is not what its hash was made from. */
  | 'DECISION_BOOK_CHANGED'
  /** It comes out otherwise, and was made by another version, whose rules this one does not know. */
  | 'DECISION_BY_OTHER_RULES'
  /** It was made by a version that did not record what it decided by. */
  | 'DECISION_WITHOUT_INPUTS'
  /** What is recorded is nothing that could have been decided by. */
  | 'DECISION_UNREADABLE';

export type Result =
  | { readonly result: 'same' }
  | {
      readonly result: ReplayCode;
      readonly message: string;
      readonly differences?: readonly Difference[];
    };

/** Makes a decision of the trail again, by its books as they are stored. */
export const replayDecision = (approved: OrderApproved, decision: DecisionOnRecord, stored: StoredBooks): Result => {
  const { record, inputs, children } = decision;
  if (inputs === undefined)
    return no('DECISION_WITHOUT_INPUTS', 'It was made by an older version, which did not record what it decided by.');
  const changed = Object.entries(inputs.venues).filter(([, { bookHash = '' }]) => stored.changed.includes(bookHash));
  if (changed.length > 0)
    return no(
      'DECISION_BOOK_CHANGED',
      `The stored book of ${changed.map(([venue]) => venue).join(', ')} is not the one that it was made by: its hash differs.`,
    );
  let again: Replay;
  try {
    again = replay(approved, { record, inputs, children: children.map(({ plan }) => plan) }, (hash) =>
      stored.books.get(hash),
    );
  } catch (error) {
    // What is read may have been changed by anybody: no reason for this program to fall over.
    return no('DECISION_UNREADABLE', `What is recorded can't be decided by: ${String(error)}.`);
  }
  return resultOf(again, decision);
};

/** The books that decisions were made by. */
export const bookHashesOf = (decisions: readonly DecisionOnRecord[]): readonly string[] => [
  ...new Set(
    decisions.flatMap(({ inputs }) => Object.values(inputs?.venues ?? {}).flatMap(({ bookHash }) => bookHash ?? [])),
  ),
];

const resultOf = (again: Replay, { children, differences }: DecisionOnRecord): Result => {
  switch (again.kind) {
    case 'same': {
      const missing = again.children.filter(
        ({ accountId }) => !children.some(({ plan }) => plan.accountId === accountId),
      );
      if (differences.length > 0) return differing(differences);
      if (missing.length === 0) return { result: 'same' };
      const names = missing.map(({ venue, accountId }) => `${venue} (${accountId})`).join(', ');
      return no(
        'DECISION_INCOMPLETE',
        `The trail holds no OrderRouted of the part of ${names}: it is missing, or not recorded yet.`,
      );
    }
    case 'differs':
      return differing([...again.differences, ...differences]);
    case 'refused':
      return no(
        'DECISION_WOULD_BE_REFUSED',
        `It would be refused with ${again.refusal.code}: ${again.refusal.message}`,
      );
    case 'book_missing':
      return no(
        'DECISION_BOOKS_SWEPT',
        `Books that it was made by are not kept any more (${again.hashes.join(', ')}): SWITCHYARD_ROUTING_BOOKS_DAYS says for how many days after their last use, 30 by default.`,
      );
    case 'other_rules':
      return no(
        'DECISION_BY_OTHER_RULES',
        `It comes out otherwise by the rules of this version (${ROUTING_RULES}), but was made by ${again.recorded === undefined ? 'older ones' : `rules ${again.recorded}`}: replay it with the version that made it.`,
      );
  }
};

const no = (result: ReplayCode, message: string): Result => ({ result, message });

const differing = (differences: readonly Difference[]): Result => {
  const [first, ...others] = differences;
  const more = others.length === 0 ? '' : ` (and ${others.length} more)`;
  return {
    result: 'DECISION_DIFFERS',
    message: `differs: ${first === undefined ? '' : differenceText(first)}${more}`,
    differences,
  };
};

export const differenceText = ({ path, recorded, now }: Difference): string => {
  const [before, after] = [shown(recorded), shown(now)];
  const from = Math.max(0, commonStart(before, after) - CONTEXT);
  return `${path} was recorded as ${around(before, from)}, and comes out as ${around(after, from)}`;
};

const CONTEXT = 20;
const MOST_SHOWN = 80;

const shown = (value: unknown): string => (value === undefined ? 'nothing' : JSON.stringify(value));

/** Of what is long, where it begins to differ. */
const around = (text: string, from: number): string => {
  if (text.length <= MOST_SHOWN) return text;
  const [start, end] = [from === 0 ? '' : '...', from + MOST_SHOWN >= text.length ? '' : '...'];
  return `${start}${text.slice(from, from + MOST_SHOWN)}${end}`;
};

const commonStart = (a: string, b: string): number => {
  let at = 0;
  while (at < a.length && a[at] === b[at]) at += 1;
  return at;
};
