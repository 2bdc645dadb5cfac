import type { ApprovedOrder } from './inputs.js';
import type { DecisionRecord, VenueAssessment } from './decision.js';
import { SCORE_PARTS } from './score.js';

/**
 * A decision as a table that a person understands: what was decided and why in a sentence, then every venue with its part, what it would
 * cost, each part of its score, and why it was not used.
 */
export const tableOf = (
  order: Pick<ApprovedOrder, 'side' | 'pair' | 'quantity' | 'signalType'>,
  record: DecisionRecord,
): string => {
  const { venues, strategy, method, algorithm, priority, remainder, proven, estimatedFees } = record;
  const head = [
    `${order.side} ${order.quantity} ${order.pair} (${order.signalType}), decided ${record.decidedAt}`,
    `method ${method}, algorithm ${algorithm}, priority ${priority}, strategy ${strategy}`,
    [
      `not traded ${remainder ?? '0'}`,
      ...(estimatedFees === undefined ? [] : [`fees expected ${estimatedFees}`]),
      proven === false ? 'the best split was not proven' : 'no split is better',
    ].join(', '),
    record.sentence,
  ];
  const ranked = venues.some(({ rank }) => rank !== undefined);
  const columns = COLUMNS.filter(({ title }) => title !== 'rank' || ranked);
  const rows = [columns.map(({ title }) => title), ...venues.map((venue) => columns.map(({ cell }) => cell(venue)))];
  return [
    ...head,
    '',
    ...aligned(
      rows,
      columns.map(({ right }) => right),
    ),
    '',
  ].join('\n');
};

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

const COLUMNS: readonly Column[] = [
  words('venue', ({ venue }) => venue),
  words('account', ({ accountId }) => accountId),
  figure('part', ({ quantity }) => quantity),
  figure('most', ({ most }) => most),
  words('bound by', ({ bound }) => bound),
  figure('price', ({ expectedPrice }) => expectedPrice),
  figure('fee', ({ feeRate, feeAssumed }) =>
    feeRate === undefined ? undefined : `${feeRate}${feeAssumed === true ? '?' : ''}`,
  ),
  figure('cost', ({ expectedCost }) => expectedCost),
  figure('cost bps', ({ costBps }) => costBps),
  figure('impact bps', ({ impactBps }) => impactBps),
  figure('rank', ({ rank }) => rank),
  figure('score', ({ score }) => score),
  ...SCORE_PARTS.map((part) => figure(part, ({ figures }) => figures?.[part])),
  words('why', (venue) => whyOf(venue)),
];

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
