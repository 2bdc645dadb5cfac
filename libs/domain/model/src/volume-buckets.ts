import { decimal, type Decimal, ZERO } from '@switchyard/money';
import type { Side } from './vocabulary.js';

/** What was bought and sold, by who took, while so much traded. What nobody can be named for counts half each. */
export interface VolumeBucket {
  readonly size: Decimal;
  readonly bought: Decimal;
  readonly sold: Decimal;
}

/** Buckets of equal volume, filled one after the other. */
export interface VolumeBuckets {
  /** Oldest first, at most `MOST_BUCKETS`. */
  readonly full: readonly VolumeBucket[];
  readonly filling: VolumeBucket | undefined;
}

export const NO_BUCKETS: VolumeBuckets = { full: [], filling: undefined };

/** As many as the authors take. */
export const MOST_BUCKETS = 50;
/** With fewer, the figure says nothing yet. */
export const LEAST_BUCKETS = 10;

const TWO = decimal('2');

/**
 * The buckets after a trade; it fills as many as it is large. A bucket keeps the size with which it began: another `size` counts from the
 * next one on. `size` must be above zero.
 */
export const poured = (buckets: VolumeBuckets, quantity: Decimal, taker: Side | null, size: Decimal): VolumeBuckets => {
  const filling = buckets.filling ?? { size, bought: ZERO, sold: ZERO };
  const room = filling.size.minus(filling.bought).minus(filling.sold);
  if (quantity.lt(room)) return { full: buckets.full, filling: pouredInto(filling, quantity, taker) };
  const rest = quantity.minus(room);
  const whole = rest.div(size).round(0, 0);
  const left = rest.minus(whole.times(size));
  const empty: VolumeBucket = { size, bought: ZERO, sold: ZERO };
  const more = whole.gt(String(MOST_BUCKETS)) ? MOST_BUCKETS : Number(whole.toFixed());
  const filled = [
    pouredInto(filling, room, taker),
    ...Array.from({ length: more }, () => pouredInto(empty, size, taker)),
  ];
  return {
    full: [...buckets.full, ...filled].slice(-MOST_BUCKETS),
    filling: left.gt(ZERO) ? pouredInto(empty, left, taker) : undefined,
  };
};

/**
 * Flow toxicity: the volume-synchronised probability of informed trading, `sum |bought - sold| / sum volume` over the last `MOST_BUCKETS`
 * buckets (Easley, Lopez de Prado, O'Hara: Flow toxicity and liquidity in a high-frequency world, Review of Financial Studies 25, 2012). 0:
 * buyers and sellers take alike; 1: in each bucket all took one side. They name the sides by price changes in bulk, not having them; here they
 * are the venue's own, or those of `takerOf`. `null` with fewer than `LEAST_BUCKETS`.
 */
export const vpinOf = ({ full }: VolumeBuckets): number | null => {
  if (full.length < LEAST_BUCKETS) return null;
  let [apart, volume] = [ZERO, ZERO];
  for (const { bought, sold, size } of full) {
    apart = apart.plus(bought.minus(sold).abs());
    volume = volume.plus(size);
  }
  return Number(apart.div(volume).round(6).toFixed());
};

const pouredInto = ({ size, bought, sold }: VolumeBucket, quantity: Decimal, taker: Side | null): VolumeBucket => {
  if (taker === 'buy') return { size, bought: bought.plus(quantity), sold };
  if (taker === 'sell') return { size, bought, sold: sold.plus(quantity) };
  const half = quantity.div(TWO);
  return { size, bought: bought.plus(half), sold: sold.plus(half) };
};
