import type { Assessment } from './assessment.js';
import type { DecisionRecord, RecordedInputs, RecordedVenue, RouteDecision, VenueAssessment } from './decision.js';
import { expectationOf, type Expectation } from './expectation.js';
import { amountText, divide, tenTo, textOf } from './grid.js';
import type { Ground } from './ground.js';
import type { RouteInputs, VenueFacts } from './inputs.js';
import { farTouch } from './limit-price.js';
import { rejectionOf } from './rejection-of.js';
import { ROUTING_RULES } from './rules.js';
import { SCORE_PARTS, type ScoreFigures } from './score.js';
import { sentenceOf } from './sentence.js';

/** A decision as it goes out: decimals for whole numbers, codes with their facts, a sentence. The inputs are those it was made with. */
export const describe = (inputs: RouteInputs, decision: RouteDecision): DecisionRecord => {
  const { assessments, choice, priority, remainder, proven, ground } = decision;
  const told = assessments.map((assessment) => ({
    assessment,
    expected: expectationOf(inputs.order.side, assessment, assessment.share || assessment.most),
  }));
  const fees = feesOf(told);
  return {
    method: choice.method,
    algorithm: choice.algorithm,
    priority,
    strategy: inputs.settings.strategy,
    venues: told.map(({ assessment, expected }) => assessmentOf(inputs, ground, assessment, expected)),
    ...(fees === undefined ? {} : { estimatedFees: fees }),
    ...(remainder === '0' ? {} : { remainder }),
    ...(proven ? {} : { proven: false }),
    sentence: sentenceOf(inputs, decision, told),
    decidedAt: new Date(decision.decidedAtMs).toISOString(),
  };
};

export interface Told {
  readonly assessment: Assessment;
  readonly expected: Expectation | undefined;
}

/** Of all parts together; undefined where one's is not known. */
const feesOf = (told: readonly Told[]): string | undefined => {
  const parts = told.filter(({ assessment }) => assessment.share > 0);
  const places = Math.max(0, ...parts.map(({ expected }) => expected?.feePlaces ?? 0));
  let sum = 0n;
  for (const { expected } of parts) {
    if (expected === undefined) return undefined;
    sum += expected.fees * 10n ** BigInt(places - expected.feePlaces);
  }
  return amountText(sum, places);
};

const assessmentOf = (
  inputs: RouteInputs,
  ground: Ground,
  assessment: Assessment,
  expected: Expectation | undefined,
): VenueAssessment => {
  const { cap, market, share, marks, rates, fee, rejected } = assessment;
  const rejection = rejectionOf(inputs, assessment);
  const ageMs = market === undefined ? Number.NaN : inputs.now.getTime() - market.receivedAtMs;
  const shown = fee ?? rates?.taker;
  const suitable = rejected === undefined;
  return {
    venue: cap.venue,
    accountId: cap.accountId,
    chosen: share > 0,
    ...(marks === undefined || !suitable ? {} : { score: round2(marks.score), figures: byPart(marks.figures) }),
    ...(suitable && isRanked(inputs) ? { rank: assessment.rank } : {}),
    ...(rejection === undefined ? {} : { rejected: rejection }),
    ...(market === undefined || market.kind === 'lit' ? {} : { kind: market.kind }),
    ...(market === undefined ? {} : { bookHash: market.view.bookHash }),
    ...(Number.isFinite(ageMs) ? { bookAgeMs: ageMs } : {}),
    ...(shown === undefined || rates === undefined
      ? {}
      : {
          feeRate: textOf(shown.units, shown.places),
          feeSource: rates.source,
          feeAssumed: rates.source === 'assumed',
        }),
    ...(market === undefined || !suitable
      ? {}
      : {
          ...(share > 0 ? { quantity: textOf(share, market.lot.places) } : {}),
          most: textOf(assessment.most, market.lot.places),
          bound: assessment.bound,
          ...(expected === undefined ? {} : costsOf(inputs, ground, assessment, expected)),
        }),
  };
};

const isRanked = ({ order, settings }: RouteInputs): boolean =>
  settings.strategy !== 'best_cost' || (order.venues?.prefer?.length ?? 0) > 0;

const byPart = (figures: ScoreFigures): NonNullable<VenueAssessment['figures']> =>
  Object.fromEntries(SCORE_PARTS.map((part, index) => [part, round2(figures[index] ?? 0)])) as NonNullable<
    VenueAssessment['figures']
  >;

const costsOf = (
  { order: { side } }: RouteInputs,
  ground: Ground,
  { market }: Assessment,
  { quantity, value, total }: Expectation,
): Partial<VenueAssessment> => {
  if (market === undefined) return {};
  const { tick, lot } = market;
  const sign = side === 'buy' ? 1 : -1;
  const touch = farTouch(side, market);
  const average = Number(value) / quantity;
  const paid = Number(total) / quantity / tenTo(tick.places);
  const best = ground.touch / tenTo(ground.touchPlaces);
  return {
    expectedCost: amountText(total, tick.places + lot.places),
    expectedPrice: amountText(divide(value * 10n ** 8n, BigInt(quantity)), tick.places + 8),
    ...(best === 0 ? {} : { costBps: round2((sign * (paid - best) * 10_000) / best) }),
    ...(touch === 0 ? {} : { impactBps: round2((sign * (average - touch) * 10_000) / touch) }),
  };
};

/** Never -0, which JSON forgets. */
const round2 = (value: number): number => Math.round(value * 100) / 100 + 0;

/** All that the decision was made with, but the approval, and the books themselves. */
export const recordedInputs = (inputs: RouteInputs): RecordedInputs => {
  const { order, venues, quantity, tried, held, accounts, turn, weights, rates, settings } = inputs;
  return {
    rules: ROUTING_RULES,
    ...(quantity === undefined ? {} : { quantity }),
    tried,
    ...(held === undefined || held.length === 0 ? {} : { held }),
    ...(accounts === undefined ? {} : { accounts }),
    ...(turn === undefined ? {} : { turn }),
    ...(weights === undefined ? {} : { weights }),
    ...(rates === undefined ? {} : { rates }),
    settings,
    venues: Object.fromEntries(order.caps.map(({ venue }) => [venue, recordedVenue(venues[venue])])),
  };
};

const recordedVenue = (facts: VenueFacts | undefined): RecordedVenue => {
  const { known = false, healthy, removed, state, record, history, market } = facts ?? {};
  const view = market?.view;
  const terms = market?.terms;
  return {
    known,
    ...(healthy === undefined ? {} : { healthy }),
    ...(removed === undefined ? {} : { removed }),
    ...(state === undefined ? {} : { state }),
    ...(view === undefined
      ? {}
      : { bookHash: view.bookHash, receivedAt: view.receivedAt, instrument: view.instrument }),
    ...(view?.fees === undefined ? {} : { fees: view.fees }),
    ...(terms === undefined || Object.keys(terms).length === 0 ? {} : { terms }),
    ...(record === undefined ? {} : { record }),
    ...(history === undefined ? {} : { history }),
  };
};
