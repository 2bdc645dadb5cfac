import { typeOfTopic, type EventOf, type EventType } from '@switchyard/contracts';
import { parseSource } from '@switchyard/log';
import { payloadOf, type AuditRecord } from '../journal/audit-record.js';

/** One step of an order's story. */
export interface HistoryEntry {
  readonly at: string;
  readonly event: string;
  /** Who did it: a service of ours, or `strategy` for what came from outside. */
  readonly service: string;
  /** A sentence a person understands. */
  readonly reason: string;
  readonly facts: Readonly<Record<string, unknown>>;
}

/**
 * The whole story of an order from the audit rows of its signal: what led to it, what happened to it, and, for a parent, what
 * happened to its children.
 */
export const orderHistory = (
  order: { readonly orderId: string; readonly parentOrderId: string },
  records: readonly AuditRecord[],
): readonly HistoryEntry[] =>
  records
    .flatMap((record) => entryOf(order, record))
    .sort((a, b) => (a.entry.at < b.entry.at ? -1 : a.entry.at > b.entry.at ? 1 : a.order - b.order))
    .map(({ entry }) => entry);

const entryOf = (
  { orderId, parentOrderId }: { readonly orderId: string; readonly parentOrderId: string },
  record: AuditRecord,
): readonly { readonly order: number; readonly entry: HistoryEntry }[] => {
  const type = typeOfTopic(record.topic);
  const tell = type === undefined ? undefined : (TOLD[type] as Telling<unknown> | undefined);
  if (type === undefined || tell === undefined) return [];
  const payload = payloadOf(record) as Readonly<Record<string, unknown>> | null | undefined;
  if (typeof payload !== 'object' || payload === null) return [];
  const of = payload['orderId'];
  const concerns = of === undefined || of === orderId || orderId === parentOrderId || of === parentOrderId;
  if (!concerns) return [];
  const facts = Object.fromEntries(Object.entries(payload).filter(([field]) => !UNTOLD.has(field)));
  return [
    {
      order: tell.order,
      entry: { at: record.time, event: type, service: serviceOf(record), reason: tell.reason(payload), facts },
    },
  ];
};

/** What every step would only repeat. */
const UNTOLD: ReadonlySet<string> = new Set(['signalId', 'userId', 'signal', 'defaulted']);

const serviceOf = ({ source, topic }: AuditRecord): string => {
  if (source === undefined) return 'strategy';
  // REST signals are numbered in validation's shards, but it is the gateway that takes them in.
  return topic === 'TradingSignalGenerated' ? 'gateway' : (parseSource(source)?.deployment ?? source);
};

interface Telling<Payload> {
  /** Where the step stands in an order's life, for steps of one millisecond. */
  readonly order: number;
  readonly reason: (event: Payload) => string;
}

const TOLD: { readonly [T in EventType]?: Telling<EventOf<T>> } = {
  TradingSignalGenerated: {
    order: 0,
    reason: ({ signalType, side, pair }) => `A signal came: ${signalType}, ${side} ${pair}.`,
  },
  SignalValidated: { order: 1, reason: () => 'The signal passed every check of validation.' },
  SignalRejected: { order: 2, reason: ({ stage, message }) => `Refused by ${stage}: ${message}` },
  SignalHeld: { order: 2, reason: ({ message }) => message },
  OrderApproved: {
    order: 3,
    reason: ({ quantity, riskScore }) => `Risk approved ${quantity} with a risk score of ${riskScore}.`,
  },
  OrderRouted: { order: 4, reason: ({ decision }) => decision.sentence },
  OrderPlaced: {
    order: 5,
    reason: ({ venue, venueOrderId }) => `${venue} accepted the order as ${venueOrderId}.`,
  },
  OrderFilled: {
    order: 6,
    reason: ({ venue, quantity, price, fee }) =>
      `${venue} filled ${quantity} at ${price}; the fee was ${fee.amount} ${fee.currency}.`,
  },
  OrderCancelRequested: {
    order: 6,
    reason: ({ requestedBy, role, reason }) =>
      `${requestedBy} (${role}) asked for it to be cancelled${reason === undefined ? '' : `: ${reason}`}.`,
  },
  OrderCancelled: { order: 7, reason: ({ reason }) => reason },
  OrderExpired: { order: 7, reason: ({ reason }) => reason },
  OrderFailed: { order: 7, reason: ({ message }) => message },
  OrderCompleted: {
    order: 8,
    reason: ({ status, filledQuantity }) => `The order is complete: ${status}, ${filledQuantity} filled.`,
  },
  PositionOpened: {
    order: 9,
    reason: ({ pair, averageEntryPrice }) => `A position in ${pair} was opened at ${averageEntryPrice}.`,
  },
  PositionClosed: {
    order: 9,
    reason: ({ pair, realizedPnl }) => `The position in ${pair} was closed with a result of ${realizedPnl}.`,
  },
};
