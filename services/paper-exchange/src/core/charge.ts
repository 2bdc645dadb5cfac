import { ceilTo, decimal, floorTo, type Decimal } from '@switchyard/money';
import type { Level } from './book.js';
import type { Instrument } from './instrument.js';
import type { Fill, OrderRequest } from './order.js';
import type { VenueRules } from './rules.js';

/** Fees are cut to this grid, as most venues book eight places. */
const EIGHT_PLACES = { step: decimal('0.00000001'), up: false };
const ZERO = decimal('0');

/** Which asset an order's fees come in. */
const feeCurrencyOf = (
  { side, feeIn }: Pick<OrderRequest, 'side' | 'feeIn'>,
  { base, quote }: Instrument,
  rules: VenueRules,
): string => {
  const standard = rules.feeIn === 'received' && side === 'buy' ? 'base' : 'quote';
  return (feeIn ?? standard) === 'base' ? base : quote;
};

/** A trade's fee. */
export const chargeFor = (
  order: Pick<OrderRequest, 'side' | 'feeIn'>,
  instrument: Instrument,
  { price, quantity }: Level,
  liquidity: Fill['liquidity'],
  rules: VenueRules,
): Pick<Fill, 'fee' | 'feeCurrency'> => {
  const feeCurrency = feeCurrencyOf(order, instrument, rules);
  const charged = feeCurrency === instrument.base ? quantity : price.times(quantity);
  const { step, up } = rules.feeGrid ?? EIGHT_PLACES;
  const fee = (up ? ceilTo : floorTo)(charged.times(rules.fees[liquidity]), step);
  return { fee: fee.toFixed(), feeCurrency };
};

/** What an order pays with, and the fraction of it that must be there beside it for fees in that same asset. */
export const payingOf = (
  order: Pick<OrderRequest, 'side' | 'feeIn'>,
  instrument: Instrument,
  rules: VenueRules,
): { readonly asset: string; readonly feeHeld: Decimal } => {
  const asset = order.side === 'buy' ? instrument.quote : instrument.base;
  const { maker, taker } = rules.fees;
  const most = maker.gt(taker) ? maker : taker;
  return { asset, feeHeld: feeCurrencyOf(order, instrument, rules) === asset ? most : ZERO };
};
