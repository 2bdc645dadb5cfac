import type { z } from 'zod';
import { orderApproved, orderCompleted, orderRouted } from './events/approval.js';
import {
  orderAmendRequested,
  orderAmended,
  orderCancelRequested,
  riskAlert,
  tradingStateApplied,
  tradingStateChanged,
} from './events/control.js';
import { orderCancelled, orderExpired, orderFailed, orderFilled, orderPlaced } from './events/order.js';
import { positionClosed, positionOpened } from './events/position.js';
import { accountPolicyChanged, auditRecorded, marketSnapshot, operatorActed, systemError } from './events/reference.js';
import {
  heldExitDue,
  signalHeld,
  signalRejected,
  signalValidated,
  strategySignalDecided,
  tradingSignalGenerated,
} from './events/signal.js';
import {
  balanceUpdated,
  reconciliationDrift,
  venueStateReported,
  venueStateRequested,
  venueStatus,
} from './events/venue-state.js';

/**
 * Every event, by its type's name: the schema of its value and what its records are keyed by. `compacted` topics are caches of the
 * newest value per key. A type with `perVenue` has one topic a venue: `OrderRouted.binance`.
 */
export const EVENTS = {
  TradingSignalGenerated: { schema: tradingSignalGenerated, key: 'user' },
  SignalValidated: { schema: signalValidated, key: 'user' },
  SignalRejected: { schema: signalRejected, key: 'user' },
  StrategySignalDecided: { schema: strategySignalDecided, key: 'strategy' },
  SignalHeld: { schema: signalHeld, key: 'user' },
  HeldExitDue: { schema: heldExitDue, key: 'user' },
  OrderApproved: { schema: orderApproved, key: 'user' },
  OrderRouted: { schema: orderRouted, key: 'user', perVenue: true },
  OrderCompleted: { schema: orderCompleted, key: 'user' },
  OrderPlaced: { schema: orderPlaced, key: 'user' },
  OrderFilled: { schema: orderFilled, key: 'user' },
  OrderFailed: { schema: orderFailed, key: 'user' },
  OrderCancelled: { schema: orderCancelled, key: 'user' },
  OrderExpired: { schema: orderExpired, key: 'user' },
  OrderCancelRequested: { schema: orderCancelRequested, key: 'user' },
  OrderAmendRequested: { schema: orderAmendRequested, key: 'user' },
  OrderAmended: { schema: orderAmended, key: 'user' },
  VenueStateRequested: { schema: venueStateRequested, key: 'user', perVenue: true },
  VenueStateReported: { schema: venueStateReported, key: 'user' },
  PositionOpened: { schema: positionOpened, key: 'user' },
  PositionClosed: { schema: positionClosed, key: 'user' },
  BalanceUpdated: { schema: balanceUpdated, key: 'user' },
  ReconciliationDrift: { schema: reconciliationDrift, key: 'user' },
  RiskAlert: { schema: riskAlert, key: 'service' },
  TradingStateApplied: { schema: tradingStateApplied, key: 'scope' },
  SystemError: { schema: systemError, key: 'service' },
  OperatorActed: { schema: operatorActed, key: 'user' },
  AuditRecorded: { schema: auditRecorded, key: 'chain' },
  VenueStatus: { schema: venueStatus, key: 'venue', compacted: true },
  MarketSnapshot: { schema: marketSnapshot, key: 'venue/pair', compacted: true },
  AccountPolicyChanged: { schema: accountPolicyChanged, key: 'user', compacted: true },
  TradingStateChanged: { schema: tradingStateChanged, key: 'scope', compacted: true },
} as const satisfies Record<string, EventDefinition>;

export interface EventDefinition {
  readonly schema: z.ZodType;
  readonly key: 'user' | 'venue' | 'venue/pair' | 'service' | 'chain' | 'scope' | 'strategy';
  readonly compacted?: boolean;
  readonly perVenue?: boolean;
}

export type EventType = keyof typeof EVENTS;
export type EventOf<T extends EventType> = Readonly<z.infer<(typeof EVENTS)[T]['schema']>>;

/** The topic of an event type; types that have one topic a venue need the venue. */
export const topicOf = (type: EventType, venue?: string): string => {
  const definition: EventDefinition = EVENTS[type];
  return definition.perVenue === true ? `${type}.${venue ?? ''}` : type;
};

/** The type whose events a topic holds; undefined for a stranger's topic. */
export const typeOfTopic = (topic: string): EventType | undefined => {
  const dot = topic.indexOf('.');
  const name = dot < 0 ? topic : topic.slice(0, dot);
  if (!Object.hasOwn(EVENTS, name)) return undefined;
  const definition: EventDefinition = EVENTS[name as EventType];
  return (definition.perVenue === true) === dot > 0 ? (name as EventType) : undefined;
};

/** Every topic of a deployment with these venues. */
export const allTopics = (venues: readonly string[]): readonly string[] =>
  (Object.keys(EVENTS) as EventType[]).flatMap((type) => {
    const definition: EventDefinition = EVENTS[type];
    return definition.perVenue === true ? venues.map((venue) => topicOf(type, venue)) : [type];
  });

/** Dead letters of the door: what strangers wrote that could not be read, or was not theirs to write. One partition each. */
export const DEAD_LETTER_TOPICS: readonly string[] = ['TradingSignalGenerated.signal-validation.dlt'];

/** Whether a topic keeps only the newest value of each key. */
export const isCompacted = (topic: string): boolean => {
  const type = typeOfTopic(topic);
  const definition: EventDefinition | undefined = type === undefined ? undefined : EVENTS[type];
  return definition?.compacted === true;
};
