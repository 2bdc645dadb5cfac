import { decimal, plain, ZERO, type Decimal, type DecimalString } from '@switchyard/money';
import { quoteOf, type MaxSize, type Signal, type SignalSize, type SkipReason } from '@switchyard/model';
import { closes } from '../closes.js';
import type { Follower } from './follower.js';

/** What a copy trades, or why it can't be said. */
export type ScaledSize =
  | {
      readonly ok: true;
      readonly size?: SignalSize | undefined;
      readonly maxSize?: MaxSize | undefined;
      readonly displayQuantity?: DecimalString | undefined;
    }
  | { readonly ok: false; readonly reason: Extract<SkipReason, 'not_in_dollars' | 'price_unknown' | 'size_too_small'> };

/**
 * The size of a strategy's signal for one account. Amounts of a subscription are US dollars.
 *
 *     strategy's size    multiplier f        fixed q      equity r, f
 *     quote x            quote x*f           quote q      balancePercent 100*f*x/r
 *     base x             base x*f            quote q      balancePercent 100*f*x*price/r
 *     balancePercent p   balancePercent p*f  quote q      balancePercent p*f
 *     none               the user's default * f (none where f is 1); fixed: quote q
 *
 * Then the caps: what is in their own unit is cut here, and risk cuts the rest by `maxSize`. What closes is scaled by a multiplier alone:
 * under the other two nobody knows which part of the account's position the strategy's size is, and it closes all. Exits are not cut.
 */
export const scaledSize = (signal: Signal, follower: Follower, price: Decimal | undefined): ScaledSize =>
  closes(signal) ? exitSize(signal, follower) : entrySize(signal, follower, price);

const exitSize = ({ size, displayQuantity }: Signal, { subscription: { scaling } }: Follower): ScaledSize => {
  if (size === undefined || scaling.kind !== 'multiplier') return { ok: true };
  const scaled = times(size, decimal(scaling.factor));
  return scaled === undefined
    ? { ok: false, reason: 'size_too_small' }
    : { ok: true, size: scaled, displayQuantity: shown(displayQuantity, decimal(scaling.factor), scaled) };
};

const entrySize = (signal: Signal, follower: Follower, price: Decimal | undefined): ScaledSize => {
  const { scaling, maxQuote, maxQuantity } = follower.subscription;
  const usesDollars = scaling.kind !== 'multiplier' || maxQuote !== undefined;
  if (usesDollars && !DOLLARS.has(quoteOf(signal.pair))) return { ok: false, reason: 'not_in_dollars' };
  const scaled = wished(signal, follower, price);
  if (scaled === 'price_unknown' || scaled === 'size_too_small') return { ok: false, reason: scaled };
  const size = cut(scaled, maxQuote, maxQuantity);
  const maxSize = capsBeyond(size, maxQuote, maxQuantity);
  const displayQuantity =
    scaling.kind === 'multiplier' ? shown(signal.displayQuantity, decimal(scaling.factor), size) : undefined;
  return { ok: true, size, maxSize, displayQuantity };
};

const wished = (
  { size }: Signal,
  { subscription: { scaling }, defaultBalancePercent }: Follower,
  price: Decimal | undefined,
): SignalSize | undefined | 'price_unknown' | 'size_too_small' => {
  if (scaling.kind === 'fixed') return { quote: scaling.quote };
  const factor = scaling.factor === undefined ? ONE : decimal(scaling.factor);
  if (size === undefined && factor.eq(ONE)) return undefined;
  const known = size ?? { balancePercent: defaultBalancePercent };
  if (scaling.kind === 'multiplier' || 'balancePercent' in known) return times(known, factor) ?? 'size_too_small';
  if ('base' in known && price === undefined) return 'price_unknown';
  const dollars = 'quote' in known ? decimal(known.quote) : decimal(known.base).times(price ?? ZERO);
  const percent = dollars.times(factor).times(HUNDRED).div(decimal(scaling.referenceEquity));
  return percentOf(percent) ?? 'size_too_small';
};

const times = (size: SignalSize, factor: Decimal): SignalSize | undefined => {
  if ('balancePercent' in size) return percentOf(decimal(String(size.balancePercent)).times(factor));
  const amount = ('quote' in size ? decimal(size.quote) : decimal(size.base)).times(factor).round(PLACES, DOWN);
  if (amount.lte(ZERO)) return undefined;
  return 'quote' in size ? { quote: plain(amount) } : { base: plain(amount) };
};

/** A share is at most all; risk has its own limit on top. */
const percentOf = (percent: Decimal): SignalSize | undefined => {
  const rounded = (percent.gt(HUNDRED) ? HUNDRED : percent).round(PERCENT_PLACES, DOWN);
  return rounded.gt(ZERO) ? { balancePercent: Number(plain(rounded)) } : undefined;
};

const cut = (
  size: SignalSize | undefined,
  maxQuote: DecimalString | undefined,
  maxQuantity: DecimalString | undefined,
): SignalSize | undefined => {
  if (size === undefined || 'balancePercent' in size) return size;
  if ('quote' in size) return maxQuote === undefined ? size : { quote: smaller(size.quote, maxQuote) };
  return maxQuantity === undefined ? size : { base: smaller(size.base, maxQuantity) };
};

/** The caps that the size itself doesn't show that it keeps to. */
const capsBeyond = (
  size: SignalSize | undefined,
  maxQuote: DecimalString | undefined,
  maxQuantity: DecimalString | undefined,
): MaxSize | undefined => {
  const quote = size !== undefined && 'quote' in size ? undefined : maxQuote;
  const base = size !== undefined && 'base' in size ? undefined : maxQuantity;
  if (quote === undefined && base === undefined) return undefined;
  return { ...(quote === undefined ? {} : { quote }), ...(base === undefined ? {} : { base }) };
};

/** What an iceberg shows: scaled as its whole, and never more than it. */
const shown = (
  displayQuantity: DecimalString | undefined,
  factor: Decimal,
  size: SignalSize | undefined,
): DecimalString | undefined => {
  if (displayQuantity === undefined) return undefined;
  const scaled = decimal(displayQuantity).times(factor).round(PLACES, DOWN);
  if (scaled.lte(ZERO)) return undefined;
  return size !== undefined && 'base' in size ? smaller(plain(scaled), size.base) : plain(scaled);
};

const smaller = (one: DecimalString, other: DecimalString): DecimalString =>
  decimal(one).lte(decimal(other)) ? one : other;

/** Quote currencies that count as a dollar each, as those of limits do. */
const DOLLARS: ReadonlySet<string> = new Set(['USD', 'USDT', 'USDC']);
const ONE = decimal('1');
const HUNDRED = decimal('100');
const DOWN = 0;
/** Places after the point that the contracts allow a decimal. */
const PLACES = 18;
const PERCENT_PLACES = 8;
