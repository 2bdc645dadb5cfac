import { decimal, plain, ZERO, type Decimal } from '@switchyard/money';
import { quoteOf, refuse, type Code, type Facts, type Refusal } from '@switchyard/model';
import type { Proposal } from './proposal.js';

/**
 * How much of an order a limit leaves room for. What risk sized itself is cut to the smallest room; what the signal named is refused
 * where it is larger, by every limit that it exceeds. A limit that is not set has no room.
 */
export interface Room {
  /** Its name among the limits. */
  readonly limit: string;
  readonly isExceededBy: (quantity: Decimal) => boolean;
  /** How much it leaves, base quantity; zero or less where nothing is left. Asked only where it is exceeded: divisions are dear. */
  readonly quantity: () => Decimal;
  readonly refusal: (wished: Decimal) => Refusal;
}

/** An order as the limits look at it. Prices are of the pair's quote currency. */
export interface Draft {
  readonly proposal: Proposal;
  /** The most that a unit may cost, fee included; what it brings, for a sale. */
  readonly perUnit: Decimal;
  /** Its stop-loss, the signal's or the computed one. */
  readonly stop: Decimal | undefined;
}

/** A room of a quantity that is known. */
export const exactly = (limit: string, most: Decimal, refusal: Room['refusal']): Room => ({
  limit,
  isExceededBy: (quantity) => quantity.gt(most),
  quantity: () => most,
  refusal,
});

/** The room that a budget of US dollars leaves, at so many for a unit. */
export const within = (
  limit: string,
  code: Code,
  { budget, perUnit }: { readonly budget: Decimal; readonly perUnit: Decimal },
  facts: () => Facts,
): Room => ({
  limit,
  isExceededBy: (quantity) => quantity.gt(ZERO) && quantity.times(perUnit).gt(budget),
  quantity: () => (budget.gt(ZERO) && perUnit.gt(ZERO) ? budget.div(perUnit) : ZERO),
  refusal: (wished) =>
    refuse(code, { limit, quantity: plain(wished), worth: dollars(wished.times(perUnit)), ...facts() }),
});

/** An amount of the pair's quote currency in US dollars; where nobody knows its rate, as it is. */
export const inDollars = ({ proposal: { prices, command } }: Draft, amount: Decimal): Decimal => {
  const quote = quoteOf(command.signal.pair);
  const rate = quote === 'USD' ? undefined : prices.dollarsPer(quote);
  return rate === undefined ? amount : amount.times(rate);
};

/** US dollars that a unit of the pair is worth. */
export const worthOf = (draft: Draft): Decimal =>
  draft.proposal.prices.worthOf(draft.proposal.command.signal.pair) ?? inDollars(draft, draft.perUnit);

/** An amount as a fact: to the cent. */
export const dollars = (amount: Decimal): string => plain(amount.round(2, 0));

/** So many of a hundred. */
export const percentOf = (whole: Decimal, percent: number): Decimal =>
  whole.times(decimal(String(percent))).times(HUNDREDTH);
const HUNDREDTH = decimal('0.01');
