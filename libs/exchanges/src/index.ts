export type {
  BookGlance,
  BookStream,
  BookStreamListener,
  BookStreamOptions,
  LostReason,
  StreamedTicker,
} from './book-stream.js';
export type {
  Credentials,
  PlaceLimits,
  TradeCursor,
  TradePage,
  Venue,
  VenueClient,
  VenueMarketData,
  WriteLimits,
} from './port.js';
export type {
  Balance,
  BookLevel,
  ClockReading,
  FeeRates,
  Instrument,
  InstrumentKey,
  OrderBook,
  PublicTrade,
  Ticker,
} from './instruments.js';
export type {
  Fill,
  Liquidity,
  NewOrder,
  OrderChange,
  OrderRef,
  OrderState,
  OrderType,
  Side,
  TimeInForce,
  VenueOrder,
} from './orders.js';
export type {
  Accepted,
  AmendOutcome,
  Answer,
  CancelOutcome,
  CouldNotAsk,
  Evidence,
  LookupOutcome,
  NotSent,
  NotSentReason,
  OutcomeUnknown,
  PlaceOutcome,
  Refused,
  UnknownReason,
} from './outcomes.js';
export { REFUSALS, type RefusalCode, type RefusalMeaning } from './refusals.js';
export {
  FINAL_STATES,
  isFinal,
  type PublicTradesTold,
  type VenueCapabilities,
  type VenueOrigins,
} from './capabilities.js';
export { checkOrder } from './order-checks.js';
export type { CallName, LimitUsed, OnUsage, RateLimit, Usage, VenueRates } from './rates.js';
export { STANDINGS, standingOf, wasSent, type Standing } from './standing.js';
export {
  isRealOrigin,
  isSimulator,
  mayUse,
  TEST_NET_HOSTS,
  type Mode,
  type OriginPermit,
  type OriginRefusal,
  type OriginRefusalCode,
  type OriginRules,
} from './origin.js';
export { venueReach, venueVariables, type VenueVariables } from './venue-variables.js';
export { openVenue, STREAMED, VENUES, type VenueName } from './venues.js';
export { simulatedCredentials } from './simulated-credentials.js';
export type { VenueDefinition, VenueOptions } from './ccxt/open-venue.js';
export { binanceCapabilities } from './binance/capabilities.js';
export { OUTCOME_RULES, type ErrorRow } from './ccxt/classification.js';
export type { TransportOptions } from './ccxt/transport.js';
