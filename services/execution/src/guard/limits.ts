import type { CallName, LimitUsed, RateLimit, VenueRates } from '@switchyard/exchanges';
import type { Cost } from './allot.js';
import type { BucketRules } from './bucket.js';

/** What a deployment sets for a venue; what is absent is as `limitsOf` says. */
export interface BudgetSettings {
  /** Calls from one address a second, and at once. */
  readonly perSecond?: number | undefined;
  readonly burst?: number | undefined;
  /** Calls for one account a second, and at once. */
  readonly perAccountPerSecond?: number | undefined;
  readonly perAccountBurst?: number | undefined;
  /** What all calls from one address may weigh in the venue's window, where it grants more (or less) than it documents. */
  readonly weight?: number | undefined;
}

/** What is counted at a venue; absent: not counted. */
export interface VenueLimits {
  /** Calls, by the address they leave from and by account. */
  readonly calls: { readonly address?: BucketRules; readonly account?: BucketRules };
  /** By the venue's own weights, for an address. */
  readonly weight?: BucketRules;
  /** New orders of an account. */
  readonly orders?: BucketRules;
  readonly rates: VenueRates | undefined;
}

const CALLS: BucketRules = { perSecond: 10, burst: 20 };
const ACCOUNT_CALLS: BucketRules = { perSecond: 5, burst: 10 };

/**
 * What may be asked of a venue. A real one, and its test net: 10 calls a second and 20 at once from an address, half of that for an account,
 * and never beyond what the venue documents, whose windows even a burst at the wrong moment fits into. At a simulator calls and weights are
 * counted where they are set, else only an account's orders, a whole window of them at once; what it refuses (429) is obeyed all the same.
 */
export const limitsOf = (
  settings: BudgetSettings,
  documented: VenueRates | undefined,
  isSimulator: boolean,
): VenueLimits => {
  const address = callsOf(settings.perSecond, settings.burst, isSimulator ? undefined : CALLS);
  const account = callsOf(
    settings.perAccountPerSecond,
    settings.perAccountBurst,
    isSimulator ? undefined : ACCOUNT_CALLS,
  );
  const rates = documented && granted(documented, settings.weight);
  const fit = isSimulator ? wholeWindow : withinWindow;
  const countsWeight = !isSimulator || settings.weight !== undefined;
  return {
    calls: { ...(address && { address }), ...(account && { account }) },
    ...(countsWeight && rates?.weight ? { weight: fit(rates.weight) } : {}),
    ...(rates?.orders ? { orders: fit(rates.orders) } : {}),
    rates,
  };
};

const granted = (rates: VenueRates, weight: number | undefined): VenueRates =>
  weight === undefined || !rates.weight ? rates : { ...rates, weight: { ...rates.weight, limit: weight } };

/** A burst alone says nothing of the pace, which is then the default's; a pace alone allows two seconds at once, as the default does. */
const callsOf = (
  perSecond: number | undefined,
  burst: number | undefined,
  standard: BucketRules | undefined,
): BucketRules | undefined => {
  if (perSecond === undefined && burst === undefined) return standard;
  const pace = perSecond ?? standard?.perSecond ?? CALLS.perSecond;
  return { perSecond: pace, burst: burst ?? 2 * pace };
};

/** Burst and pace together are the limit of one window, whenever in it the burst comes. */
const withinWindow = ({ limit, windowMs }: RateLimit): BucketRules => ({
  burst: 0.2 * limit,
  perSecond: (0.8 * limit) / (windowMs / 1_000),
});

const wholeWindow = ({ limit, windowMs }: RateLimit): BucketRules => ({
  burst: limit,
  perSecond: limit / (windowMs / 1_000),
});

/** What one call costs, by scope. `egress` names the address it leaves from. */
export const costsOf = (
  { calls, weight, orders, rates }: VenueLimits,
  egress: string,
  call: CallName,
  accountId: string | undefined,
): readonly Cost[] => [
  ...cost(`${addressScope(egress)}/calls`, calls.address, 1),
  ...cost(`${addressScope(egress)}/weight`, weight, rates?.costs[call] ?? 1),
  ...(accountId === undefined ? [] : cost(`${accountScope(accountId)}/calls`, calls.account, 1)),
  ...(accountId === undefined || call !== 'place' ? [] : cost(`${accountScope(accountId)}/orders`, orders, 1)),
];

const cost = (scope: string, rules: BucketRules | undefined, tokens: number): readonly Cost[] =>
  rules === undefined ? [] : [{ scope, rules, tokens }];

/** The scope that a count of the venue's corrects, and its limit; `undefined` where it is not counted here. */
export const countedScope = (
  { rates }: VenueLimits,
  egress: string,
  { counts, windowMs }: LimitUsed,
  accountId: string | undefined,
): { readonly scope: string; readonly limit: number } | undefined => {
  const limit = rates?.[counts] ?? undefined;
  if (limit?.windowMs !== windowMs) return undefined;
  if (counts === 'weight') return { scope: `${addressScope(egress)}/weight`, limit: limit.limit };
  return accountId === undefined ? undefined : { scope: `${accountScope(accountId)}/orders`, limit: limit.limit };
};

/** Whom a venue tells to stay away. */
export const addressScope = (egress: string): string => `address/${egress}`;
export const accountScope = (accountId: string): string => `account/${accountId}`;
