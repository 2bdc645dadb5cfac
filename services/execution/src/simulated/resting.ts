import { decimal, plain, type Decimal } from '@switchyard/money';
import { evolveAll, isTerminal, leavesOf, type OrderFact } from '@switchyard/order-domain';
import type { Database, Tx } from '@switchyard/persistence';
import type { EventAppender } from '../adapters/postgres/event-appender.js';
import { saveFills, saveOrders } from '../adapters/postgres/save.js';
import {
  ORDER_COLUMNS,
  loadTrades,
  storedOrder,
  type OrderRow,
  type TaskRow,
} from '../adapters/postgres/stored-order.js';
import type { Round } from '../loop.js';
import { eventOf } from '../orders/events.js';
import { fillOf } from '../orders/fill-save.js';
import type { Clock } from '../ports/clock.js';
import type { StoredOrder } from '../ports/order-records.js';
import { balanceEvents, noteTellings, tellingsOf } from './balance-telling.js';
import type { Board, LiveBook } from './board.js';
import type { DepthTaken } from './depth-taken.js';
import { settle, type Market } from './fill-order.js';
import { walk } from './match.js';
import { tryLockSimulator } from './simulator-lock.js';
import { Wallets, heldBy, type FeeCurrency } from './wallet.js';

export interface RestingParts {
  readonly db: Database;
  readonly venue: string;
  readonly board: Board;
  readonly depth: DepthTaken;
  readonly feeCurrency: FeeCurrency;
  readonly clock: Clock;
  readonly log: EventAppender;
  readonly balanceIntervalMs: number;
}

const BATCH = 500;

/**
 * Watches the resting orders of simulated accounts: fills them when a later book reaches their price, at their price and for no more than
 * the book holds there; ends those whose time is over, and those that somebody wants gone.
 */
export class Resting {
  readonly #parts: RestingParts;
  #pairs = new Set<string>();
  #mayRest = true;
  #checkedAt = Number.NEGATIVE_INFINITY;
  /** Orders that broke a round: it is told once, as its error, and the rest goes on without them. */
  readonly #broken = new Set<string>();

  constructor(parts: RestingParts) {
    this.#parts = parts;
  }

  /** An order rests from now on. */
  noticed(): void {
    this.#mayRest = true;
  }

  async round(): Promise<Round> {
    const { board, clock, db } = this.#parts;
    for (const pair of board.takeChanged()) this.#pairs.add(pair);
    const monotonic = clock.monotonic();
    // Other replicas let orders rest, too.
    if (monotonic - this.#checkedAt > RECHECK_MS) {
      this.#checkedAt = monotonic;
      this.#mayRest = (await db.query<{ some: boolean }>(ANY_RESTING)).rows[0]?.some === true;
    }
    if (!this.#mayRest) {
      this.#pairs.clear();
      return { found: 0 };
    }
    const books = [...this.#pairs].flatMap((pair) => board.bookOf(pair, clock.now()) ?? []);
    let worked: number | undefined;
    try {
      worked = await db.transaction(async (tx) => ((await tryLockSimulator(tx)) ? this.#batch(tx, books) : undefined));
    } catch (error) {
      this.#parts.depth.clear();
      throw error;
    }
    if (worked === undefined) return { found: 0, nextInMs: RETRY_MS };
    if (worked >= BATCH) return { found: worked, nextInMs: 0 };
    this.#pairs.clear();
    return { found: worked };
  }

  async #batch(tx: Tx, books: readonly LiveBook[]): Promise<number> {
    const byPair = new Map(books.map((book) => [book.pair, book]));
    const expired = await tx.query<OrderRow & TaskRow>(TAKE_ENDING, [BATCH, [...this.#broken]]);
    const reached = await tx.query<OrderRow & TaskRow>(TAKE_REACHED, [
      books.map(({ pair }) => pair),
      books.map(({ bids }) => textOf(bids[0]?.[0])),
      books.map(({ asks }) => textOf(asks[0]?.[0])),
      BATCH,
      [...this.#broken],
    ]);
    const trades = await loadTrades(
      tx,
      [...expired.rows, ...reached.rows].map(({ order_id }) => order_id),
    );
    const load = (row: OrderRow & TaskRow): StoredOrder =>
      this.#alone(row.order_id, () => storedOrder(this.#parts.venue, row, row, trades.get(row.order_id)));
    const ended = expired.rows.map(load);
    const isEnded = new Set(ended.map(({ routed }) => routed.orderId));
    const met = reached.rows.map(load).filter(({ routed }) => !isEnded.has(routed.orderId));
    if (ended.length + met.length === 0) return 0;
    const wallets = await Wallets.read(
      tx,
      [...ended, ...met].map(({ routed }) => routed.accountId),
    );
    const market: Market = { wallets, depth: this.#parts.depth, feeCurrency: this.#parts.feeCurrency };
    const at = new Date(this.#parts.clock.now()).toISOString();
    const moves = [
      ...ended.map((order) => ({
        order,
        facts: this.#alone(order.routed.orderId, () => this.#end(order, market, at)),
      })),
      ...met.map((order) => ({
        order,
        facts: this.#alone(order.routed.orderId, () => this.#meet(order, byPair.get(order.routed.pair), market, at)),
      })),
    ].filter(({ facts }) => facts.length > 0);
    await this.#store(tx, moves, wallets, at);
    return ended.length + moves.length;
  }

  #alone<T>(orderId: string, work: () => T): T {
    try {
      return work();
    } catch (error) {
      this.#broken.add(orderId);
      throw error;
    }
  }

  #meet({ routed, order }: StoredOrder, book: LiveBook | undefined, market: Market, at: string): readonly OrderFact[] {
    if (book === undefined || routed.limitPrice === undefined) return [];
    const { side, accountId } = routed;
    const limit = decimal(routed.limitPrice);
    const levels = side === 'buy' ? book.asks : book.bids;
    const reached = walk(
      levels,
      { side, quantity: leavesOf(order), limit },
      market.depth.of(accountId, book.pair, side, book.hash),
    );
    if (reached.length === 0) return [];
    const quantity = reached.reduce((sum, trade) => sum.plus(trade.quantity), decimal('0'));
    // Whoever rests is met at his own price; the other side gets no worse than it saw.
    const held = heldBy(side, quantity, limit, book);
    market.wallets.lock(accountId, held.currency, held.amount.times('-1'));
    market.depth.add(accountId, book.pair, side, book.hash, quantity);
    return [settle(routed, { quantity, price: limit }, order.trades.size + 1, 'maker', book, market, at)];
  }

  #end({ routed, order, cancelReason }: StoredOrder, market: Market, at: string): readonly OrderFact[] {
    const book = this.#parts.board.lastBookOf(routed.pair);
    // Without its instrument it is not known what it holds; it ends when market data is back.
    if (book === undefined || routed.limitPrice === undefined) return [];
    const held = heldBy(routed.side, leavesOf(order), decimal(routed.limitPrice), book);
    market.wallets.lock(routed.accountId, held.currency, held.amount.times('-1'));
    if (cancelReason !== undefined)
      return [{ kind: 'cancelled', venueOrderId: order.venueOrderId, reason: cancelReason, at }];
    return [
      {
        kind: 'expired',
        venueOrderId: order.venueOrderId,
        reason: `its time in force (${routed.timeInForce}) is over`,
        at,
      },
    ];
  }

  async #store(
    tx: Tx,
    moves: readonly { readonly order: StoredOrder; readonly facts: readonly OrderFact[] }[],
    wallets: Wallets,
    at: string,
  ): Promise<void> {
    const { venue, log, balanceIntervalMs } = this.#parts;
    const done = moves.map(({ order: before, facts }) => ({ before, ...evolveAll(before.order, facts) }));
    await saveOrders(
      tx,
      done.map(({ before, order, changes }) => ({
        orderId: before.routed.orderId,
        order,
        negatives: 0,
        settled: 0,
        restartsAge: false,
        nextLookMs: null,
        cancelInMs: isTerminal(order.status) ? null : 'asItWas',
        alarms: before.alarms,
        lastError: undefined,
        statusTimes: {
          ...before.statusTimes,
          [order.status]: before.statusTimes[order.status] ?? changes.at(-1)?.at ?? '',
        },
      })),
    );
    await saveFills(
      tx,
      venue,
      done.flatMap(({ before: { routed }, changes }) =>
        changes.flatMap((change) => (change.kind === 'filled' ? [fillOf(routed, change.fill)] : [])),
      ),
    );
    const tellings = tellingsOf(
      wallets,
      done.map(({ before }) => before.routed.accountId),
      balanceIntervalMs,
    );
    const events = [
      ...done.flatMap(({ before, changes }) => changes.map((change) => eventOf(before, change))),
      ...balanceEvents(venue, wallets, tellings, at),
    ];
    if (events.length > 0) await log.append(tx, events);
    await wallets.write(tx);
    await noteTellings(tx, wallets, tellings);
  }
}

const RECHECK_MS = 30_000;
const RETRY_MS = 20;

const textOf = (price: Decimal | undefined): string | null => (price === undefined ? null : plain(price));

const TASK_COLUMNS = 't.task_id, t.attempts, t.payload, t.cause_id, t.traceparent, t.cancel_reason';
const RESTS = "o.mode = 'simulated' and o.status in ('placed', 'partially_filled')";
const ANY_RESTING = {
  name: 'execution-any-resting',
  text: `select exists (select from orders o where ${RESTS}) as some`,
};
// Those whose time is over, and those that somebody wants gone. What is held by whoever marks orders as wanted gone is passed over: it holds
// them in another order than this.
const TAKE_ENDING = {
  name: 'execution-take-ending',
  text: `
    select ${ORDER_COLUMNS}, ${TASK_COLUMNS} from orders o join execution_tasks t on t.task_id = o.order_id
    where o.order_id = any (array(
        (select o.order_id from orders o where ${RESTS} and o.expire_at <= now() and o.order_id <> all ($2::text[]) order by o.expire_at limit $1)
        union
        (select o.order_id from orders o where ${RESTS} and o.cancel_due_at is not null and o.order_id <> all ($2::text[]) order by o.cancel_due_at limit $1)
      )) and ${RESTS}
    for update of o skip locked`,
};
const TAKE_REACHED = {
  name: 'execution-take-reached',
  text: `
    select ${ORDER_COLUMNS}, ${TASK_COLUMNS}
    from unnest($1::text[], $2::numeric[], $3::numeric[]) as b (pair, bid, ask)
    join orders o on o.pair = b.pair and ${RESTS}
      and ((o.side = 'buy' and o.limit_price >= b.ask) or (o.side = 'sell' and o.limit_price <= b.bid))
    join execution_tasks t on t.task_id = o.order_id
    where o.order_id <> all ($5::text[])
    order by o.created_at, o.order_id limit $4 for update of o skip locked`,
};
