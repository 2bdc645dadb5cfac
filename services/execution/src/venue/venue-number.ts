import { decimal, isDecimalString, plain, type DecimalString } from '@switchyard/money';

/**
 * A number as a venue wrote it ("0.03424000"), in the form in which it stands on our topics ("0.03424"): readers compare texts. What is no
 * decimal is left as it is, for the domain to say so.
 */
export const plainNumber = (text: DecimalString): DecimalString =>
  isDecimalString(text) ? plain(decimal(text)) : text;

/** What a venue charged, the same way. */
export const plainFee = <Fee extends { readonly amount: DecimalString }>(fee: Fee): Fee => ({
  ...fee,
  amount: plainNumber(fee.amount),
});
