export { decideRoute } from './decide-route.js';
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
  type ApprovedOrder,
  type RouteInputs,
  type RoutingSettings,
  type VenueFacts,
} from './inputs.js';
export { prepareMarket, type BookFlaw, type PreparedMarket } from './prepared-market.js';
export { VENUE_REJECTIONS, type VenueRejection, type VenueRejectionCode } from './rejections.js';
export { chooseMethod, priorityOf, type MethodChoice } from './method.js';
export {
  NO_CHILDREN,
  replaceableChild,
  withChild,
  type Child,
  type ChildEnd,
  type ChildFact,
  type ChildTerminal,
  type ParentOrder,
} from './parent-order.js';
export { completionOf, evolveParent, type Completion, type ParentEnd } from './evolve-parent.js';
