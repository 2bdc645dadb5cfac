import { plain } from '@switchyard/money';
import { refuse, type Refusal, type UserPolicy } from '@switchyard/model';
import { approve } from './approval.js';
import { buy } from './buy.js';
import { approvedCap, openCap } from './caps.js';
import type { BalanceUpdated, Environment, HeldExitDue, Outcome, RiskCommand, SignalValidated } from './commands.js';
import { isOfParent } from './finished-parents.js';
import { orderCompleted, orderFilled } from './fold-orders.js';
import { accountOf, balanceUpdated, withAccount } from './funds.js';
import { dueOf, entriesBefore, openEntries, waitOf } from './held-exits.js';
import { Prices } from './prices.js';
import { looked } from './profit.js';
import { proposalOf, reduces, type Proposal } from './proposal.js';
import { refilled, taken } from './rate.js';
import { recommendationFor } from './recommendation.js';
import { omitting } from './record.js';
import { REDUCING } from './risk-score.js';
import { close, sellHoldings } from './sell.js';
import type { HeldExit, OpenParent, RiskState } from './state.js';
import { tradingDay } from './trading-day.js';
import type { Recommendation, Verdict } from './verdict.js';

export interface Decision {
  readonly state: RiskState;
  readonly outcomes: readonly Outcome[];
}

/**
 * Risk's whole decision over one user: state and command in, state and outcomes out. Total: every command gets a decision, none throws.
 *
 * 1. An approval and its reservations are one state: no interleaving of a user's commands can grant the same money, position or place twice.
 * 2. Fills and completions commute and are idempotent; a repeated approval of the same parent changes nothing.
 * 3. Exits pass whatever stops entries. One waits for its entry while that moves, not for an entry that rests if there is something to close.
 */
export const decide = (state: RiskState, command: RiskCommand, environment: Environment): Decision => {
  switch (command.type) {
    case 'signalValidated':
      return afterHeldExits(state, environment, (now) => signalValidated(now, command, environment));
    case 'policyChanged':
      return { state: policyChanged(state, command.policy), outcomes: [] };
    case 'balanceUpdated':
      return afterHeldExits(balanceTold(state, command, environment), environment);
    case 'orderFilled':
      return afterHeldExits(orderFilled(state, command, environment), environment);
    case 'orderCompleted':
      return afterHeldExits(orderCompleted(state, command, environment), environment);
    case 'heldExitDue':
      return afterHeldExits(state, environment, (now) => stillHeld(now, command, environment));
  }
};

/** Whether a decision looks at the user's policy: fills, completions and balances do for the exits alone that wait. */
export const needsPolicy = (state: Pick<RiskState, 'held'>, { type }: RiskCommand): boolean =>
  type === 'signalValidated' || type === 'policyChanged' || state.held.length > 0;

/**
 * The highest version wins. Accounts that the version before named and this one doesn't leave, once nothing of theirs is under way. What
 * no version has named yet stays: an account's balance may come before the version that names it, since topics promise each other no order.
 */
const policyChanged = (state: RiskState, policy: UserPolicy): RiskState => {
  if (state.policy !== undefined && state.policy.version >= policy.version) return state;
  const { userId, version, enabled, mode, limits, pairs, accounts } = policy;
  const kept = accounts.map((account) => omitting(account, 'startingBalances'));
  const gone = new Set(state.policy?.accounts.map(({ accountId }) => accountId));
  for (const { accountId } of accounts) gone.delete(accountId);
  for (const parent of state.parents) for (const id of Object.keys(parent.caps)) gone.delete(id);
  return {
    ...state,
    policy: { userId, version, enabled, mode, limits, accounts: kept, ...(pairs === undefined ? {} : { pairs }) },
    accounts: Object.fromEntries(Object.entries(state.accounts).filter(([id]) => !gone.has(id))),
  };
};

/** A balance, and with it a look at the profit of its account. */
const balanceTold = (state: RiskState, command: BalanceUpdated, { market, now }: Environment): RiskState => {
  const told = balanceUpdated(state, command);
  if (told === state) return state;
  const account = accountOf(told, command.accountId);
  const seen = looked(account, account.timeZone ?? 'UTC', new Prices(market, now.getTime()), now);
  return seen === account ? told : withAccount(told, command.accountId, seen);
};

const signalValidated = (state: RiskState, command: SignalValidated, environment: Environment): Decision => {
  const { signal, parentOrderId } = command;
  if (isKnown(state, parentOrderId)) return { state, outcomes: [] };
  const waitsFor = reduces(command) ? entriesBefore(state, signal) : [];
  if (waitsFor.length === 0) return judged(state, command, environment);
  const exit = { signal: omitting(signal, 'metadata'), parentOrderId, waitsFor, ...tracing(command.trace) };
  const decision = decidedNow(state, exit, environment);
  if (decision !== undefined) return decision;
  const { maxHeldExits } = environment.settings;
  if (state.held.length >= maxHeldExits) {
    return {
      state,
      outcomes: [rejected(command, [refuse('QUEUE_FULL', { held: state.held.length, maxHeldExits })], REDUCING)],
    };
  }
  return { state: { ...state, held: [...state.held, exit] }, outcomes: heldNow(state, exit, environment) };
};

/** What is told of an exit that was looked at because it was due: nothing while its entries move again. */
const stillHeld = (state: RiskState, { parentOrderId }: HeldExitDue, environment: Environment): Decision => {
  const exit = state.held.find((held) => held.parentOrderId === parentOrderId);
  const rests = exit !== undefined && waitOf(state, exit, environment) === 'resting';
  return { state, outcomes: rests ? heldNow(state, exit, environment) : [] };
};

const heldNow = (state: RiskState, exit: HeldExit, environment: Environment): readonly Outcome[] => [
  {
    type: 'held',
    signalId: exit.signal.signalId,
    parentOrderId: exit.parentOrderId,
    entries: waitOf(state, exit, environment) === 'resting' ? 'resting' : 'moving',
    waitsFor: openEntries(state, exit).map(({ parentOrderId }) => parentOrderId),
    ...dueOf(state, exit, environment),
    ...tracing(exit.trace),
  },
];

/**
 * Exits whose entries have ended are decided in the same transaction as what ended them, in the order they came; those whose entries came
 * to rest, when that is due, or at whatever the user is heard of by before.
 */
const afterHeldExits = (
  state: RiskState,
  environment: Environment,
  next: (now: RiskState) => Decision = undecided,
): Decision => {
  if (state.held.length === 0) return next(state);
  let now = state;
  const outcomes: Outcome[] = [];
  for (const exit of state.held) {
    const held = now.held.filter((other) => other !== exit);
    const decision = decidedNow({ ...now, held }, exit, environment);
    if (decision === undefined) continue;
    now = decision.state;
    outcomes.push(...decision.outcomes);
  }
  const last = next(now);
  return { state: last.state, outcomes: [...outcomes, ...last.outcomes] };
};

const undecided = (state: RiskState): Decision => ({ state, outcomes: [] });

/** The decision on an exit; none while it must wait. Entries that rest are waited for only where nothing can be closed yet. */
const decidedNow = (state: RiskState, exit: HeldExit, environment: Environment): Decision | undefined => {
  const wait = waitOf(state, exit, environment);
  if (wait === 'moving') return undefined;
  const { signal, parentOrderId, trace } = exit;
  const decision = judged(state, { type: 'signalValidated', signal, parentOrderId, trace }, environment);
  return wait === 'over' || decision.outcomes.some(({ type }) => type === 'approved') ? decision : undefined;
};

const judged = (state: RiskState, command: SignalValidated, environment: Environment): Decision => {
  const { policy } = state;
  if (policy === undefined) {
    const unknown = refuse('USER_UNKNOWN', { userId: command.signal.userId ?? null });
    return { state, outcomes: [rejected(command, [unknown], REDUCING)] };
  }
  const proposal = proposalOf(state, policy, command, environment);
  if (reduces(command)) {
    const verdict = close(proposal);
    if (verdict.granted) return granted(proposal, verdict);
    return { state, outcomes: [rejected(command, verdict.failed, verdict.riskScore)] };
  }
  const opens = command.signal.side === 'buy' ? buy : sellHoldings;
  const verdict = opens(proposal);
  if (verdict.granted) return granted(proposal, verdict);
  const recommended = recommendationFor(proposal, verdict.failed, opens);
  return { state, outcomes: [rejected(command, verdict.failed, verdict.riskScore, recommended)] };
};

const granted = (proposal: Proposal, verdict: Granted): Decision => {
  const { command, policy, mode, limits, reference, nowMs, environment } = proposal;
  const { signal, parentOrderId, trace } = command;
  const isReducing = reduces(command);
  const parent: OpenParent = {
    parentOrderId,
    pair: signal.pair,
    side: signal.side,
    mode,
    opens: signal.side === 'buy',
    ...(signal.tradeId === undefined ? {} : { tradeId: signal.tradeId }),
    quantity: plain(verdict.quantity),
    caps: Object.fromEntries(verdict.caps.map((cap) => [cap.desk.account.accountId, openCap(cap)])),
    filled: '0',
    seen: {},
    activeMs: nowMs,
  };
  const approval = approve({
    signal,
    parentOrderId,
    userId: policy.userId,
    mode,
    quantity: verdict.quantity,
    caps: verdict.caps.map((cap) => approvedCap(cap, signal)),
    reduces: isReducing,
    computedStop: verdict.computedStop,
    reference,
    sizing: verdict.sizing,
    riskScore: verdict.riskScore,
    now: environment.now,
  });
  const counted = withOrderCounted(withLook(proposal, verdict), verdict, environment);
  const bucket = isReducing ? counted.bucket : taken(refilled(counted.bucket, limits, nowMs), signal);
  return {
    state: {
      ...counted,
      parents: [...counted.parents, parent],
      ...(bucket === undefined ? {} : { bucket }),
    },
    outcomes: [{ type: 'approved', approval, ...tracing(trace) }],
  };
};

/** The accounts that an order may reach are looked at: the high of their profit, the start of their day, and in which zone it turns. */
const withLook = ({ state, prices, environment: { now } }: Proposal, { caps }: Pick<Granted, 'caps'>): RiskState => {
  let after = state;
  for (const { desk } of caps) {
    const { accountId, timeZone } = desk.account;
    const account = accountOf(after, accountId);
    const zoned = (account.timeZone ?? 'UTC') === timeZone ? account : { ...account, timeZone };
    const seen = looked(zoned, timeZone, prices, now);
    if (seen !== account) after = withAccount(after, accountId, seen);
  }
  return after;
};

type Granted = Verdict & { readonly granted: true };

/** A parent is one order of the trading day of the first account it may reach. */
const withOrderCounted = (state: RiskState, { caps }: Pick<Granted, 'caps'>, { now }: Environment): RiskState => {
  const first = caps[0]?.desk.account;
  if (first === undefined) return state;
  const account = accountOf(state, first.accountId);
  const day = tradingDay(account, first.timeZone, now);
  return withAccount(state, first.accountId, { ...account, day: { ...day, orders: day.orders + 1 } });
};

const isKnown = (state: RiskState, parentOrderId: string): boolean =>
  state.parents.some((parent) => parent.parentOrderId === parentOrderId) ||
  state.held.some((exit) => exit.parentOrderId === parentOrderId) ||
  state.finished.some((parent) => isOfParent(parent, parentOrderId));

const rejected = (
  { signal, trace }: SignalValidated,
  failed: readonly [Refusal, ...Refusal[]],
  riskScore: number,
  recommended?: Recommendation,
): Outcome => ({
  type: 'rejected',
  signalId: signal.signalId,
  failed,
  riskScore,
  ...(recommended === undefined ? {} : { recommended }),
  ...tracing(trace),
});

const tracing = (trace: string | undefined): { readonly trace?: string } => (trace === undefined ? {} : { trace });
