import { parseEvent, type EventOf, type OrderApproved, type OrderFailed } from '@switchyard/contracts';
import type { StoredRow } from '@switchyard/journal-service';
import { deriveId } from '@switchyard/log';
import type { ChildFill, ChildPlan, DecisionRecord, Difference, RecordedInputs } from '@switchyard/routing-domain';

/** What the audit trail holds of a parent order's way: all that this is read from. */
export const ROW_TYPES = ['OrderApproved', 'OrderRouted', 'OrderFailed', 'OrderFilled'] as const;

export interface RecordedOrder {
  /** Absent where the trail holds no approval of that name. */
  readonly approved: OrderApproved | undefined;
  /** In the order in which they were made: the first, and one for each part that failed and was taken elsewhere. */
  readonly decisions: readonly DecisionOnRecord[];
  /** What routing said where it found no venue. */
  readonly refused: OrderFailed | undefined;
}

export interface DecisionOnRecord {
  readonly record: DecisionRecord;
  /** Absent where it was decided by a version that did not record them. */
  readonly inputs: RecordedInputs | undefined;
  readonly children: readonly RecordedChild[];
  /** Where what was sent along with the children is not the approval's. */
  readonly differences: readonly Difference[];
}

export interface RecordedChild {
  readonly orderId: string;
  readonly plan: ChildPlan;
  readonly fills: readonly ChildFill[];
}

type Json = Readonly<Record<string, unknown>>;

/** An event of the trail as its bytes say it: to compare bit for bit, nothing may be normalised on the way. */
const jsonOf = (row: StoredRow): Json => JSON.parse(Buffer.from(row.value).toString('utf8')) as Json;

export const recordedOrder = (rows: readonly StoredRow[], parentOrderId: string): RecordedOrder => {
  const events = rows
    .map((row) => ({ type: row.type, json: jsonOf(row) }))
    .filter(({ json }) => json['parentOrderId'] === parentOrderId);
  const of = (type: (typeof ROW_TYPES)[number]): readonly Json[] =>
    events.filter((event) => event.type === type).map(({ json }) => json);
  const [approval] = of('OrderApproved');
  const approved = approval === undefined ? undefined : read('OrderApproved', approval);
  const routed = of('OrderRouted').toSorted((a, b) => Number(a['child']) - Number(b['child']));
  const fills = of('OrderFilled').map((json) => read('OrderFilled', json));
  const refusal = of('OrderFailed').find(({ stage }) => stage === 'routing');
  return {
    approved,
    refused: refusal === undefined ? undefined : read('OrderFailed', refusal),
    // The children of one decision carry the same: its inputs name what was tried and held, so no other is equal to it.
    decisions: [...Map.groupBy(routed, ({ decision }) => JSON.stringify(decision)).values()].map((children) =>
      decisionOf(children, approved, fills),
    ),
  };
};

/** Throws where the trail holds what is no such event. */
const read = <T extends (typeof ROW_TYPES)[number]>(type: T, json: Json): EventOf<T> => {
  const parsed = parseEvent(type, json);
  if (parsed.ok) return parsed.value;
  throw new TypeError(`${type}: ${parsed.problems.map(({ path, problem }) => `${path} ${problem}`).join(', ')}`);
};

const decisionOf = (
  children: readonly Json[],
  approved: OrderApproved | undefined,
  fills: readonly EventOf<'OrderFilled'>[],
): DecisionOnRecord => {
  const { inputs, ...record } = children[0]?.['decision'] as DecisionRecord & { readonly inputs?: RecordedInputs };
  return {
    record,
    inputs,
    children: children.map((json) => ({
      orderId: String(json['orderId']),
      plan: planOf(json),
      fills: fills.filter(({ orderId }) => orderId === json['orderId']),
    })),
    differences: approved === undefined ? [] : children.flatMap((json) => sentAlong(json, approved)),
  };
};

const PLAN: Readonly<Record<keyof ChildPlan, true>> = {
  accountId: true,
  venue: true,
  venueSymbol: true,
  mode: true,
  orderType: true,
  quantity: true,
  limitPrice: true,
  stopPrice: true,
  timeInForce: true,
  expireAt: true,
  postOnly: true,
  reduceOnly: true,
  priority: true,
};

const planOf = (json: Json): ChildPlan =>
  Object.fromEntries(Object.entries(json).filter(([name]) => name in PLAN)) as unknown as ChildPlan;

/** What goes out with a child and is not decided: the approval's own, and an id that follows from it. */
const sentAlong = (json: Json, approved: OrderApproved): readonly Difference[] => {
  const child = String(json['child']);
  const expected = {
    orderId: deriveId('child-order', approved.parentOrderId, child),
    signalId: approved.signalId,
    userId: approved.userId,
    pair: approved.pair,
    side: approved.side,
    signalType: approved.signalType,
    dryRun: approved.dryRun,
  };
  return Object.entries(expected).flatMap(([name, now]) =>
    json[name] === now ? [] : [{ path: `child ${child}.${name}`, recorded: json[name], now }],
  );
};
