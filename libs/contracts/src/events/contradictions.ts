import { VENUES } from '@switchyard/model';
import { decimal, isDecimalString } from '@switchyard/money';

/** A limit that can't be meant as it stands beside the others: where (`accounts.acc-1.maxLossPerDayPercent`), and what is wrong with it. */
export interface Contradiction {
  readonly path: string;
  readonly problem: string;
}

/** Pairs of limits of which the first can't be reached, or never binds, where it is more than the second: sent together they contradict. */
const NOT_MORE_THAN = [
  ['defaultBalancePercent', 'maxBalancePercent'],
  ['maxOrderQuantity', 'maxPositionQuantity'],
  ['maxChildNotional', 'maxParentNotional'],
  ['maxParentNotional', 'maxNotionalPerDay'],
  ['maxLossPerDayPercent', 'maxDrawdownPercent'],
  ['targetVolatilityPercent', 'maxPortfolioVolatilityPercent'],
] as const;
const NOT_MORE_THAN_WITHIN = [
  ['maxChildNotional', 'maxNotionalPerDay'],
  ['maxLossPerDayPercent', 'maxDrawdownPercent'],
] as const;

/** What contradicts of limits as they were sent, whatever else is wrong with them. An absent limit contradicts nothing: a default yields. */
export const contradictions = (input: unknown): readonly Contradiction[] => {
  const given = objectOf(input);
  return [
    ...exceeding(given, NOT_MORE_THAN, []),
    ...(['accounts', 'venues'] as const).flatMap((part) =>
      Object.entries(objectOf(given[part])).flatMap(([name, scope]) =>
        exceeding(objectOf(scope), NOT_MORE_THAN_WITHIN, [part, name]),
      ),
    ),
    ...Object.keys(objectOf(given['venues']))
      .filter((venue) => !(VENUES as readonly string[]).includes(venue))
      .map((venue) => ({ path: `venues.${venue}`, problem: `must be one of ${VENUES.join(', ')}` })),
  ];
};

const exceeding = (
  given: Readonly<Record<string, unknown>>,
  rules: readonly (readonly [string, string])[],
  at: readonly string[],
): readonly Contradiction[] =>
  rules.flatMap(([less, more]): readonly Contradiction[] => {
    const [one, other] = [amountOf(given[less]), amountOf(given[more])];
    return one !== undefined && other !== undefined && one.gt(other)
      ? [{ path: [...at, less].join('.'), problem: `must not be more than ${more}, which is ${String(given[more])}` }]
      : [];
  });

const amountOf = (value: unknown) => {
  if (typeof value === 'number' && Number.isFinite(value)) return decimal(String(value));
  return typeof value === 'string' && isDecimalString(value) ? decimal(value) : undefined;
};

const objectOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
