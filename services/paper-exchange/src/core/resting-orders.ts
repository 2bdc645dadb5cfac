import { decimal } from '@switchyard/money';
import { oppositeOf } from './book.js';
import type { Exchange } from './exchange.js';
import type { Instrument } from './instrument.js';
import { savedLevels } from './market.js';
import { crosses, planTakes } from './matching.js';
import type { Order } from './order.js';
import { TICK_MS, tickAt } from './reference-path.js';

/**
 * How orders that rest meet the market.
 *
 * 1. A resting order fills at its own limit price once the best opposite price is at or through it: the market gives it nothing better
 *    (conservative), and never at a price at which nobody stood on the other side.
 * 2. It fills at most by what stands within its limit, less what others took there in the same tick; better limits first, then older orders.
 * 3. Every tick is met exactly once, in order, those of a stop too; whether somebody asks or the timer wakes makes no difference.
 * 4. Nothing ticks while nothing rests.
 * 5. An order that is good until a date meets no market from that moment on.
 */
export class RestingOrders {
  readonly #settledThrough = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(private readonly exchange: Exchange) {
    const { state } = exchange;
    // Whatever happened to a pair happened after its resting orders had met that tick; the ticks since are met now.
    for (const [symbol, at] of state.lastEventAt) this.#settledThrough.set(symbol, tickAt(at - state.skewMs));
    this.wakeAtNextTick();
  }

  settle(instrument: Instrument): void {
    const { exchange } = this;
    const { symbol } = instrument;
    const current = exchange.tick();
    const through = this.#settledThrough.get(symbol) ?? current - 1;
    this.#settledThrough.set(symbol, current);
    if (exchange.state.restingCount(symbol) === 0) return;
    if (through >= current) {
      this.expire(symbol, exchange.now());
      return;
    }
    if (exchange.market.frozen(symbol)) {
      this.meet(instrument, current, exchange.now());
      return;
    }
    for (let tick = Math.max(through + 1, current - MAX_MISSED_TICKS); tick <= current; tick++) {
      const at = tick === current ? exchange.now() : tick * TICK_MS + exchange.state.skewMs;
      this.meet(instrument, tick, at);
    }
  }

  /** Fills what the book of this tick reaches. */
  meet(instrument: Instrument, tick: number, at: number): void {
    const { market, state } = this.exchange;
    const { symbol, lot } = instrument;
    this.expire(symbol, at);
    const resting = state.resting(symbol);
    if (resting.length === 0) return;
    const book = market.book(instrument, tick);
    const reached = resting
      .filter((order) => {
        const best = oppositeOf(book, order.side)[0];
        return best !== undefined && crosses(order.side, limitOf(order), best.price);
      })
      .sort((a, b) => priority(a, b) || a.orderId - b.orderId);
    for (const order of reached) {
      const price = limitOf(order);
      const quantity = decimal(order.quantity).minus(order.executed);
      const levels = oppositeOf(market.book(instrument, tick), order.side);
      const plan = planTakes(levels, { side: order.side, limit: price, quantity, lot });
      if (plan.takes.length === 0) continue;
      const take = { price, quantity: plan.quantity };
      this.exchange.commit([
        {
          type: 'order_filled',
          orderId: order.orderId,
          fill: this.exchange.fillOf(order, instrument, { take, liquidity: 'maker', at }),
          generation: market.generation(symbol, tick),
          taken: savedLevels(plan.takes),
        },
      ]);
    }
  }

  /** Ends what was good until a date that has come. */
  private expire(symbol: string, now: number): void {
    for (const { orderId, expiresAt } of this.exchange.state.resting(symbol)) {
      if (expiresAt === undefined || expiresAt > now) continue;
      this.exchange.commit([{ type: 'order_closed', at: expiresAt, orderId, status: 'expired' }]);
    }
  }

  /** One timer, and only while some order rests. */
  wakeAtNextTick(): void {
    if (this.#timer !== undefined || this.#stopped) return;
    const { state } = this.exchange;
    if (![...state.instruments.keys()].some((symbol) => state.restingCount(symbol) > 0)) return;
    const wait = TICK_MS - (this.exchange.marketTime() % TICK_MS) + 1;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      // A journal that cannot be written has been told to whoever asked; a timer has nobody to tell.
      if (this.exchange.failure === undefined) this.exchange.settleAll();
      this.wakeAtNextTick();
    }, wait);
    this.#timer.unref();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }
}

/** After a longer stop the resting orders meet only so much of the missed market: one whole turn of the recording. */
const MAX_MISSED_TICKS = (2 * 24 * 60 * 60_000) / TICK_MS;

const limitOf = ({ limitPrice = '0' }: Order) => decimal(limitPrice);

/** Better limits first. */
const priority = (a: Order, b: Order): number => {
  if (a.side !== b.side) return a.side === 'buy' ? -1 : 1;
  return a.side === 'buy' ? limitOf(b).cmp(limitOf(a)) : limitOf(a).cmp(limitOf(b));
};
