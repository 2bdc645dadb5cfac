export { CHILD_STATUSES, MEANINGS, isTerminal, type ChildStatus } from './status.js';
export { MOVES, isLegal, legalMoves, movesAsMarkdown, type FillMove, type LegalMove } from './moves.js';
export type { FactKind, FillSeen, OrderFact } from './facts.js';
export { averagePriceOf, leavesOf, newOrder, type ChildOrder } from './order.js';
export { DOUBTS, type Doubt, type DoubtCode, type OrderChange } from './changes.js';
export { evolve, evolveAll, tradeText, type Step } from './evolve.js';
export {
  NEGATIVES_NEEDED,
  afterNegative,
  venueExpiryMs,
  type NegativeAnswer,
  type QuietPeriod,
  type Verdict,
} from './quiet-period.js';
export {
  DEFAULT_RETRIES,
  UNKNOWN_ALERT_MS,
  decideRetry,
  pollDelayMs,
  retryDelayMs,
  settleDelayMs,
  type RetryDecision,
  type RetryRules,
} from './schedule.js';
