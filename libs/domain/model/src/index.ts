export {
  LIQUIDITY,
  MARKETS,
  MODES,
  ORDER_STATUSES,
  ORDER_TYPES,
  SIDES,
  SIGNAL_TYPES,
  SKIP_REASONS,
  STANDARD_VENUES,
  TIMES_IN_FORCE,
  TRADING_STATES,
  VENUES,
  ALGORITHMS,
  opposite,
  isExit,
  type Algorithm,
  type Liquidity,
  type Market,
  type Mode,
  type OrderStatus,
  type OrderType,
  type Side,
  type SignalType,
  type SkipReason,
  type TimeInForce,
  type TradingState,
  type Venue,
} from './vocabulary.js';
export { baseOf, parsePair, quoteOf, type Currency, type Pair } from './pair.js';
export type {
  AccountId,
  ClientOrderId,
  ParentOrderId,
  OrderId,
  SignalId,
  StrategyId,
  UserId,
  VenueOrderId,
  VenueTradeId,
} from './ids.js';
export type { ExecutionWish, MaxSize, Signal, SignalSize, VenueWish } from './signal.js';
export { CODES, OPERATORS_CODES, type Code, type Facts, type Refusal, refuse } from './codes.js';
export type { AccountPolicy, Limits, ScopedLimits, Subscription, UserPolicy } from './policy.js';
export { DEFAULT_LIMITS } from './policy.js';
export type { Book, Instrument, Level, MarketView, VenueFees } from './market.js';
export { DEFAULT_FEES, bestAsk, bestBid, midOf } from './market.js';
export {
  bucketVolumeOf,
  flowOf,
  noFlow,
  withTrade,
  type Flow,
  type FlowOverTime,
  type FlowOverTrades,
  type FlowState,
} from './flow.js';
export { DEPTH_BPS, IMBALANCE_LEVELS, microstructureOf, type Impact, type Microstructure } from './microstructure.js';
export { takerOf, type MarketTrade } from './trade-side.js';
export {
  GLOBAL_SCOPE,
  TradingStateBoard,
  tradingHalted,
  userScope,
  venueScope,
  type StateInForce,
  type ToldState,
  type TradingStates,
} from './trading-states.js';
