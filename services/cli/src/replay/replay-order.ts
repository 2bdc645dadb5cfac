import type { OrderApproved } from '@switchyard/contracts';
import {
  ordersNamed,
  postgresEvidence,
  rowsOfSignal,
  verifyRows,
  type Evidence,
  type NamedOrder,
} from '@switchyard/journal-service';
import type { Queryable } from '@switchyard/persistence';
import { realisedOf, type Realised } from '@switchyard/routing-domain';
import { storedBooks } from '@switchyard/routing-service';
import { EXIT, Failure } from '../failure.js';
import { recordedOrder, ROW_TYPES, type DecisionOnRecord, type RecordedOrder } from './recorded-order.js';
import { bookHashesOf, replayDecision, type ReplayCode, type Result } from './replay-decision.js';

/** Whose tables are read: each as that service reads its own. */
export interface ReplaySources {
  readonly journal: Queryable;
  readonly routing: Queryable;
}

export interface ReplayedDecision {
  readonly decision: DecisionOnRecord;
  /** By account, what each part came to; nothing where it was not filled. */
  readonly realised: Readonly<Record<string, Realised | undefined>>;
  readonly result: Result;
}

export interface ReplayedOrder {
  readonly order: Pick<NamedOrder, 'parentOrderId' | 'signalId' | 'userId'>;
  readonly approved: OrderApproved | undefined;
  readonly evidence: Evidence;
  readonly decisions: readonly ReplayedDecision[];
  readonly verdict: Verdict;
}

/** `same`: every decision comes out bit for bit, of rows that are the trail's. Else the first reason why that can't be said. */
export interface Verdict {
  readonly result:
    'same' | ReplayCode | Evidence['findings'][number]['problem'] | 'NOTHING_RECORDED' | 'NOTHING_ROUTED';
  readonly message: string;
}

/**
 * Makes every routing decision of an order again, from the audit trail and the books alone. The journal's list of orders only shows the way:
 * what it says is not believed. Throws `Failure` where no order has that id, or orders of several parents have.
 */
export const replayOrder = async ({ journal, routing }: ReplaySources, id: string): Promise<ReplayedOrder> => {
  const order = await orderOf(journal, id);
  const rows = await rowsOfSignal(journal, order, ROW_TYPES);
  const evidence = await verifyRows(postgresEvidence(journal), rows);
  let recorded: RecordedOrder;
  try {
    recorded = recordedOrder(rows, order.parentOrderId);
  } catch (error) {
    const unreadable = { result: 'DECISION_UNREADABLE', message: `The trail can't be read: ${String(error)}` } as const;
    return { order, approved: undefined, evidence, decisions: [], verdict: broken(evidence) ?? unreadable };
  }
  const { approved, refused } = recorded;
  const books = await storedBooks(routing, bookHashesOf(recorded.decisions));
  const decisions =
    approved === undefined
      ? []
      : recorded.decisions.map((decision) => ({
          decision,
          realised: realisedIn(approved, decision),
          result: replayDecision(approved, decision, books),
        }));
  return { order, approved, evidence, decisions, verdict: verdictOf(evidence, approved, decisions, refused) };
};

const orderOf = async (journal: Queryable, id: string): Promise<NamedOrder> => {
  const named = await ordersNamed(journal, id);
  const parents = new Map(named.map((order) => [order.parentOrderId, order]));
  const [order, ...others] = parents.values();
  if (order === undefined)
    throw new Failure(EXIT.refused, `NOT_FOUND: no order has the id ${id}.`, { code: 'NOT_FOUND' });
  if (others.length === 0) return order;
  const ids = [...parents.keys()];
  throw new Failure(EXIT.refused, `Orders of several venues have the id ${id}; name one of ${ids.join(', ')}.`, {
    code: 'CONFLICT',
    orderIds: ids,
  });
};

const realisedIn = (
  { side }: OrderApproved,
  { inputs, children }: DecisionOnRecord,
): Readonly<Record<string, Realised | undefined>> =>
  Object.fromEntries(
    children.map(({ plan, fills }) => {
      const instrument = inputs?.venues[plan.venue]?.instrument;
      return [plan.accountId, instrument && realisedOf(side, instrument, fills)];
    }),
  );

const verdictOf = (
  evidence: Evidence,
  approved: OrderApproved | undefined,
  decisions: readonly ReplayedDecision[],
  refused: RecordedOrder['refused'],
): Verdict => {
  const results = decisions.flatMap(({ result }) => (result.result === 'same' ? [] : [result]));
  const differing = results.find(({ result }) => result === 'DECISION_DIFFERS');
  const worst = differing ?? broken(evidence) ?? results[0];
  if (worst !== undefined) return worst;
  if (approved === undefined)
    return {
      result: 'NOTHING_RECORDED',
      message: 'The trail holds no OrderApproved of it: it is missing, or not recorded yet.',
    };
  if (decisions.length === 0)
    return {
      result: 'NOTHING_ROUTED',
      message:
        refused === undefined
          ? 'The trail holds no decision of it: it is not routed, or not recorded yet.'
          : `No venue was found: ${refused.code}: ${refused.message} A refusal is not recorded with what it was decided by.`,
    };
  return { result: 'same', message: 'same' };
};

/** The first thing that is wrong with the trail itself. */
const broken = ({ findings }: Evidence): Verdict | undefined =>
  findings[0] && { result: findings[0].problem, message: findings[0].message };
