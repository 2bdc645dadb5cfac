import { expect } from '@jest/globals';
import { decimal, plain, ZERO, type Decimal } from '@switchyard/money';
import type { Limits, Pair, Side } from '@switchyard/model';
import fc from 'fast-check';
import type { OrderApproval } from '../approval.js';
import type { Outcome, RiskCommand } from '../commands.js';
import { decide, needsPolicy } from '../decide.js';
import { omitting } from '../record.js';
import { DEFAULT_SETTINGS } from '../settings.js';
import type { RiskState } from '../state.js';
import { anAccount, scenario } from './scenario.js';

/**
 * A small world around risk: venues that fill what was approved, within its price bound, at any time; a log that delivers fills and
 * completions late, in any order between the two topics, and sometimes twice; balances that were asked for before they arrive.
 */
export interface Account {
  readonly venue: string;
  readonly quote: string;
  readonly truth: Map<string, Decimal>;
}

export interface Parent {
  readonly approval: OrderApproval;
  /** What each cap may still cost, by the venues' truth. */
  readonly left: Map<string, Decimal>;
  /** What each account may still trade of it. */
  readonly open: Map<string, Decimal>;
  filled: Decimal;
  over: boolean;
}

export type Action =
  | { readonly do: 'buy'; readonly pair: Pair; readonly percent: number; readonly limit: boolean }
  | { readonly do: 'exit'; readonly pair: Pair; readonly percent: number }
  | { readonly do: 'sell'; readonly pair: Pair; readonly percent: number }
  | {
      readonly do: 'fill';
      readonly pick: number;
      readonly account: number;
      readonly part: number;
      readonly feeInBase: boolean;
      readonly price: number;
    }
  | { readonly do: 'complete'; readonly pick: number }
  | { readonly do: 'ask'; readonly account: number }
  | { readonly do: 'deliver'; readonly queue: 'fills' | 'completions' | 'balances' }
  | { readonly do: 'repeat'; readonly pick: number }
  | { readonly do: 'wait'; readonly ms: number };

export const PAIRS: readonly Pair[] = ['BTC-USD', 'ETH-USD'];
export const PRICE: Readonly<Record<string, string>> = { 'BTC-USD': '50000', 'ETH-USD': '2000' };
const baseOf = (pair: string): string => pair.slice(0, 3);
const LOT = decimal('0.00001');

export class World {
  readonly story = scenario();
  readonly accounts = new Map<string, Account>([
    [
      'acc-1',
      {
        venue: 'binance',
        quote: 'USDT',
        truth: new Map([
          ['USDT', decimal('10000')],
          ['BTC', decimal('0.05')],
        ]),
      },
    ],
    ['acc-2', { venue: 'kraken', quote: 'USD', truth: new Map([['USD', decimal('5000')]]) }],
  ]);
  readonly parents: Parent[] = [];
  readonly queues: Record<'fills' | 'completions' | 'balances', RiskCommand[]> = {
    fills: [],
    completions: [],
    balances: [],
  };
  readonly delivered: RiskCommand[] = [];
  readonly bought = new Map<string, Decimal>();
  private ids = 0;

  constructor(limits: Partial<Limits> = {}) {
    this.story.policy({
      limits: { tradesPerSecond: 1_000, burst: 1_000, maxBalancePercent: 60, maxSectorPercent: 1_000, ...limits },
      accounts: [anAccount(), anAccount({ accountId: 'acc-2', venue: 'kraken' })],
    });
    for (const id of this.accounts.keys()) this.ask(id);
    this.drain();
  }

  get state(): RiskState {
    return this.story.state;
  }

  signal(side: Side, signalType: 'entry' | 'exit', pair: Pair, percent: number, limit = false): void {
    const size = signalType === 'exit' && percent > 90 ? {} : { size: { balancePercent: percent } };
    const terms = limit ? ({ orderType: 'limit', limitPrice: PRICE[pair] ?? '1' } as const) : {};
    this.ids += 1;
    this.take(this.story.signalled(`p${String(this.ids)}`, { side, signalType, pair, ...size, ...terms }));
  }

  take(outcomes: readonly Outcome[]): void {
    for (const outcome of outcomes) {
      if (outcome.type !== 'approved') continue;
      const { approval } = outcome;
      const left = new Map(approval.caps.map((cap) => [cap.accountId, decimal(cap.reserved)]));
      const open = new Map(approval.caps.map((cap) => [cap.accountId, decimal(cap.quantity)]));
      this.parents.push({ approval, left, open, filled: ZERO, over: false });
    }
  }

  fill(parent: Parent, capIndex: number, part: number, feeInBase: boolean, pricePart: number): void {
    const { approval } = parent;
    const cap = approval.caps[capIndex % approval.caps.length]!;
    const account = this.accounts.get(cap.accountId)!;
    const buys = approval.side === 'buy';
    // Anything from 1 % below to the price bound: reserved / quantity / (1 + fee).
    const bound = buys
      ? decimal(cap.reserved).div(decimal(cap.quantity)).div(decimal('1.001'))
      : decimal(PRICE[approval.pair]!);
    const price = bound.times(decimal(String(0.99 + 0.01 * pricePart))).round(2, 0);
    const left = parent.left.get(cap.accountId)!;
    const unit = buys ? price.times(decimal('1.001')) : decimal('1');
    const open = decimal(approval.quantity).minus(parent.filled);
    const payable = left.div(unit);
    const there = parent.open.get(cap.accountId)!;
    const most = [open, there].reduce((least, one) => (one.lt(least) ? one : least), payable);
    const quantity = most
      .times(decimal(String(part)))
      .div(LOT)
      .round(0, 0)
      .times(LOT);
    if (quantity.lte(ZERO)) return;
    const base = baseOf(approval.pair);
    const inBase = feeInBase && buys;
    const worth = quantity.times(price);
    const fee = inBase ? quantity.times(decimal('0.001')) : worth.times(decimal('0.001'));
    const sign = decimal(buys ? '1' : '-1');
    const move = (currency: string, amount: Decimal): void => {
      account.truth.set(currency, (account.truth.get(currency) ?? ZERO).plus(amount));
    };
    move(base, quantity.times(sign));
    move(account.quote, worth.times(sign).times(decimal('-1')));
    move(inBase ? base : account.quote, fee.times(decimal('-1')));
    const used = buys ? worth.plus(inBase ? ZERO : fee) : quantity;
    parent.left.set(cap.accountId, left.minus(used));
    parent.open.set(cap.accountId, there.minus(quantity));
    parent.filled = parent.filled.plus(quantity);
    const held = `${cap.accountId}|${approval.pair}`;
    const kept = (this.bought.get(held) ?? ZERO).plus(quantity.times(sign)).minus(inBase ? fee : ZERO);
    this.bought.set(held, kept.gt(ZERO) ? kept : ZERO);
    const orderId = `${approval.parentOrderId}/${cap.accountId}`;
    const before = this.queues.fills
      .concat(this.delivered)
      .filter((one) => one.type === 'orderFilled' && one.orderId === orderId);
    const seen = before.reduce(
      (sum, one) =>
        one.type === 'orderFilled' && decimal(one.cumulativeQuantity).gt(sum) ? decimal(one.cumulativeQuantity) : sum,
      ZERO,
    );
    this.queues.fills.push({
      type: 'orderFilled',
      orderId,
      parentOrderId: approval.parentOrderId,
      accountId: cap.accountId,
      venue: account.venue,
      pair: approval.pair,
      side: approval.side,
      quantity: plain(quantity),
      price: plain(price),
      fee: { amount: plain(fee), currency: inBase ? base : account.quote },
      cumulativeQuantity: plain(seen.plus(quantity)),
      filledAt: new Date(this.story.nowMs).toISOString(),
    });
  }

  complete(parent: Parent): void {
    parent.over = true;
    this.queues.completions.push({
      type: 'orderCompleted',
      parentOrderId: parent.approval.parentOrderId,
      filledQuantity: plain(parent.filled),
      completedAt: new Date(this.story.nowMs).toISOString(),
    });
  }

  ask(accountId: string): void {
    const totals = [...this.accounts.get(accountId)!.truth].map(
      ([currency, total]) => [currency, plain(total)] as const,
    );
    this.queues.balances.push({
      type: 'balanceUpdated',
      accountId,
      totals: Object.fromEntries(totals),
      askedAt: new Date(this.story.nowMs).toISOString(),
    });
  }

  deliver(queue: 'fills' | 'completions' | 'balances'): void {
    const command = this.queues[queue].shift();
    if (command === undefined) return;
    this.delivered.push(command);
    const before = this.state;
    const outcomes = this.story.tell(command);
    if (!needsPolicy(before, command)) this.expectSameWithoutPolicy(before, command, outcomes);
    this.take(outcomes);
  }

  /** What is said not to look at the policy is decided without it in the service. */
  private expectSameWithoutPolicy(before: RiskState, command: RiskCommand, outcomes: readonly Outcome[]): void {
    const { nowMs, skewMs, market } = this.story;
    const environment = { now: new Date(nowMs + skewMs), market, settings: DEFAULT_SETTINGS };
    const decision = decide(omitting(before, 'policy'), command, environment);
    expect({ ...decision, state: { ...decision.state, policy: before.policy } }).toEqual({
      state: this.state,
      outcomes,
    });
  }

  drain(): void {
    while (Object.values(this.queues).some((queue) => queue.length > 0)) {
      for (const queue of ['fills', 'completions', 'balances'] as const) this.deliver(queue);
    }
  }

  act(action: Action): void {
    const open = this.parents.filter(({ over }) => !over);
    const pick = (index: number): Parent | undefined => open[index % Math.max(1, open.length)];
    switch (action.do) {
      case 'buy':
        this.signal('buy', 'entry', action.pair, action.percent, action.limit);
        break;
      case 'exit':
        this.signal('sell', 'exit', action.pair, action.percent);
        break;
      case 'sell':
        this.signal('sell', 'entry', action.pair, action.percent);
        break;
      case 'fill': {
        const parent = pick(action.pick);
        if (parent !== undefined) this.fill(parent, action.account, action.part, action.feeInBase, action.price);
        break;
      }
      case 'complete': {
        const parent = pick(action.pick);
        if (parent !== undefined) this.complete(parent);
        break;
      }
      case 'ask':
        this.ask(action.account % 2 === 0 ? 'acc-1' : 'acc-2');
        break;
      case 'deliver':
        this.deliver(action.queue);
        break;
      case 'repeat': {
        const command = this.delivered.slice(-8)[action.pick % 8];
        if (command === undefined) break;
        const before = this.state;
        if (before.held.length > 0) {
          // Whatever is heard of a user may end the wait of an exit.
          this.take(this.story.tell(command));
          break;
        }
        expect(this.story.tell(command)).toEqual([]);
        expect(this.state).toEqual(before);
        break;
      }
      case 'wait':
        this.story.nowMs += action.ms;
        break;
    }
  }

  /** No account could be asked for more than it has, if everything approved and not over were filled at its worst. */
  expectCovered(): void {
    for (const [id, account] of this.accounts) {
      const owed = new Map<string, Decimal>();
      for (const { approval, left, over } of this.parents) {
        const cap = approval.caps.find(({ accountId }) => accountId === id);
        if (over || cap === undefined) continue;
        owed.set(cap.currency, (owed.get(cap.currency) ?? ZERO).plus(left.get(id) ?? ZERO));
      }
      for (const [currency, amount] of owed) {
        const missing = amount.minus(account.truth.get(currency) ?? ZERO);
        if (missing.gt(ZERO)) expect(`${id} is short of ${plain(missing)} ${currency}`).toBe('covered');
      }
    }
  }
}

const pair = fc.constantFrom(...PAIRS);
const percent = fc.integer({ min: 1, max: 100 });
export const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('buy' as const), pair, percent, limit: fc.boolean() }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('exit' as const), pair, percent }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('sell' as const), pair, percent }) },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('fill' as const),
      pick: fc.nat(9),
      account: fc.nat(1),
      part: fc.constantFrom(0.1, 0.5, 1),
      feeInBase: fc.boolean(),
      price: fc.constantFrom(0, 0.5, 1),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('complete' as const), pick: fc.nat(9) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('ask' as const), account: fc.nat(1) }) },
  {
    weight: 9,
    arbitrary: fc.record({
      do: fc.constant('deliver' as const),
      queue: fc.constantFrom('fills' as const, 'completions' as const, 'balances' as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('repeat' as const), pick: fc.nat(7) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 2_000 }) }) },
);
