export {
  EMPTY_BOOK,
  type Fill,
  type Folded,
  type Opening,
  type PairTerms,
  type PositionBook,
  type PositionChange,
  type PositionClosing,
  type PositionOpening,
  type Turn,
} from './position-book.js';
export { EARLY_SELL_GRACE_MS, foldFill, settleBook } from './fold-fill.js';
export {
  bookEnd,
  bookFill,
  bookPlaced,
  newBooks,
  rememberedTrade,
  type AccountBooks,
  type AgreedBalances,
  type Booked,
  type OrderInBooks,
  type PlacedOrder,
  type RememberedTrade,
  type Suspect,
} from './account-books.js';
export { compareAccount, type Comparison } from './compare-account.js';
export {
  DEFAULT_COMPARE_SETTINGS,
  type CompareSettings,
  type Drift,
  type DriftKind,
  type VenueFill,
  type VenueOpenOrder,
  type VenueState,
} from './venue-state.js';
