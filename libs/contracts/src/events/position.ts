import { MODES } from '@switchyard/model';
import { z } from 'zod';
import { currency, decimalString, identifier, instant, pair, positiveDecimal, venueName } from './primitives.js';

const position = {
  positionId: identifier,
  userId: identifier,
  accountId: identifier,
  venue: venueName,
  mode: z.enum(MODES),
  pair,
  /** Spot positions are long. */
  side: z.enum(['long', 'short']),
  /** Base quantity: at the opening fill, or all that was bought by the time it closed. */
  quantity: positiveDecimal,
  averageEntryPrice: positiveDecimal,
  /** Fees paid so far, by currency. */
  fees: z.record(currency, decimalString),
  openedAt: instant,
  dryRun: z.boolean(),
};

export const positionOpened = z.object({
  ...position,
  signalId: identifier,
  parentOrderId: identifier,
  /** The fill that opened it: what the executor numbered after it belongs to this position, whatever the clocks say. */
  orderId: identifier.optional(),
  tradeId: z.string().min(1).optional(),
  /** Base quantity bought since the account was flat in the pair, and what it cost in the quote currency; fees not taken off. */
  boughtQuantity: positiveDecimal.optional(),
  boughtValue: positiveDecimal.optional(),
});
export type PositionOpened = Readonly<z.infer<typeof positionOpened>>;

export const positionClosed = z.object({
  ...position,
  averageExitPrice: positiveDecimal,
  /** In the quote currency, fees charged in base or quote deducted; average cost. */
  realizedPnl: decimalString,
  /** What is left below the venue's smallest order, if anything. */
  dust: decimalString,
  signalId: identifier,
  parentOrderId: identifier,
  closedAt: instant,
});
export type PositionClosed = Readonly<z.infer<typeof positionClosed>>;
