import { ZERO, type Decimal } from '@switchyard/money';
import { quoteOf, type AccountId, type AccountPolicy, type Mode, type Pair } from '@switchyard/model';
import { equityOf } from './equity.js';
import { accountOf } from './funds.js';
import { accountsIn, heldPosition } from './positions.js';
import type { Prices } from './prices.js';
import { profitNow } from './profit.js';
import { costPerUnitOf, toComeOf } from './reservations.js';
import type { OpenParent, RiskState } from './state.js';
import { tradedOn, tradingDay } from './trading-day.js';

/** What was lost: today, and below the high of each account, as prop firms count. */
export interface Losses {
  readonly today: Decimal;
  readonly drawdown: Decimal;
}

/**
 * What a user has at stake in one mode: in all accounts of it, or in those of one account or venue that has limits of its own. Amounts
 * are US dollars. Nothing is computed before a limit asks for it, and nothing twice: a decision has 100 us.
 */
export class Stake {
  #accounts: readonly AccountPolicy[] | undefined;
  #equity: Decimal | undefined;
  #quantities: ReadonlyMap<Pair, Decimal> | undefined;

  private constructor(
    private readonly state: RiskState,
    private readonly mode: Mode,
    private readonly prices: Prices,
    private readonly now: Date,
    private readonly within?: ReadonlySet<AccountId>,
  ) {}

  /** Over every account of a mode. */
  static of(state: RiskState, mode: Mode, prices: Prices, now: Date): Stake {
    return new Stake(state, mode, prices, now);
  }

  /** Over some of them. */
  in(accounts: readonly AccountPolicy[]): Stake {
    const ids = new Set(accounts.map(({ accountId }) => accountId));
    const part = new Stake(this.state, this.mode, this.prices, this.now, ids);
    part.#accounts = accounts;
    return part;
  }

  get accounts(): readonly AccountPolicy[] {
    return (this.#accounts ??= accountsIn(this.state, this.mode));
  }

  /** What the accounts hold is worth; those whose balance is not known count nothing. */
  equity(): Decimal {
    return (this.#equity ??= this.accounts.reduce(
      (sum, { accountId }) => sum.plus(equityOf(accountOf(this.state, accountId), this.prices) ?? ZERO),
      ZERO,
    ));
  }

  /** Worth of positions and of what entries under way may still buy, of the pairs that count. */
  exposure(counts: (pair: Pair) => boolean = () => true): Decimal {
    let sum = ZERO;
    for (const [pair, quantity] of (this.#quantities ??= this.quantities())) {
      const worth = counts(pair) ? this.prices.worthOf(pair) : undefined;
      if (worth !== undefined) sum = sum.plus(quantity.times(worth));
    }
    return sum;
  }

  /** Base quantity of a pair that is held, or that entries under way may still buy. */
  quantityOf(pair: Pair): Decimal {
    return (this.#quantities ??= this.quantities()).get(pair) ?? ZERO;
  }

  /** Pairs that are held, or on order. */
  pairs(): readonly Pair[] {
    return [...(this.#quantities ??= this.quantities()).keys()];
  }

  private quantities(): ReadonlyMap<Pair, Decimal> {
    const found = new Map<Pair, Decimal>();
    const add = (pair: Pair, quantity: Decimal): void => {
      const sum = found.get(pair);
      found.set(pair, sum === undefined ? quantity : sum.plus(quantity));
    };
    for (const { accountId } of this.accounts) {
      const account = accountOf(this.state, accountId);
      for (const pair of Object.keys(account.positions) as Pair[]) add(pair, heldPosition(account, pair));
    }
    for (const parent of this.state.parents)
      if (parent.opens && this.concerns(parent)) add(parent.pair, toComeOf(parent, this.within));
    return found;
  }

  /** What was traded on the accounts' days, and may still be by orders under way at what they may cost at most. */
  traded(): Decimal {
    let sum = ZERO;
    for (const { accountId, timeZone } of this.accounts)
      sum = sum.plus(tradedOn(tradingDay(accountOf(this.state, accountId), timeZone, this.now)));
    for (const parent of this.state.parents) {
      if (!this.concerns(parent)) continue;
      const cost = costPerUnitOf(parent);
      const rate = quoteOf(parent.pair) === 'USD' ? undefined : this.prices.dollarsPer(quoteOf(parent.pair));
      const worth =
        cost === undefined ? this.prices.worthOf(parent.pair) : rate === undefined ? cost : cost.times(rate);
      if (worth !== undefined) sum = sum.plus(toComeOf(parent, this.within).times(worth));
    }
    return sum;
  }

  /** Undefined where a position has no price. */
  losses(): Losses | undefined {
    let [today, drawdown] = [ZERO, ZERO];
    for (const { accountId, timeZone } of this.accounts) {
      const profit = profitNow(accountOf(this.state, accountId), timeZone, this.prices, this.now);
      if (profit === undefined) return undefined;
      today = today.plus(profit.start).minus(profit.now);
      drawdown = drawdown.plus(profit.high).minus(profit.now);
    }
    return { today, drawdown };
  }

  private concerns({ mode, caps }: OpenParent): boolean {
    if (mode !== this.mode) return false;
    if (this.within === undefined) return true;
    for (const accountId in caps) if (this.within.has(accountId)) return true;
    return false;
  }
}
