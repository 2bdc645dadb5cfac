import type { Assessment, Bound } from './assessment.js';
import type { RouteDecision } from './decision.js';
import type { Told } from './describe.js';
import type { FeeRate } from './fees.js';
import { amountText, divide, textOf } from './grid.js';
import type { RouteInputs } from './inputs.js';
import { rejectionOf } from './rejection-of.js';
import { VENUE_REJECTIONS } from './rejections.js';
import type { Strategy } from './strategy.js';

/** The decision in words that a trader understands. */
export const sentenceOf = (inputs: RouteInputs, decision: RouteDecision, told: readonly Told[]): string => {
  const { order } = inputs;
  const parts = told.filter(({ assessment: { share } }) => share > 0);
  const sentences = [
    `${order.side === 'buy' ? 'Buy' : 'Sell'} ${whereOf(inputs, decision, parts)}; ${whyHere(inputs, told)}.`,
  ];
  for (const { assessment } of parts)
    if (assessment.concern !== undefined)
      sentences.push(`${VENUE_REJECTIONS[assessment.concern][0]} An order that reduces risk goes all the same.`);
  for (const part of parts) sentences.push(...expectation(inputs, part, parts.length > 1));
  if (decision.remainder !== '0')
    sentences.push(
      `${decision.remainder} of the ${inputs.quantity === undefined ? 'approved' : 'open'} quantity is not traded: ${whyLess(told)}.`,
    );
  const unused = told
    .filter(({ assessment: { share } }) => share === 0)
    .map(({ assessment }) => {
      const reason = rejectionOf(inputs, assessment)?.message ?? LATER[inputs.settings.strategy];
      return `${assessment.cap.venue} (${lower(reason)})`;
    });
  if (unused.length > 0) sentences.push(`Not used: ${unused.join(', ')}.`);
  return sentences.join(' ');
};

/** `0.1 BTC-USD at binance as a market order, because ...`, or the parts of a split. */
const whereOf = ({ order }: RouteInputs, { choice }: RouteDecision, parts: readonly Told[]): string => {
  const places = parts.map(({ assessment }) => {
    const quantity = textOf(assessment.share, assessment.market?.lot.places ?? 0);
    return { quantity, venue: assessment.cap.venue, prices: pricesOf(assessment) };
  });
  const own = parts[0]?.assessment.choice ?? choice;
  const type = own.orderType.replace('_', '-');
  const [only] = places;
  if (only !== undefined && places.length === 1) {
    const at = `${only.quantity} ${order.pair} at ${only.venue}`;
    if (own.algorithm === 'immediate') return `${at} as a ${type} order${only.prices}, because ${own.because}`;
    const kind = `${order.postOnly === true ? 'post-only ' : ''}limit order${only.prices}`;
    return `${at} as one ${kind}: ${nameOf(own.algorithm)} is the method, because ${own.because}, and works as a single order until it is built`;
  }
  const list = places.map(({ quantity, venue, prices }) => `${quantity} at ${venue}${prices}`).join(', ');
  if (own.algorithm === 'immediate')
    return `${order.pair} by ${type} orders at ${places.length} venues (${list}), because ${own.because}`;
  return `${order.pair} by limit orders at ${places.length} venues (${list}): ${nameOf(own.algorithm)} is the method, because ${own.because}, and works as a single order at each venue until it is built`;
};

const nameOf = (algorithm: string): string => algorithm.toUpperCase().replaceAll('_', ' ');

const pricesOf = ({ market, limitPrice, stopPrice }: Assessment): string => {
  const places = market?.tick.places ?? 0;
  const at = limitPrice === 0 ? '' : ` at ${textOf(limitPrice, places)}`;
  return stopPrice === 0 ? at : `${at} once ${textOf(stopPrice, places)} trades`;
};

const BY: Readonly<Record<Exclude<Strategy, 'best_cost'>, string>> = {
  score: 'the highest score',
  round_robin: 'the next in turn',
  least_loaded: 'the shortest queue',
  weighted: 'drawn by its weight',
  adaptive: 'drawn by what was learnt of it',
};

const LATER: Readonly<Record<Strategy, string>> = {
  best_cost: 'it would cost more',
  score: 'its score is lower',
  round_robin: 'its turn comes later',
  least_loaded: 'its queue is longer',
  weighted: 'another was drawn',
  adaptive: 'another was drawn',
};

const whyHere = ({ order, settings }: RouteInputs, told: readonly Told[]): string => {
  const suitable = told.filter(
    ({ assessment: { rejected, concern } }) => rejected === undefined && concern === undefined,
  );
  const used = told.filter(({ assessment }) => assessment.share > 0);
  const [first] = used;
  if (first !== undefined && order.venues?.prefer?.includes(first.assessment.cap.venue) === true)
    return 'the signal prefers this venue';
  if (told.length === 1) return 'the only venue with an account';
  if (suitable.length <= 1 && used.length === 1) return 'the only suitable venue';
  const of = `of ${suitable.length} suitable venues`;
  return settings.strategy === 'best_cost' ? `the lowest total cost ${of}` : `${BY[settings.strategy]} ${of}`;
};

const expectation = (
  { order }: RouteInputs,
  { assessment: { market, fee, rates, cap }, expected }: Told,
  named: boolean,
): readonly string[] => {
  if (market === undefined || fee === undefined || expected === undefined) return [];
  const { tick, lot, view } = market;
  const total = amountText(expected.total, tick.places + lot.places);
  const price = amountText(divide(expected.value * 10n ** 4n, BigInt(expected.quantity)), tick.places + 4);
  const rate = percentOf(fee);
  const known = rates?.source === 'assumed' ? `${rate} % fee (assumed: the venue's own is not known)` : `${rate} % fee`;
  return [
    `Expected${named ? ` at ${cap.venue}` : ''}: ${price} on average and ${known}, ${order.side === 'buy' ? 'costing' : 'bringing'} ${total} ${view.instrument.quote}.`,
  ];
};

const percentOf = ({ units, places }: FeeRate): string =>
  places >= 2 ? textOf(units, places - 2) : textOf(units * 10 ** (2 - places), 0);

const LESS: Readonly<Record<Bound, string>> = {
  order: 'it is less than the lot of a venue that is used, and too little for an order elsewhere',
  cap: "the account's cap is smaller",
  depth: 'the books hold too little for more',
  largest_order: 'it is above the largest order that the venue takes',
  funds: 'more would cost more than is reserved',
};

/** What bound the venues that were used, where all of them are; a lot, where one could have taken more. */
const whyLess = (told: readonly Told[]): string => {
  const used = told.filter(({ assessment }) => assessment.share > 0);
  const free = used.some(({ assessment: { bound, share, most } }) => bound === 'order' || share < most);
  return LESS[free ? 'order' : (used[0]?.assessment.bound ?? 'order')];
};

const lower = (sentence: string): string => sentence.charAt(0).toLowerCase() + sentence.slice(1).replace(/\.$/, '');
