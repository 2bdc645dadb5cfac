import { decimal, isDecimalString, plain } from '@switchyard/money';
import type { ApprovedOrder } from './inputs.js';
import type { DecisionRecord, VenueAssessment } from './decision.js';
import type { Realised } from './realised.js';
import { SCORE_PARTS } from './score.js';

/**
 * A decision as tables that a person understands: what was decided and why in a sentence, then every venue with its part, what it would
 * cost (and what it did cost, by account, where that is known), why it was not used, and each part of its score.
 */
export const tableOf = (
  order: Pick<ApprovedOrder, 'side' | 'pair' | 'quantity' | 'signalType'>,
  record: DecisionRecord,
  realised: Readonly<Record<string, Realised | undefined>> = {},
): string => {
  const { venues, strategy, method, algorithm, priority, remainder, proven, estimatedFees } = record;
  const head = [
    `${order.side} ${order.quantity} ${order.pair} (${order.signalType}), decided ${record.decidedAt}`,
    `method ${method}, algorithm ${algorithm}, priority ${priority}, strategy ${strategy}`,
    [
      `not traded ${remainder ?? '0'}`,
      ...(estimatedFees === undefined ? [] : [`fees expected ${short(estimatedFees) ?? '-'}`]),
      proven === false ? 'the best split was not proven' : 'no split is better',
    ].join(', '),
    record.sentence,
  ];
  const filled = Object.values(realised).some((known) => known !== undefined);
  const ranked = venues.some(({ rank }) => rank !== undefined);
  const scored = venues.filter(({ score }) => score !== undefined);
  return [
    ...head,
    '',
    ...tableWith([...WHERE, ...COSTS, ...(filled ? realisedColumns(order, realised) : []), WHY], venues),
    '',
    ...(scored.length === 0 ? [] : [...tableWith([...WHERE, ...(ranked ? [RANK] : []), ...SCORES], scored), '']),
  ].join('\n');
};

const tableWith = (columns: readonly Column[], venues: readonly VenueAssessment[]): readonly string[] =>
  aligned(
    [columns.map(({ title }) => title), ...venues.map((venue) => columns.map(({ cell }) => cell(venue)))],
    columns.map(({ right }) => right),
  );

interface Column {
  readonly title: string;
  /** Figures stand right. */
  readonly right: boolean;
  readonly cell: (venue: VenueAssessment) => string;
}

const figure = (title: string, cell: (venue: VenueAssessment) => string | number | undefined): Column => ({
  title,
  right: true,
  cell: (venue) => String(cell(venue) ?? '-'),
});
const words = (title: string, cell: (venue: VenueAssessment) => string | undefined): Column => ({
  title,
  right: false,
  cell: (venue) => cell(venue) ?? '-',
});

const WHERE: readonly Column[] = [words('venue', ({ venue }) => venue), words('account', ({ accountId }) => accountId)];

const COSTS: readonly Column[] = [
  figure('part', ({ quantity }) => quantity),
  figure('most', ({ most }) => most),
  words('bound by', ({ bound }) => bound),
  figure('price', ({ expectedPrice }) => short(expectedPrice)),
  figure('fee', ({ feeRate, feeAssumed }) =>
    feeRate === undefined ? undefined : `${feeRate}${feeAssumed === true ? '?' : ''}`,
  ),
  figure('cost', ({ expectedCost }) => short(expectedCost)),
  figure('cost bps', ({ costBps }) => costBps),
  figure('impact bps', ({ impactBps }) => impactBps),
];

/** `slip bps`: how much dearer a unit was than expected, fees apart. */
const realisedColumns = (
  { side }: Pick<ApprovedOrder, 'side'>,
  realised: Readonly<Record<string, Realised | undefined>>,
): readonly Column[] => {
  const sign = side === 'buy' ? 1 : -1;
  const of = ({ accountId, chosen }: VenueAssessment): Realised | undefined =>
    chosen ? realised[accountId] : undefined;
  return [
    figure('filled', (venue) => of(venue)?.quantity),
    figure('at', (venue) => short(of(venue)?.price)),
    figure('real cost', (venue) => short(of(venue)?.cost)),
    figure('slip bps', (venue) => {
      const [price, expected] = [Number(of(venue)?.price), Number(venue.expectedPrice)];
      const bps = Math.round(((sign * (price - expected)) / expected) * 1_000_000) / 100;
      return Number.isFinite(bps) ? bps + 0 : undefined;
    }),
  ];
};

const WHY = words('why', (venue) => whyOf(venue));

const RANK = figure('rank', ({ rank }) => rank);

const SCORES: readonly Column[] = [
  figure('score', ({ score }) => score),
  ...SCORE_PARTS.map((part) => figure(part, ({ figures }) => figures?.[part])),
];

/** Amounts for the eye: their first ten digits. Quantities are never shortened. */
const short = (amount: string | undefined): string | undefined =>
  amount === undefined || !isDecimalString(amount) ? amount : plain(decimal(amount).prec(10));

const whyOf = ({ chosen, rejected }: VenueAssessment): string => {
  if (rejected !== undefined) return `${rejected.code}: ${rejected.message}${chosen ? ' Used all the same.' : ''}`;
  return chosen ? 'used' : 'others serve the order better';
};

const aligned = (rows: readonly (readonly string[])[], right: readonly boolean[]): readonly string[] => {
  const widths = right.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) =>
        right[column] === true ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd(),
  );
};
