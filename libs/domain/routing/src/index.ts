export { decideRoute } from './decide-route.js';
export { describe as describeRoute, recordedInputs } from './describe.js';
export type { Assessment, Bound } from './assessment.js';
export type {
  ChildPlan,
  DecisionRecord,
  RecordedInputs,
  RecordedVenue,
  RouteDecision,
  VenueAssessment,
} from './decision.js';
export {
  DEFAULT_ROUTING_SETTINGS,
  type AccountCap,
  type AccountFacts,
  type ApprovedOrder,
  type HeldCap,
  type RouteInputs,
  type RoutingSettings,
  type VenueFacts,
} from './inputs.js';
export { replay, type Difference, type RecordedDecision, type Replay } from './replay.js';
export { realisedOf, type ChildFill, type Realised } from './realised.js';
export { ROUTING_RULES } from './rules.js';
export { tableOf } from './table.js';
export { prepareMarket, type BookFlaw, type PreparedMarket } from './prepared-market.js';
export { DEFAULT_PRIORITY, type VenueKind, type VenueTerms } from './terms.js';
export type { FeeSource, FeeTier } from './fees.js';
export { VENUE_REJECTIONS, type VenueRejection, type VenueRejectionCode } from './rejections.js';
export { chooseMethod, priorityOf, type MethodChoice } from './method.js';
export {
  DEFAULT_SCORING,
  SCORE_PARTS,
  type PairHistory,
  type ScorePart,
  type Scoring,
  type VenueRecord,
} from './score.js';
export { historyOf, weightOf, withExecution, type Execution, type Executions } from './pair-history.js';
export { STRATEGIES, type Strategy } from './strategy.js';
export { DEFAULT_LEARNING, learn, type Learning, type Outcome } from './adaptive.js';
export { allocate, type Allocation, type AllocationWish } from './split/allocate.js';
export { Offers } from './split/offers.js';
export {
  heldCaps,
  NO_CHILDREN,
  replaceableChild,
  strandedChildren,
  triedAccounts,
  withCancelAsked,
  withChildren,
  withGivenUp,
  type Child,
  type ChildEnd,
  type ChildFact,
  type ChildTerminal,
  type NewChild,
  type ParentOrder,
} from './parent-order.js';
export { completionOf, evolveParent, isSettled, type Completion, type ParentEnd } from './evolve-parent.js';
