/**
 * Why the venue says no to an order, in the core's own words; each dialect has its codes and sentences for them. `facts` are strings for
 * the reader.
 */
export type RefusalCode =
  | 'UNKNOWN_SYMBOL'
  | 'QUANTITY_OUT_OF_RANGE'
  | 'QUANTITY_OFF_GRID'
  | 'PRICE_OUT_OF_RANGE'
  | 'PRICE_OFF_GRID'
  | 'NOTIONAL_TOO_SMALL'
  | 'TOO_MANY_OPEN_ORDERS'
  | 'DUPLICATE_CLIENT_ORDER_ID'
  | 'WOULD_TAKE'
  | 'INSUFFICIENT_BALANCE';

export interface Refusal {
  readonly refused: RefusalCode;
  readonly facts: Readonly<Record<string, string>>;
}

export const refusal = (refused: RefusalCode, facts: Readonly<Record<string, string>> = {}): Refusal => ({
  refused,
  facts,
});
