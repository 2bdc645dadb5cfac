import type { Exchange } from '../core/exchange.js';
import type { FaultRequest } from '../core/fault.js';
import { asToldAt, type Order, type OrderRequest } from '../core/order.js';
import type { Refusal } from '../core/refusal.js';

/** A dialect's error, thrown inside it only; `text` is its code and sentence for the ledger. */
export interface DialectError {
  readonly text: string;
}

/** A dialect's words for orders that are not taken. */
export interface RefusalWords<E extends DialectError> {
  readonly of: (refusal: Refusal) => E;
  /** For the fault `refuse`: with these where given, else in the venue's usual words. */
  readonly asked: (code: FaultRequest['code'], message: string | undefined) => E;
}

/** Places an order, or throws what the venue would answer. Plays the faults that are the dialect's own: `refuse` and `late_fill`. */
export const placeOrder = <E extends DialectError & Error>(
  exchange: Exchange,
  request: OrderRequest,
  fault: FaultRequest | undefined,
  words: RefusalWords<E>,
): Order => {
  if (fault?.fault === 'refuse') {
    const error = words.asked(fault.code, fault.message);
    exchange.recordRefusal(request, error.text);
    throw error;
  }
  const placed = exchange.place(request, {
    describe: (refusal) => words.of(refusal).text,
    hideFillsMs: fault?.fault === 'late_fill' ? (fault.ms ?? 1_000) : undefined,
  });
  if ('refused' in placed) throw words.of(placed);
  return asToldAt(placed, exchange.now());
};

/** Each fill once, or twice under the fault `duplicate_fill`. */
export const asOftenAs = <T>(items: readonly T[], fault: FaultRequest | undefined): readonly T[] =>
  fault?.fault === 'duplicate_fill' ? items.flatMap((item) => [item, item]) : items;
