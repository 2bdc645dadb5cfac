import { decimal, floorTo, type Decimal } from '@switchyard/money';
import type { Level, Side } from './book.js';
import type { Instrument } from './instrument.js';
import type { Fill } from './order.js';

/** As fractions: 0.001 is 0.1 %. */
export interface Fees {
  readonly maker: Decimal;
  readonly taker: Decimal;
}

/** Fees are cut to this grid, as venues book eight places. */
const FEE_GRID = decimal('0.00000001');

/** A trade's fee, in the asset that its customer receives. */
export const chargeFor = (
  side: Side,
  { base, quote }: Instrument,
  { price, quantity }: Level,
  rate: Decimal,
): Pick<Fill, 'fee' | 'feeCurrency'> => {
  const received = side === 'buy' ? quantity : price.times(quantity);
  return { fee: floorTo(received.times(rate), FEE_GRID).toFixed(), feeCurrency: side === 'buy' ? base : quote };
};
