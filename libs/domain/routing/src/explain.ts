import type { Candidate } from './assess-venue.js';
import type { VenueAssessment } from './decision.js';
import { amountText, divide, textOf } from './grid.js';
import type { AccountCap, ApprovedOrder, RouteInputs } from './inputs.js';
import { farTouch } from './limit-price.js';
import type { FeeRate } from './prepared-market.js';
import { withFee } from './price-order.js';
import type { VenueRejection } from './rejections.js';

/** One account's venue after its assessment: a candidate, or why not. */
export interface Assessed {
  readonly cap: AccountCap;
  readonly candidate?: Candidate;
  readonly rejected?: VenueRejection;
}

/** A total cost (fee, and the distance from the best touch of all suitable venues) of this fraction scores 0; half of it 50. */
const COST_OF_NO_SCORE = 0.01;

/** Every venue looked at, with what it would cost and why it was not used. */
export const assessmentsOf = (
  inputs: RouteInputs,
  assessed: readonly Assessed[],
  chosen: Candidate,
): readonly VenueAssessment[] => {
  const reference = bestTouch(inputs.order, assessed);
  return assessed.map(({ cap, candidate, rejected }) => {
    const market = candidate?.market ?? inputs.venues[cap.venue]?.market;
    const ageMs = market === undefined ? Number.NaN : inputs.now.getTime() - market.receivedAtMs;
    return {
      venue: cap.venue,
      accountId: cap.accountId,
      chosen: candidate === chosen,
      ...(rejected === undefined ? {} : { rejected }),
      // A flaw that an exit put up with stands where a rejection would: the reader sees what was known.
      ...(candidate?.concern === undefined ? {} : { rejected: candidate.concern }),
      ...(market === undefined ? {} : { bookHash: market.view.bookHash }),
      ...(Number.isFinite(ageMs) ? { bookAgeMs: ageMs } : {}),
      ...(candidate === undefined ? {} : figuresOf(inputs.order, candidate, reference)),
    };
  });
};

/** The cheapest (dearest, for a sell) touch among the suitable venues: what everyone is measured against. */
const bestTouch = (order: ApprovedOrder, assessed: readonly Assessed[]): number | undefined => {
  let best: number | undefined;
  for (const { candidate } of assessed) {
    if (candidate === undefined) continue;
    const touch = farTouch(order, candidate.market);
    if (touch === undefined) continue;
    const price = Number(touch) / 10 ** candidate.market.tick.places;
    if (best === undefined || (order.side === 'buy' ? price < best : price > best)) best = price;
  }
  return best;
};

const round2 = (value: number): number => Math.round(value * 100) / 100;

const figuresOf = (
  order: ApprovedOrder,
  { market, fee, value, quantity, perUnit }: Candidate,
  reference: number | undefined,
): Partial<VenueAssessment> => {
  const fees = { feeRate: textOf(fee.units, fee.places), feeAssumed: market.feesAssumed };
  if (value === undefined) return fees;
  const { tick, lot } = market;
  const sign = order.side === 'buy' ? 1 : -1;
  const touch = farTouch(order, market);
  const shortfall = reference === undefined ? undefined : (sign * (perUnit - reference)) / reference;
  const average = Number(value) / Number(quantity);
  return {
    ...fees,
    ...(shortfall === undefined
      ? {}
      : { score: round2(Math.min(100, Math.max(0, 100 * (1 - shortfall / COST_OF_NO_SCORE)))) }),
    expectedCost: amountText(withFee(value, fee, order.side), tick.places + lot.places),
    expectedPrice: amountText(divide(value * 10n ** 8n, quantity), tick.places + 8),
    ...(touch === undefined ? {} : { impactBps: round2((sign * (average - Number(touch)) * 10_000) / Number(touch)) }),
  };
};

/** The decision in words that a trader understands. */
export const sentenceOf = (decision: {
  readonly order: ApprovedOrder;
  readonly chosen: Candidate;
  readonly assessed: readonly Assessed[];
  readonly remainder: string;
}): string => {
  const { order, chosen, assessed, remainder } = decision;
  const { cap, market, quantity, concern } = chosen;
  const verb = order.side === 'buy' ? 'Buy' : 'Sell';
  const parts = [
    `${verb} ${textOf(quantity, market.lot.places)} ${order.pair} at ${cap.venue} ${manner(order, chosen)}; ${whyHere(decision)}.`,
  ];
  if (concern !== undefined) parts.push(`${concern.message} An order that reduces risk goes all the same.`);
  if (chosen.value !== undefined) parts.push(expectation(order, chosen, chosen.value));
  if (remainder !== '0') parts.push(`${remainder} of the approved quantity is not traded: ${whyLess(chosen)}.`);
  const unused = assessed.flatMap(({ cap: { venue }, rejected }) =>
    rejected === undefined ? [] : [`${venue} (${lower(rejected.message)})`],
  );
  if (unused.length > 0) parts.push(`Not used: ${unused.join(', ')}.`);
  return parts.join(' ');
};

const manner = (order: ApprovedOrder, { market, choice, limitPrice, stopPrice }: Candidate): string => {
  const at = limitPrice === undefined ? '' : ` at ${textOf(limitPrice, market.tick.places)}`;
  const from = stopPrice === undefined ? '' : ` once ${textOf(stopPrice, market.tick.places)} trades`;
  const type = choice.orderType.replace('_', '-');
  if (choice.algorithm === 'immediate') return `as a ${type} order${at}${from}, because ${choice.because}`;
  const name = choice.algorithm.toUpperCase().replaceAll('_', ' ');
  return `as one ${order.postOnly === true ? 'post-only ' : ''}limit order${at}: ${name} is the method, because ${choice.because}, and works as a single order until it is built`;
};

const whyHere = ({ order, chosen, assessed }: Parameters<typeof sentenceOf>[0]): string => {
  const suitable = assessed.filter(
    ({ candidate }) => candidate?.concern === undefined && candidate !== undefined,
  ).length;
  if (order.venues?.prefer?.includes(chosen.cap.venue) === true) return 'the signal prefers this venue';
  if (assessed.length === 1) return 'the only venue with an account';
  return suitable <= 1 ? 'the only suitable venue' : `the lowest total cost of ${suitable} suitable venues`;
};

const expectation = (order: ApprovedOrder, { market, fee, quantity }: Candidate, value: bigint): string => {
  const { tick, lot, view } = market;
  const total = amountText(withFee(value, fee, order.side), tick.places + lot.places);
  const price = amountText(divide(value * 10n ** 4n, quantity), tick.places + 4);
  const rate = percentOf(fee);
  const known = market.feesAssumed ? `${rate} % fee (assumed: the venue's own is not known)` : `${rate} % fee`;
  return `Expected: ${price} on average and ${known}, ${order.side === 'buy' ? 'costing' : 'bringing'} ${total} ${view.instrument.quote}.`;
};

const percentOf = ({ units, places }: FeeRate): string =>
  places >= 2 ? textOf(units, places - 2) : textOf(units * 10n ** BigInt(2 - places), 0);

const whyLess = ({ whole }: Candidate): string =>
  whole ? "it is finer than the venue's lot" : "the account's cap is smaller";

const lower = (sentence: string): string => sentence.charAt(0).toLowerCase() + sentence.slice(1).replace(/\.$/, '');
