import { DEFAULT_FEES, type VenueFees } from '@switchyard/model';
import { decimal, isDecimalString, type DecimalString } from '@switchyard/money';
import { placesOf, tenTo, unitsUp } from './grid.js';

/** A fee as a fraction of the value traded: `units` of 10^-`places`. Negative where the venue pays it. */
export interface FeeRate {
  readonly units: number;
  readonly places: number;
  /** The same as a float, for scores. */
  readonly fraction: number;
}

export const NO_FEE: FeeRate = { units: 0, places: 0, fraction: 0 };

/** Maker and taker fees from a traded volume on. */
export interface FeeTier {
  /** Quote currency over the venue's own period (30 days at most venues). */
  readonly fromVolume: DecimalString;
  readonly maker: DecimalString;
  readonly taker: DecimalString;
}

/** `tier`: by the account's own volume; `published`: what the venue takes of everybody; `assumed`: not known, 0.4 % and 0.6 %. */
export type FeeSource = 'tier' | 'published' | 'assumed';

export interface FeeRates {
  readonly maker: FeeRate;
  readonly taker: FeeRate;
  readonly source: FeeSource;
}

/** A venue's fees, ready to be looked up: its tiers by volume, lowest first, and what stands where none of them applies. */
export interface FeeSchedule {
  readonly tiers: readonly (FeeRates & { readonly fromVolume: number })[];
  readonly otherwise: FeeRates;
}

/** Places that are counted; a rate that is finer is rounded against the user. */
const PLACES = 9;

/** A fraction, or undefined where it can't be one: unreadable, or a whole or more of the value. */
export const rateOf = (text: string): FeeRate | undefined => {
  if (!isDecimalString(text)) return undefined;
  const rebate = text.startsWith('-');
  const places = Math.min(placesOf(text), PLACES);
  const units = unitsUp(rebate ? text.slice(1) : text, places);
  if (units >= tenTo(places) && units !== 0) return undefined;
  const signed = rebate ? -units : units;
  return { units: signed, places, fraction: signed / tenTo(places) };
};

const ratesOf = ({ maker, taker }: VenueFees, source: FeeSource): FeeRates | undefined => {
  const [made, taken] = [rateOf(maker), rateOf(taker)];
  return made === undefined || taken === undefined ? undefined : { maker: made, taker: taken, source };
};

const ASSUMED: FeeRates = {
  maker: rateOf(DEFAULT_FEES.maker) ?? NO_FEE,
  taker: rateOf(DEFAULT_FEES.taker) ?? NO_FEE,
  source: 'assumed',
};

/** Tiers that can't be read are left out, as fees that can't be read are not known. */
export const scheduleOf = (published: VenueFees | undefined, tiers: readonly FeeTier[] = []): FeeSchedule => ({
  tiers: tiers
    .flatMap((tier) => {
      const rates = ratesOf(tier, 'tier');
      return rates === undefined || !isDecimalString(tier.fromVolume)
        ? []
        : [{ ...rates, fromVolume: Number(decimal(tier.fromVolume).toFixed()) }];
    })
    .sort((a, b) => a.fromVolume - b.fromVolume),
  otherwise: (published && ratesOf(published, 'published')) ?? ASSUMED,
});

/** The rates of an account that traded `volume`; an unknown volume is none. Where no tier applies, what the venue takes of everybody. */
export const ratesFor = ({ tiers, otherwise }: FeeSchedule, volume: number): FeeRates => {
  let rates = otherwise;
  for (const tier of tiers) if (volume >= tier.fromVolume) rates = tier;
  return rates;
};

/** A value with its fee on top (what a buyer pays) or taken off (what a seller gets), rounded against the user. */
export const withFee = (value: bigint, fee: FeeRate, side: 'buy' | 'sell'): bigint => {
  const one = 10n ** BigInt(fee.places);
  const units = BigInt(fee.units);
  return side === 'buy' ? ceilDivide(value * (one + units), one) : (value * (one - units)) / one;
};

const ceilDivide = (a: bigint, b: bigint): bigint => (a + b - 1n) / b;
