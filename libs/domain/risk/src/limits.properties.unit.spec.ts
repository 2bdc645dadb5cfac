import { describe, expect, it } from '@jest/globals';
import { decimal, plain, ZERO, type Decimal } from '@switchyard/money';
import { baseOf, type Limits, type Pair, type Side } from '@switchyard/model';
import fc from 'fast-check';
import type { Outcome, RiskCommand } from './commands.js';
import { decide } from './decide.js';
import { omitting } from './record.js';
import { DEFAULT_SETTINGS } from './settings.js';
import { action, PAIRS, PRICE, World, type Action, type Parent } from './testing/world.js';

const HOUR = 3_600_000;
const sum = (values: readonly Decimal[]): Decimal => values.reduce((all, one) => all.plus(one), ZERO);
const priceOf = (pair: Pair): Decimal => decimal(PRICE[pair] ?? '0');
const toCome = ({ approval, filled, over }: Parent): Decimal =>
  over ? ZERO : decimal(approval.quantity).minus(filled);
/** The most that a unit of a parent may cost: of a sale, what it brings. */
const costOf = ({ approval }: Parent): Decimal =>
  approval.side === 'sell'
    ? priceOf(approval.pair)
    : approval.caps
        .map(({ reserved, quantity }) => decimal(reserved).div(decimal(quantity)))
        .reduce((most, one) => (one.gt(most) ? one : most), ZERO);

/**
 * The world, with limits, and a model of its own of what they allow: from approvals and from the venues' truth, never from risk's state.
 * Each command is decided twice, the second time from the state as it was stored, as if the process had died in between. Whatever is
 * recommended is sent at once. The clock that decisions go by jumps by hours, back over midnight too.
 */
class LimitedWorld extends World {
  readonly days = new Map<string, { date: string; orders: number; traded: Decimal }>();
  refusals = new Set<string>();
  recommended = 0;
  private sent = 0;
  private readonly seen = new Map<string, Decimal>();

  constructor(readonly limits: Partial<Limits>) {
    super(limits);
    const { story } = this;
    const tell = story.tell.bind(story);
    story.tell = (command) => {
      const before = JSON.parse(JSON.stringify(story.state)) as typeof story.state;
      const now = new Date(story.nowMs + story.skewMs);
      const outcomes = tell(command);
      const again = decide(before, command, { now, market: story.market, settings: DEFAULT_SETTINGS });
      expect(JSON.stringify(again)).toBe(JSON.stringify({ state: story.state, outcomes }));
      this.turned();
      this.counted(command);
      return outcomes;
    };
  }

  private dayOf(accountId: string) {
    const today = new Date(this.story.nowMs + this.story.skewMs).toISOString().slice(0, 10);
    const day = this.days.get(accountId);
    return day !== undefined && day.date >= today ? day : { date: today, orders: 0, traded: ZERO };
  }

  /** A look at an account may begin its day: today by the clock of that decision, and never a day that is over. */
  private turned(): void {
    const today = new Date(this.story.nowMs + this.story.skewMs).toISOString().slice(0, 10);
    for (const [id, { day }] of Object.entries(this.state.accounts)) {
      const known = this.days.get(id);
      if (day === undefined || day.date === known?.date) continue;
      if (day.date !== today || (known !== undefined && day.date < known.date))
        throw new Error(`${day.date} began anew`);
      this.days.set(id, { date: day.date, orders: 0, traded: ZERO });
    }
  }

  /** What was filled counts on the day on which risk hears of it, once. */
  private counted(command: RiskCommand): void {
    if (command.type !== 'orderFilled') return;
    const until = decimal(command.cumulativeQuantity);
    if (this.seen.get(command.orderId)?.gte(until) === true) return;
    this.seen.set(command.orderId, until);
    const { date, orders, traded } = this.dayOf(command.accountId);
    const worth = decimal(command.quantity).times(decimal(command.price));
    this.days.set(command.accountId, { date, orders, traded: traded.plus(worth) });
  }

  override signal(side: Side, signalType: 'entry' | 'exit', pair: Pair, percent: number, limit = false): void {
    if (signalType === 'exit') {
      super.signal(side, signalType, pair, percent, limit);
      return;
    }
    this.sent += 1;
    const size =
      percent % 3 === 0
        ? {}
        : { size: percent % 3 === 1 ? { balancePercent: percent } : { quote: String(percent * 40) } };
    const terms = limit ? ({ orderType: 'limit', limitPrice: PRICE[pair] ?? '1' } as const) : {};
    const stop = percent % 5 === 0 && side === 'buy' ? { stopLoss: plain(priceOf(pair).times(decimal('0.97'))) } : {};
    const signal = { side, signalType, pair, ...size, ...terms, ...stop };
    const outcomes = this.story.signalled(`e${String(this.sent)}`, signal);
    this.take(outcomes);
    const last = outcomes.at(-1);
    if (last?.type !== 'rejected') {
      const before = this.state;
      if (before.held.length === 0) expect(this.story.signalled(`e${String(this.sent)}`, signal)).toEqual([]);
      return;
    }
    for (const { code } of last.failed) this.refusals.add(code);
    if (last.recommended === undefined) return;
    this.recommended += 1;
    this.story.nowMs += last.recommended.retryAfterMs ?? 0;
    const change = omitting(last.recommended, 'retryAfterMs');
    const again = this.story.signalled(`r${String(this.sent)}`, { ...signal, ...change });
    expect([last.recommended, again.at(-1)?.type, again.at(-1)]).toEqual([last.recommended, 'approved', again.at(-1)]);
    this.take(again);
  }

  override take(outcomes: readonly Outcome[]): void {
    for (const outcome of outcomes) {
      const orders = sum([...this.accounts.keys()].map((id) => decimal(String(this.dayOf(id).orders))));
      super.take([outcome]);
      if (outcome.type !== 'approved') continue;
      const { approval } = outcome;
      const first = approval.caps[0]!.accountId;
      if (!approval.reduceOnly) {
        if (orders.gte(decimal(String(this.limits.maxOrdersPerDay)))) throw new Error('too many orders on a day');
        if (approval.side === 'buy') this.expectWithin(this.parents.at(-1)!);
      }
      const day = this.dayOf(first);
      this.days.set(first, { ...day, orders: day.orders + 1 });
    }
  }

  private expectWithin(entry: Parent): void {
    const { approval } = entry;
    const { pair } = approval;
    const atMost = (limit: string, value: Decimal, most: string | undefined): void => {
      if (most !== undefined && value.gt(decimal(most)))
        throw new Error(`${limit}: ${plain(value)} is more than ${most}`);
    };
    const { limits } = this;
    atMost('maxParentNotional', decimal(approval.quantity).times(costOf(entry)).round(12, 0), limits.maxParentNotional);
    for (const cap of approval.caps) atMost('maxChildNotional', decimal(cap.reserved), limits.maxChildNotional);
    const filled = sum([...this.accounts.keys()].map((id) => this.dayOf(id).traded));
    const underWay = this.parents.map((parent) => toCome(parent).times(costOf(parent)));
    atMost('maxNotionalPerDay', filled.plus(sum(underWay)).round(12, 0), limits.maxNotionalPerDay);
    const held = (of: Pair, id?: string): Decimal =>
      sum(
        [...this.accounts.keys()]
          .filter((one) => id === undefined || one === id)
          .map((one) => this.bought.get(`${one}|${of}`) ?? ZERO),
      );
    const ordered = (of: Pair): Decimal =>
      sum(this.parents.filter((one) => one.approval.side === 'buy' && one.approval.pair === of).map(toCome));
    atMost('positionQuantities', held(pair).plus(ordered(pair)), limits.positionQuantities?.[pair]);
    const equity = sum(
      [...this.accounts.values()].flatMap(({ truth }) =>
        [...truth].map(([currency, amount]) => amount.times(decimal(PRICE[`${currency}-USD`] ?? '1'))),
      ),
    );
    // Fees and prices of what was filled and not told yet are not in what risk knows of the equity.
    const share = equity.times(decimal(String(limits.maxConcentrationPercent))).times(decimal('0.0103'));
    const asset = PAIRS.filter((one) => baseOf(one) === baseOf(pair));
    const exposure = sum(asset.map((one) => held(one).plus(ordered(one)).times(priceOf(one))));
    atMost('maxConcentrationPercent', exposure, plain(share));
    if (approval.caps.some(({ accountId }) => accountId === 'acc-2')) this.expectWithinAccount('acc-2', held);
  }

  private expectWithinAccount(id: string, held: (of: Pair, id: string) => Decimal): void {
    const there = (parent: Parent): Decimal => {
      const cap = parent.approval.caps.find(({ accountId }) => accountId === id);
      if (cap === undefined || parent.approval.side === 'sell') return ZERO;
      const open = parent.open.get(id) ?? ZERO;
      return (open.lt(toCome(parent)) ? open : toCome(parent)).times(priceOf(parent.approval.pair));
    };
    const exposure = sum([...PAIRS.map((of) => held(of, id).times(priceOf(of))), ...this.parents.map(there)]).round(
      8,
      0,
    );
    const most = decimal(this.limits.accounts?.[id]?.maxExposure ?? '0');
    if (exposure.gt(most)) throw new Error(`maxExposure of ${id}: ${plain(exposure)} is more than ${plain(most)}`);
  }

  override act(one: Action): void {
    if (one.do !== 'wait') super.act(one);
    else if (one.ms % 8 === 0) this.story.nowMs += 9 * HOUR;
    else if (one.ms % 8 === 1) this.story.skewMs = this.story.skewMs === 0 ? -5 * HOUR : 0;
    else super.act(one);
  }
}

const amount = (most: number): fc.Arbitrary<string> => fc.integer({ min: 0, max: most }).map(String);
const limits: fc.Arbitrary<Partial<Limits>> = fc.record({
  maxParentNotional: fc.integer({ min: 100, max: 8_000 }).map(String),
  maxChildNotional: fc.integer({ min: 100, max: 4_000 }).map(String),
  maxNotionalPerDay: fc.integer({ min: 500, max: 30_000 }).map(String),
  positionQuantities: fc.constantFrom<Limits['positionQuantities']>(
    { 'BTC-USD': '0.06' },
    { 'BTC-USD': '0.2', 'ETH-USD': '1' },
  ),
  maxConcentrationPercent: fc.constantFrom(10, 30, 1_000),
  maxOrdersPerDay: fc.integer({ min: 1, max: 20 }),
  maxLossPerDay: fc.constantFrom('50', '1000', '1000000'),
  tradesPerSecond: fc.constantFrom(1, 1_000),
  accounts: amount(6_000).map((maxExposure) => ({ 'acc-2': { maxExposure } })),
  venues: fc.constantFrom<Limits['venues']>(
    {},
    { binance: { restrictedPairs: ['ETH-USD'] } },
    { kraken: { maxChildNotional: '900' } },
  ),
});

describe('over any interleaving of orders, fills, cancels, crashes, repeats and clocks that step back', () => {
  it('what is filled and reserved exceeds no limit; what is recommended passes; in the end nothing is reserved', () => {
    const refusals = new Set<string>();
    let [approved, recommended] = [0, 0];
    fc.assert(
      fc.property(limits, fc.array(action, { minLength: 20, maxLength: 90 }), (given, actions) => {
        const world = new LimitedWorld(given);
        for (const one of actions) world.act(one);
        do {
          for (const parent of world.parents) if (!parent.over) world.complete(parent);
          world.drain();
        } while (world.parents.some(({ over }) => !over));
        approved += world.parents.length;
        recommended += world.recommended;
        for (const code of world.refusals) refusals.add(code);
        expect(world.state.parents).toEqual([]);
        expect(world.state.held).toEqual([]);
        for (const [id, { date, orders, traded }] of world.days) {
          const day = world.state.accounts[id]?.day;
          expect([id, day?.date, day?.orders]).toEqual([id, date, orders]);
          expect(
            decimal(day?.traded ?? '0')
              .minus(traded)
              .abs()
              .lt(decimal('0.000001')),
          ).toBe(true);
        }
      }),
      { numRuns: 150 },
    );
    expect(approved).toBeGreaterThan(300);
    expect(recommended).toBeGreaterThan(100);
    for (const code of [
      'ORDER_VALUE_TOO_LARGE',
      'MAX_NOTIONAL_PER_DAY',
      'POSITION_TOO_LARGE',
      'CONCENTRATION_TOO_HIGH',
      'MAX_ORDERS_PER_DAY',
      'MAX_LOSS_PER_DAY',
    ])
      expect([...refusals]).toContain(code);
  });
});
