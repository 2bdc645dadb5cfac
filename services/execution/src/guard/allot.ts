import { drawn, earnedIn, RANK, waitOf, type Bucket, type BucketRules, type CallClass } from './bucket.js';

/** A call that wants to go out: what it costs in each scope that counts it. */
export interface Want {
  readonly class: CallClass;
  readonly costs: readonly Cost[];
}

export interface Cost {
  readonly scope: string;
  readonly rules: BucketRules;
  readonly tokens: number;
}

/** `waitMs`: how long until it may, behind those that wait before it. */
export type Allotment = { readonly granted: true } | { readonly granted: false; readonly waitMs: number };

export interface ScopedBucket {
  readonly rules: BucketRules;
  /** As it is now. */
  readonly bucket: Bucket;
}

/**
 * Shares out what is in the buckets: the higher classes first, within a class in the order given, and a call has all of its tokens or
 * none. Pure. Scopes that are not named among the buckets count nothing.
 */
export const allot = (
  scopes: ReadonlyMap<string, ScopedBucket>,
  wants: readonly Want[],
): { readonly scopes: ReadonlyMap<string, ScopedBucket>; readonly allotments: readonly Allotment[] } => {
  const left = new Map(scopes);
  const behind = new Map<string, number>();
  const allotments = new Array<Allotment>(wants.length);
  const order = wants.map((want, index) => ({ want, index })).sort((a, b) => RANK[a.want.class] - RANK[b.want.class]);
  for (const { want, index } of order) {
    const after = want.costs.flatMap(({ scope, tokens }) => {
      const known = left.get(scope);
      // Nobody overtakes who waits for the same tokens.
      const waiting = behind.get(lineOf(want, scope)) ?? 0;
      return known === undefined
        ? []
        : [
            {
              scope,
              known,
              tokens,
              waiting,
              bucket: waiting > 0 ? undefined : drawn(known.bucket, known.rules, want.class, tokens),
            },
          ];
    });
    if (after.every(({ bucket }) => bucket !== undefined)) {
      for (const { scope, known, bucket } of after) if (bucket) left.set(scope, { ...known, bucket });
      allotments[index] = { granted: true };
      continue;
    }
    const waits = after.map(
      ({ known: { bucket, rules }, tokens, waiting }) =>
        waitOf(bucket, rules, want.class, tokens) + earnedIn(rules, want.class, waiting),
    );
    for (const { scope, tokens, bucket } of after)
      if (bucket === undefined) behind.set(lineOf(want, scope), (behind.get(lineOf(want, scope)) ?? 0) + tokens);
    allotments[index] = { granted: false, waitMs: Math.ceil(Math.max(1, ...waits)) };
  }
  return { scopes: left, allotments };
};

const lineOf = ({ class: of }: Want, scope: string): string => `${of} ${scope}`;
