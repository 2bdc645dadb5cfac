import { below, type Figures, type Goal } from '../benchmark.js';
import { percentile, rounded } from '../statistics.js';
import { failoversOf, type Failover, type Story } from './story.js';
import type { Trouble } from './trouble.js';

/** A spell of trouble; times in milliseconds since 1970. */
export interface Spell {
  readonly trouble: Trouble;
  readonly from: number;
  readonly to: number;
  /** When the first order came that the venue took again; undefined: none did while it was waited for. */
  readonly healedAt: number | undefined;
}

export interface Seen {
  readonly victim: string;
  readonly spells: readonly Spell[];
  readonly stories: readonly Story[];
  /** Orders that venues filled, by their ledgers, whether we know of them or not. */
  readonly filledAtVenues: number;
}

/** What a spell leaves behind ends so much later. */
const AFTERMATH_MS = 3_000;

/** Milliseconds, counts and percent. The goals are those of the mission. */
export const figuresOf = ({ victim, spells, stories, filledAtVenues }: Seen) => {
  const figures: Record<string, number> = {};
  const goals: Goal[] = [];
  const all = stories.flatMap(failoversOf).filter(({ from }) => from.venue === victim);
  // Whose outcome was unknown goes elsewhere only when the venue has proven that it has nothing of it.
  const [unknown, failed] = parted(all, ({ from }) => from.failure.code === 'NEVER_ARRIVED');
  const troubles = [...new Set(spells.map(({ trouble }) => trouble))];
  for (const trouble of troubles) {
    const some = spells.filter((spell) => spell.trouble === trouble);
    const during = (at: number): boolean => some.some(({ from, to }) => at >= from && at < to + AFTERMATH_MS);
    const here = failed.filter(({ from }) => during(from.failure.at));
    const begun = stories.filter(({ children: [first] }) => first !== undefined && during(first.routedAt));
    Object.assign(figures, {
      [`${trouble}.signals`]: begun.length,
      [`${trouble}.failovers`]: here.length,
      [`${trouble}.filledElsewhere`]: begun.filter(isFilledElsewhere(victim)).length,
      [`${trouble}.filledPercent`]: rounded((begun.filter(isFilled).length / begun.length) * 100),
      ...spread(`${trouble}.failover`, here.map(failureToAcceptance)),
      ...spread(`${trouble}.detour`, here.map(decisionToAcceptance)),
    });
    const healing = some.flatMap(({ to, healedAt }) => (healedAt === undefined ? [] : [healedAt - to]));
    figures[`${trouble}.healedSpells`] = healing.length;
    figures[`${trouble}.longestUntilUsedAgainMs`] = largest(healing);
  }
  const times = failed.map(failureToAcceptance);
  Object.assign(figures, {
    failovers: failed.length,
    ...spread('failover', times),
    ...spread('detour', failed.map(decisionToAcceptance)),
    failoversAfterProof: unknown.length,
    ...(unknown.length === 0 ? {} : spread('afterProof', unknown.map(failureToAcceptance))),
    signals: stories.length,
    filledPercent: rounded((stories.filter(isFilled).length / stories.length) * 100),
    spells: spells.length,
    healedSpells: spells.filter(({ healedAt }) => healedAt !== undefined).length,
    split: stories.filter(({ children }) => children.filter(({ filled }) => filled > 0).length > 1).length,
    // More was traded than approved, or venues filled orders of which nobody here knows.
    doubled: stories.filter(isOverfilled).length + filledAtVenues - stories.flatMap(filledChildren).length,
  });
  goals.push(
    below('failure to acceptance elsewhere, p99', percentile(times, 0.99), 'ms', 1_000),
    below('first decision to acceptance elsewhere, max', largest(failed.map(decisionToAcceptance)), 'ms', 5_000),
    below('doubled', figures['doubled'] ?? Number.NaN, 'orders', 1),
    below(
      'spells after which the venue was not used again',
      spells.length - (figures['healedSpells'] ?? 0),
      'spells',
      1,
    ),
  );
  return { figures: figures as Figures, goals };
};

/** Codes with which signals ended of which nothing was traded, and how often. */
export const reasonsOf = (stories: readonly Story[]): Readonly<Record<string, number>> => {
  const counts: Record<string, number> = {};
  for (const story of stories.filter((one) => !isFilled(one))) {
    const reason = story.refusal ?? story.children.findLast(({ failure }) => failure)?.failure?.code ?? 'NOT_ENDED';
    counts[reason] = (counts[reason] ?? 0) + 1;
  }
  return counts;
};

const isFilled = ({ children }: Story): boolean => children.some(({ filled }) => filled > 0);

const filledChildren = ({ children }: Story) => children.filter(({ filled }) => filled > 0);

const isOverfilled = ({ approved, children }: Story): boolean =>
  children.reduce((sum, { filled }) => sum + filled, 0) > approved * (1 + 1e-9);

const isFilledElsewhere =
  (victim: string) =>
  ({ children }: Story): boolean =>
    children.some(({ filled, venue }) => filled > 0 && venue !== victim);

const failureToAcceptance = ({ from, to }: Failover): number => to.placedAt - from.failure.at;

/** Everything that the venue in trouble cost: from the decision that chose it. */
const decisionToAcceptance = ({ from, to }: Failover): number => to.placedAt - from.routedAt;

/** NaN of nothing, so that what was not measured can't look like a good figure. */
const largest = (values: readonly number[]): number => (values.length === 0 ? Number.NaN : Math.max(...values));

const spread = (name: string, values: readonly number[]): Record<string, number> =>
  values.length === 0
    ? {}
    : {
        [`${name}P50Ms`]: percentile(values, 0.5),
        [`${name}P95Ms`]: percentile(values, 0.95),
        [`${name}P99Ms`]: percentile(values, 0.99),
        [`${name}MaxMs`]: Math.max(...values),
      };

const parted = <T>(values: readonly T[], is: (value: T) => boolean): readonly [readonly T[], readonly T[]] => [
  values.filter(is),
  values.filter((value) => !is(value)),
];
