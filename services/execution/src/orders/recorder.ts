import { refuse } from '@switchyard/model';
import {
  UNKNOWN_ALERT_MS,
  afterNegative,
  isTerminal,
  type NegativeAnswer,
  type OrderFact,
} from '@switchyard/order-domain';
import type { OutgoingEvent } from '@switchyard/log';
import type { Clock } from '../ports/clock.js';
import type { ExecutionUnit } from '../ports/execution-store.js';
import type { FillSave, LogLine, OrderSave, StoredOrder, TaskSave } from '../ports/order-records.js';
import { cancelInMs, evolveWanted } from './cancelling.js';
import { alarmEvent, alarmOfDoubt, eventOf, type Alarm } from './events.js';
import { fillOf } from './fill-save.js';
import { nextLookMs } from './next-look.js';

/** What a worker learned of one order, under the lease it held while learning it. */
export interface Finding {
  readonly orderId: string;
  readonly epoch: string;
  readonly facts: readonly OrderFact[];
  /** A lookup that was answered with no: it may complete the proof that the order never arrived. */
  readonly negative?: NegativeAnswer;
  /** After `notSent`: how long until the next attempt. */
  readonly retryInMs?: number;
  /** A lookup that the venue never saw: its circuit is open, or it wants us to stay away. */
  readonly unasked?: true;
  /** After asking the venue to cancel it: until it is asked again, should the order still be open. */
  readonly cancelAgainInMs?: number;
  /** The venue may know more at once. */
  readonly looksSoon?: true;
  /** Whether this came from asking about the order, not from sending it. */
  readonly looked: boolean;
  readonly lastError?: string | undefined;
  readonly alarms?: readonly Alarm[];
  readonly logs: readonly LogLine[];
}

/** `stale`: the lease passed on; nothing was stored, and whoever holds it now finds out for itself. */
export type Recorded = 'stored' | 'stale';

export interface RecorderParts {
  readonly venue: string;
  readonly venueEnforcesExpiry: boolean;
  readonly balanceIntervalMs: number;
  readonly clock: Pick<Clock, 'now'>;
  /** An order that somebody wants gone turned out to be open at the venue. */
  readonly onCancelDue?: () => void;
}

/**
 * Folds findings into their orders and stores everything that follows from them: state, fills, task, log lines, and the events, all in
 * the caller's transaction. A finding of a lease that passed on stores nothing.
 */
export const recordFindings = async (
  unit: ExecutionUnit,
  parts: RecorderParts,
  findings: readonly Finding[],
): Promise<readonly Recorded[]> => {
  const held = await unit.lockHeld(findings);
  const isCurrent = ({ orderId, epoch }: Finding): boolean => held.get(orderId)?.epoch === epoch;
  const current = findings.filter(isCurrent);
  const at = new Date(parts.clock.now()).toISOString();
  const outcomes = new Map<string, Outcome>();
  for (const finding of current) {
    const before = outcomes.get(finding.orderId)?.after ?? held.get(finding.orderId);
    if (before) outcomes.set(finding.orderId, fold(parts, before, finding, at, outcomes.get(finding.orderId)));
  }
  const all = [...outcomes.values()];
  const events = all.flatMap((outcome) => outcome.events);
  const moved = all.filter(({ movedFunds }) => movedFunds).map(({ after }) => after.routed.accountId);
  if (all.some(({ save }) => save.cancelInMs === 0)) unit.afterCommit(() => parts.onCancelDue?.());
  // Sent together, in the order in which rows are locked.
  await Promise.all([
    unit.saveTasks(all.flatMap(({ task }) => task ?? [])),
    unit.saveOrders(all.map(({ save }) => save)),
    unit.saveFills(all.flatMap(({ fills }) => fills)),
    unit.saveLogs(current.flatMap(({ logs }) => logs)),
    events.length > 0 ? unit.append(events) : undefined,
    unit.askForBalances(moved, parts.balanceIntervalMs),
  ]);
  return findings.map((finding) => (isCurrent(finding) ? 'stored' : 'stale'));
};

interface Outcome {
  readonly after: StoredOrder;
  readonly save: OrderSave;
  readonly task: TaskSave | undefined;
  readonly fills: readonly FillSave[];
  readonly events: readonly OutgoingEvent[];
  readonly movedFunds: boolean;
}

const fold = (parts: RecorderParts, before: StoredOrder, finding: Finding, at: string, earlier?: Outcome): Outcome => {
  const quiet = countNegative(parts, before, finding, at);
  const { order, changes, doubts } = evolveWanted(before.order, quiet.facts, before, at);
  const restartsAge = order.status !== before.order.status && UNCERTAIN.has(order.status);
  const ageMs = restartsAge ? 0 : before.ageMs;
  const settled = before.settled + (finding.looked && isTerminal(before.order.status) ? 1 : 0);
  const isLong = order.status === 'unknown' && ageMs >= UNKNOWN_ALERT_MS;
  const alarms = newAlarms(before.alarms, [
    ...doubts.map(alarmOfDoubt),
    ...(finding.alarms ?? []),
    ...(isLong ? [unknownTooLong(ageMs)] : []),
  ]);
  const cancelDue = cancelInMs(order, before, finding.cancelAgainInMs);
  const after: StoredOrder = {
    ...before,
    order,
    venueOrderId: order.venueOrderId,
    negatives: quiet.negatives,
    settled,
    alarms: [...before.alarms, ...alarms.map(({ role }) => role)],
    ageMs,
    isCancelDue: cancelDue !== null,
    statusTimes:
      before.statusTimes[order.status] === undefined
        ? { ...before.statusTimes, [order.status]: at }
        : before.statusTimes,
  };
  const task = taskSave(after, finding);
  const mayHaveArrived =
    order.venueOrderId !== undefined || before.order.status === 'unknown' || after.statusTimes['unknown'] !== undefined;
  return {
    after: { ...after, taskStatus: task?.status ?? after.taskStatus },
    save: {
      orderId: finding.orderId,
      order,
      negatives: after.negatives,
      settled,
      restartsAge: restartsAge || earlier?.save.restartsAge === true,
      nextLookMs: nextLookMs(order, { ageMs, settled, mayHaveArrived, lookup: lookupOf(before, quiet, finding) }),
      // Of two findings in one transaction the later one knows.
      cancelInMs: cancelDue === 'asItWas' && earlier !== undefined ? earlier.save.cancelInMs : cancelDue,
      alarms: after.alarms,
      lastError: finding.lastError,
      statusTimes: after.statusTimes,
    },
    task: task ?? earlier?.task,
    fills: [
      ...(earlier?.fills ?? []),
      ...changes.flatMap((change) => (change.kind === 'filled' ? [fillOf(after.routed, change.fill)] : [])),
    ],
    events: [
      ...(earlier?.events ?? []),
      ...changes.map((change) => eventOf(after, change)),
      ...alarms.map((alarm) => alarmEvent(after, alarm, at)),
    ],
    movedFunds: earlier?.movedFunds === true || changes.some(({ kind }) => kind !== 'placed'),
  };
};

/** In these it is asked about eagerly at first. */
const UNCERTAIN: ReadonlySet<StoredOrder['order']['status']> = new Set(['unknown', 'placed', 'cancel_pending']);

/** What makes the next lookup urgent. */
const lookupOf = (
  before: Pick<StoredOrder, 'negatives'>,
  { negatives }: Pick<StoredOrder, 'negatives'>,
  { unasked, looksSoon }: Finding,
): 'negative' | 'unasked' | 'cancelled' | undefined => {
  if (looksSoon === true) return 'cancelled';
  if (negatives > before.negatives) return 'negative';
  return unasked === true ? 'unasked' : undefined;
};

/** The three negative answers after the venue's expiry; only what may be on its way is ended so. */
const countNegative = (
  { venueEnforcesExpiry }: RecorderParts,
  { order, negatives, venueExpiryMs, clientOrderId }: StoredOrder,
  { negative, facts }: Finding,
  at: string,
): { readonly facts: readonly OrderFact[]; readonly negatives: number } => {
  if (negative === undefined || order.status !== 'unknown' || venueExpiryMs === undefined) return { facts, negatives };
  const after = afterNegative({ venueExpiryMs, venueEnforcesExpiry, negatives }, negative);
  if (after.verdict === 'keepAsking') return { facts, negatives: after.negatives };
  const refusal = refuse('NEVER_ARRIVED', {
    clientOrderId,
    negativeAnswers: after.negatives,
    venueExpiry: new Date(venueExpiryMs).toISOString(),
  });
  return { facts: [...facts, { kind: 'provenNeverArrived', refusal, at }], negatives: after.negatives };
};

/** A person is called once for each thing that is wrong with an order, and not without end. */
const newAlarms = (raised: readonly string[], alarms: readonly Alarm[]): readonly Alarm[] =>
  alarms
    .filter(({ role }, index) => !raised.includes(role) && alarms.findIndex((other) => other.role === role) === index)
    .slice(0, Math.max(0, MAX_ALARMS - raised.length));

const MAX_ALARMS = 20;

const unknownTooLong = (ageMs: number): Alarm => ({
  code: 'ORDER_UNKNOWN',
  message:
    'It is not known whether the venue has this order, and lookups have not told in time. It keeps its reservation; it is not sent again.',
  severity: 'high',
  facts: { unknownForMs: String(Math.round(ageMs)) },
  role: 'unknown',
});

/** A task ends when nothing is left to be sent; while it is not known whether something was, its lane waits. */
const taskSave = ({ order, taskStatus, routed }: StoredOrder, finding: Finding): TaskSave | undefined => {
  const status = taskStatusOf(order.status);
  if (status === taskStatus && finding.retryInMs === undefined) return undefined;
  return { taskId: routed.orderId, status, lastError: finding.lastError, waitMs: finding.retryInMs ?? 0 };
};

const taskStatusOf = (status: StoredOrder['order']['status']): TaskSave['status'] => {
  switch (status) {
    case 'pending':
    case 'queued':
      return 'queued';
    case 'executing':
    case 'unknown':
      return 'unknown';
    case 'rejected':
    case 'failed':
      return 'failed';
    case 'placed':
    case 'partially_filled':
    case 'cancel_pending':
    case 'filled':
    case 'cancelled':
    case 'expired':
      return 'done';
  }
};
