import type { OutgoingEvent } from '@switchyard/log';
import {
  evolveAll,
  isTerminal,
  newOrder,
  type ChildOrder,
  type OrderChange,
  type OrderFact,
} from '@switchyard/order-domain';
import { plain } from '@switchyard/money';
import type { Database, Tx } from '@switchyard/persistence';
import type { Round } from '../loop.js';
import type { ExecutionMetrics } from '../metrics.js';
import { eventOf } from '../orders/events.js';
import { feesText, saveFills, type EventAppender, type FillSave } from '../orders/save.js';
import type { Clock } from '../ports/clock.js';
import type { VenueAccess } from '../ports/venue-access.js';
import { admit, type Deployment } from '../tasks/admit.js';
import { clientOrderIdOf, type RoutedOrder } from '../tasks/task.js';
import { balanceEvents, noteTellings, tellingsOf } from './balance-telling.js';
import type { Board } from './board.js';
import { DepthTaken } from './depth-taken.js';
import { fillOrder, type Market } from './fill-order.js';
import { tryLockSimulator } from './simulator-lock.js';
import { Wallets, type FeeCurrency } from './wallet.js';

export interface SimulatorParts {
  readonly db: Database;
  readonly venue: string;
  readonly access: VenueAccess;
  readonly board: Board;
  readonly feeCurrency: FeeCurrency;
  readonly clock: Clock;
  readonly log: EventAppender;
  readonly metrics: ExecutionMetrics;
  readonly claimSize: number;
  /** An account's balances are told at most this often. */
  readonly balanceIntervalMs: number;
  /** An order rests now. */
  readonly onResting: () => void;
}

interface TaskRow {
  readonly task_id: string;
  readonly place: number;
  readonly payload: RoutedOrder;
  readonly cause_id: string;
  readonly traceparent: string | null;
}

/** An order on its way through one transaction. */
interface Simulated {
  readonly routed: RoutedOrder;
  readonly clientOrderId: string;
  readonly causeId: string;
  readonly traceparent: string | undefined;
  readonly order: ChildOrder;
  readonly changes: readonly OrderChange[];
}

interface Batch {
  readonly taken: number;
  readonly orders: readonly Simulated[];
  /** When balances are due next that are not told yet, milliseconds from now. */
  readonly dueInMs: number;
}

/**
 * Executes orders of simulated accounts against the live book: no call, many orders in one transaction, in the order of the queue. The same
 * transaction tells the balances it moved, and those of other simulated accounts that are due.
 */
export class Simulator {
  readonly #parts: SimulatorParts;
  readonly #depth = new DepthTaken();

  constructor(parts: SimulatorParts) {
    this.#parts = parts;
  }

  get depth(): DepthTaken {
    return this.#depth;
  }

  /** One batch. */
  async round(): Promise<Round> {
    const { db, claimSize, clock, metrics, onResting } = this.#parts;
    const started = clock.monotonic();
    // Most rounds find nothing: one question then, and no transaction.
    const { rows } = await db.query<{ queued: boolean; due_in_ms: number | null }>(WORK);
    const dueInMs = rows[0]?.due_in_ms ?? undefined;
    if (rows[0]?.queued !== true && !(dueInMs !== undefined && dueInMs <= 0))
      return { found: 0, nextInMs: dueInMs === undefined ? undefined : Math.ceil(dueInMs) };
    let result: Batch | undefined;
    try {
      result = await db.transaction(async (tx) => ((await tryLockSimulator(tx)) ? this.#batch(tx) : undefined));
    } catch (error) {
      this.#depth.clear();
      throw error;
    }
    if (result === undefined) return { found: 0, nextInMs: RETRY_MS };
    if (result.taken > 0) metrics.took('simulated_batch', clock.monotonic() - started);
    for (const { order } of result.orders) metrics.executed('simulated', order.status);
    if (result.orders.some(({ order }) => !isTerminal(order.status))) onResting();
    return { found: result.taken, nextInMs: result.taken >= claimSize ? 0 : Math.ceil(result.dueInMs) };
  }

  async #batch(tx: Tx): Promise<Batch> {
    const { rows } = await tx.query<TaskRow>(TAKE, [this.#parts.claimSize]);
    const tasks = [...rows].sort((a, b) => a.place - b.place);
    const wallets = await Wallets.read(
      tx,
      tasks.map(({ payload }) => payload.accountId),
      DUE_AT_A_TIME,
    );
    const { orders, waiting } = this.#execute(tasks, wallets);
    const failed = orders.filter(({ order }) => order.status === 'failed' || order.status === 'rejected');
    if (waiting.length > 0 || failed.length > 0) await this.#correct(tx, waiting, failed);
    const dueInMs = await this.#store(tx, orders, wallets);
    return { taken: tasks.length, orders, dueInMs };
  }

  #execute(
    tasks: readonly TaskRow[],
    wallets: Wallets,
  ): { readonly orders: readonly Simulated[]; readonly waiting: readonly string[] } {
    const { access, board, clock, feeCurrency, venue } = this.#parts;
    const market: Market = { wallets, depth: this.#depth, feeCurrency };
    const deployment: Deployment = { venue, origin: access.origin, rules: access.rules, hasAdapter: false };
    const nowMs = clock.now();
    const at = new Date(nowMs).toISOString();
    const orders: Simulated[] = [];
    const waiting: string[] = [];
    for (const { payload: routed, cause_id, traceparent } of tasks) {
      const admission = admit(routed, wallets.accountOf(routed.accountId), deployment, nowMs);
      if (admission.kind === 'wait') {
        waiting.push(routed.orderId);
        continue;
      }
      const facts: readonly OrderFact[] =
        admission.kind === 'refuse'
          ? [{ kind: 'gaveUp', refusal: admission.refusal, retriable: admission.retriable, at }]
          : [{ kind: 'claimed', at }, ...fillOrder(routed, board.bookOf(routed.pair, nowMs), market, at)];
      const { order, changes } = evolveAll(newOrder(routed.quantity, 'queued'), facts);
      const clientOrderId = clientOrderIdOf(routed.orderId);
      orders.push({ routed, clientOrderId, causeId: cause_id, traceparent: traceparent ?? undefined, order, changes });
    }
    return { orders, waiting };
  }

  /** Everything was taken as done; what was not is put right. */
  async #correct(tx: Tx, waiting: readonly string[], failed: readonly Simulated[]): Promise<void> {
    await tx.query(CORRECT, [
      [...waiting, ...failed.map(({ routed }) => routed.orderId)],
      [...waiting.map(() => 'queued'), ...failed.map(() => 'failed')],
      [...waiting.map(() => null), ...failed.map(({ changes }) => errorOf(changes))],
      WAIT_MS,
    ]);
  }

  /** @returns when the next of these balances are due, milliseconds from now */
  async #store(tx: Tx, orders: readonly Simulated[], wallets: Wallets): Promise<number> {
    const { venue, log, clock, balanceIntervalMs } = this.#parts;
    const at = new Date(clock.now()).toISOString();
    const moved = orders.filter(({ changes }) => changes.some(({ kind }) => kind !== 'failed'));
    const tellings = tellingsOf(
      wallets,
      moved.map(({ routed }) => routed.accountId),
      balanceIntervalMs,
    );
    if (orders.length > 0) {
      await insertOrders(tx, orders, at);
      await saveFills(tx, venue, orders.flatMap(fillsOf));
    }
    // One append a transaction: it locks the log's shards in their order.
    const events = [
      ...orders.flatMap((order) => eventsOf(venue, order)),
      ...balanceEvents(venue, wallets, tellings, at),
    ];
    if (events.length > 0) await log.append(tx, events);
    await wallets.write(tx);
    await noteTellings(tx, wallets, tellings);
    const isFull = tellings.filter(({ tells, moved: didMove }) => tells && !didMove).length >= DUE_AT_A_TIME;
    return isFull ? 0 : Math.min(...tellings.map(({ dueInMs }) => dueInMs ?? Infinity));
  }
}

/** Another replica is at it. */
const RETRY_MS = 20;
const WAIT_MS = 250;
/** Accounts whose balances are told beside those that moved. */
const DUE_AT_A_TIME = 200;

const errorOf = (changes: readonly OrderChange[]): string | null => {
  const last = changes.at(-1);
  return last?.kind === 'failed' ? last.refusal.code : null;
};

const fillsOf = ({ routed, changes }: Simulated): readonly FillSave[] =>
  changes.flatMap((change) =>
    change.kind === 'filled'
      ? [{ orderId: routed.orderId, accountId: routed.accountId, venueSymbol: routed.venueSymbol, fill: change.fill }]
      : [],
  );

const eventsOf = (venue: string, simulated: Simulated): readonly OutgoingEvent[] => {
  const { routed, clientOrderId, causeId, traceparent, order, changes } = simulated;
  const subject = { venue, routed, clientOrderId, causeId, traceparent, venueOrderId: order.venueOrderId };
  return changes.map((change) => eventOf(subject, change));
};

const insertOrders = async (tx: Tx, orders: readonly Simulated[], at: string): Promise<void> => {
  await tx.query(INSERT_ORDERS, [
    orders.map(({ routed }) => routed.orderId),
    orders.map(({ routed }) => routed.userId),
    orders.map(({ routed }) => routed.accountId),
    orders.map(({ routed }) => routed.pair),
    orders.map(({ routed }) => routed.venueSymbol),
    orders.map(({ routed }) => routed.side),
    orders.map(({ routed }) => routed.quantity),
    orders.map(({ routed }) => routed.limitPrice ?? null),
    orders.map(({ routed }) => expiryOf(routed, at)),
    orders.map(({ order }) => order.status),
    orders.map(({ clientOrderId }) => clientOrderId),
    orders.map(({ routed }) => routed.sendBy),
    orders.map(({ order }) => order.venueOrderId ?? null),
    orders.map(({ order }) => plain(order.cumulativeQuantity)),
    orders.map(({ order }) => plain(order.cumulativeQuote)),
    orders.map(({ order }) => feesText(order)),
    orders.map(({ order }) => order.version),
    orders.map(({ changes }) => errorOf(changes)),
    orders.map(({ order }) => `{"${order.status}":"${at}"}`),
  ]);
};

/** When a resting order ends by itself: its date, or the end of the UTC day. */
const expiryOf = ({ timeInForce, expireAt }: RoutedOrder, at: string): string | null => {
  if (timeInForce === 'gtd') return expireAt ?? null;
  if (timeInForce !== 'day') return null;
  return new Date(Date.parse(`${at.slice(0, 10)}T00:00:00.000Z`) + 86_400_000).toISOString();
};

const WORK = {
  name: 'execution-simulator-work',
  text: `
    select exists (select from execution_tasks where status = 'queued' and executor = 'simulator' and not_before <= now()) as queued,
           (select (extract(epoch from min(balance_due_at) - now()) * 1000)::float8
            from accounts where mode = 'simulated' and balance_due_at is not null) as due_in_ms`,
};
// By priority, users in turn, each user's in the order of their arrival.
const TAKE = {
  name: 'execution-simulator-take',
  text: `
    with chosen as (
      select task_id, row_number() over (order by priority, turn, seq) as place
      from (
        select task_id, priority, seq, row_number() over (partition by user_id order by priority, seq) as turn
        from (
          select task_id, user_id, priority, seq from execution_tasks
          where status = 'queued' and executor = 'simulator' and not_before <= now() order by priority, seq limit 4 * $1
        ) queued
      ) turns
      order by priority, turn, seq limit $1
    ), locked as (
      select t.task_id, c.place from execution_tasks t join chosen c using (task_id) where t.status = 'queued' for update of t
    )
    update execution_tasks t
    set status = 'done', attempts = t.attempts + 1, started_at = now(), finished_at = now()
    from locked l where t.task_id = l.task_id
    returning t.task_id, l.place::float8 as place, t.payload, t.cause_id, t.traceparent`,
};
const CORRECT = {
  name: 'execution-simulator-correct',
  text: `
    update execution_tasks t
    set status = c.status, last_error = c.last_error, not_before = now() + $4::float8 * interval '1 ms',
        finished_at = case when c.status = 'failed' then t.finished_at end
    from unnest($1::text[], $2::text[], $3::text[]) as c (task_id, status, last_error) where t.task_id = c.task_id`,
};
const INSERT_ORDERS = {
  name: 'execution-simulator-insert-orders',
  text: `
    insert into orders
      (order_id, user_id, account_id, pair, venue_symbol, side, quantity, limit_price, expire_at, status, client_order_id, send_by,
       venue_order_id, cumulative_quantity, cumulative_quote, fees, version, last_error, status_times, mode, attempt)
    select n.*, 'simulated', 1 from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::numeric[],
      $8::numeric[], $9::timestamptz[], $10::text[], $11::text[], $12::timestamptz[], $13::text[], $14::numeric[], $15::numeric[],
      $16::json[], $17::integer[], $18::text[], $19::json[]) as n`,
};
