export {
  DEAD_LETTER_TOPICS,
  EVENTS,
  allTopics,
  isCompacted,
  topicOf,
  typeOfTopic,
  type EventDefinition,
  type EventOf,
  type EventType,
} from './topics.js';
export {
  tradingSignalGenerated,
  type HeldExitDue,
  type SignalHeld,
  type SignalRejected,
  type SignalValidated,
  type StrategySignalDecided,
  type TradingSignalGenerated,
} from './events/signal.js';
export { contradictions, type Contradiction } from './events/contradictions.js';
export type { Cap, OrderApproved, OrderCompleted, OrderRouted, RoutingDecision } from './events/approval.js';
export type { OrderCancelled, OrderExpired, OrderFailed, OrderFilled, OrderPlaced } from './events/order.js';
export {
  scope,
  type OrderAmendRequested,
  type OrderAmended,
  type OrderCancelRequested,
  type RiskAlert,
  type TradingStateApplied,
  type TradingStateChanged,
} from './events/control.js';
export type { PositionClosed, PositionOpened } from './events/position.js';
export {
  limits,
  type AccountPolicyChanged,
  type AuditRecorded,
  type LimitsChange,
  type MarketFlow,
  type MarketSnapshot,
  type OperatorActed,
  type SystemError,
} from './events/reference.js';
export type {
  BalanceUpdated,
  ReconciliationDrift,
  VenueStateReported,
  VenueStateRequested,
  VenueStatus,
} from './events/venue-state.js';
export { accountPolicy, subscription } from './events/reference.js';
export { OWNER_HEADER } from './owner-header.js';
export { bookHashOf, bookText } from './book-hash.js';
export * as schemaParts from './events/primitives.js';
export { decodeDoor, type DoorReading } from './codec/door.js';
export { parseEvent, type BadField, type ParsedEvent } from './codec/parse-event.js';
export { decodeProtobuf, encodeProtobuf } from './codec/protobuf.js';
