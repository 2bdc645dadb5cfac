import { evolveAll, isTerminal, newOrder, type OrderFact } from '@switchyard/order-domain';
import type { Database, Tx } from '@switchyard/persistence';
import { haltOf } from '../adapters/postgres/take.js';
import type { EventAppender } from '../adapters/postgres/event-appender.js';
import { QueueFloor } from '../adapters/postgres/queue-floor.js';
import { saveFills } from '../adapters/postgres/save.js';
import type { Round } from '../loop.js';
import type { ExecutionMetrics } from '../metrics.js';
import type { Clock } from '../ports/clock.js';
import type { VenueAccess } from '../ports/venue-access.js';
import { admit, type Deployment } from '../tasks/admit.js';
import { condemn, type CondemnParts } from '../tasks/condemn.js';
import { isolate } from '../tasks/isolate.js';
import { clientOrderIdOf, orderOf, type RoutedOrder } from '../tasks/task.js';
import { balanceEvents, noteTellings, tellingsOf } from './balance-telling.js';
import type { Board } from './board.js';
import { DepthTaken } from './depth-taken.js';
import { fillOrder, type Market } from './fill-order.js';
import { errorOf, eventsOf, fillsOf, insertOrders, type Simulated } from './simulated-order.js';
import { correct, takeSimulated, takeTheseSimulated, type SimulatedTask } from './simulated-queue.js';
import { tryLockSimulator } from './simulator-lock.js';
import { Wallets, type FeeCurrency } from './wallet.js';

export interface SimulatorParts extends CondemnParts {
  readonly db: Database;
  readonly log: EventAppender;
  readonly clock: Clock;
  readonly access: VenueAccess;
  readonly board: Board;
  readonly feeCurrency: FeeCurrency;
  readonly metrics: ExecutionMetrics;
  readonly claimSize: number;
  /** Whether the global trading state was not heard for too long; absent: never. */
  readonly isUnheard?: () => boolean;
  /** An account's balances are told at most this often. */
  readonly balanceIntervalMs: number;
  /** An order rests now. */
  readonly onResting: () => void;
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
  readonly #floor = new QueueFloor();

  constructor(parts: SimulatorParts) {
    this.#parts = parts;
  }

  get depth(): DepthTaken {
    return this.#depth;
  }

  /** One batch. */
  async round(): Promise<Round> {
    const { db, claimSize, clock } = this.#parts;
    const started = clock.monotonic();
    const floor = this.#floor.at(started);
    // Most rounds find nothing: one question then, and no transaction.
    const { rows } = await db.query<{ queued: boolean; due_in_ms: number | null }>(WORK, [floor, dueSinceMs(floor)]);
    const dueInMs = rows[0]?.due_in_ms ?? undefined;
    if (rows[0]?.queued !== true && !(dueInMs !== undefined && dueInMs <= 0))
      return { found: 0, nextInMs: dueInMs === undefined ? undefined : Math.ceil(dueInMs) };
    const taken: string[] = [];
    try {
      const batch = await this.#transact(async (tx) => {
        const { tasks, lowest } = await takeSimulated(tx, claimSize, floor);
        if (lowest !== undefined) this.#floor.saw(lowest, started);
        taken.push(...tasks.map(({ task_id }) => task_id));
        return tasks;
      }, dueSinceMs(floor));
      if (batch === undefined) return { found: 0, nextInMs: RETRY_MS };
      return { found: batch.taken, nextInMs: batch.taken >= claimSize ? 0 : Math.ceil(batch.dueInMs) };
    } catch (error) {
      if (taken.length === 0) throw error;
      await isolate(taken, error, {
        work: (ids) => this.#transact((tx) => takeTheseSimulated(tx, ids)),
        condemn: (taskId, why) => condemn(this.#parts, taskId, why),
      });
      return { found: taken.length, nextInMs: 0 };
    }
  }

  /** Undefined where another replica is at it. */
  async #transact(take: (tx: Tx) => Promise<readonly SimulatedTask[]>, dueWithinMs = 0): Promise<Batch | undefined> {
    const { db, clock, metrics, onResting } = this.#parts;
    const started = clock.monotonic();
    let batch: Batch | undefined;
    try {
      batch = await db.transaction(async (tx) =>
        (await tryLockSimulator(tx)) ? this.#batch(tx, await take(tx), dueWithinMs) : undefined,
      );
    } catch (error) {
      this.#depth.clear();
      throw error;
    }
    if (batch === undefined) return undefined;
    if (batch.taken > 0) metrics.took('simulated_batch', clock.monotonic() - started);
    for (const { order } of batch.orders) metrics.executed('simulated', order.status);
    if (batch.orders.some(({ order }) => !isTerminal(order.status))) onResting();
    return batch;
  }

  async #batch(tx: Tx, tasks: readonly SimulatedTask[], dueWithinMs: number): Promise<Batch> {
    const wallets = await Wallets.read(
      tx,
      tasks.map(({ account_id }) => account_id),
      { most: DUE_AT_A_TIME, sinceMs: dueWithinMs },
    );
    const { orders, waiting } = this.#execute(tasks, wallets);
    const dueInMs = await this.#store(tx, orders, waiting, wallets);
    return { taken: tasks.length, orders, dueInMs };
  }

  #execute(
    tasks: readonly SimulatedTask[],
    wallets: Wallets,
  ): { readonly orders: readonly Simulated[]; readonly waiting: readonly string[] } {
    const { access, board, clock, feeCurrency, venue } = this.#parts;
    const market: Market = { wallets, depth: this.#depth, feeCurrency };
    const deployment: Deployment = { venue, origin: access.origin, rules: access.rules, hasAdapter: false };
    const nowMs = clock.now();
    const at = new Date(nowMs).toISOString();
    const isUnheard = this.#parts.isUnheard?.() === true;
    const orders: Simulated[] = [];
    const waiting: string[] = [];
    for (const task of tasks) {
      const routed = orderOf({ taskId: task.task_id, payload: task.payload });
      if (task.cancel_reason !== null) {
        // Nothing of it was traded.
        orders.push(simulatedOf(task, routed, [{ kind: 'cancelled', reason: task.cancel_reason, at }]));
        continue;
      }
      const restraint = { halt: haltOf(task), isUnheard };
      const admission = admit(routed, wallets.accountOf(routed.accountId), deployment, restraint, nowMs);
      if (admission.kind === 'wait') {
        waiting.push(task.task_id);
        continue;
      }
      const facts: readonly OrderFact[] =
        admission.kind === 'refuse'
          ? [{ kind: 'gaveUp', refusal: admission.refusal, retriable: admission.retriable, at }]
          : [{ kind: 'claimed', at }, ...fillOrder(routed, board.bookOf(routed.pair, nowMs), market, at)];
      orders.push(simulatedOf(task, routed, facts));
    }
    return { orders, waiting };
  }

  /** @returns when the next of these balances are due, milliseconds from now */
  async #store(tx: Tx, orders: readonly Simulated[], waiting: readonly string[], wallets: Wallets): Promise<number> {
    const { venue, log, clock, balanceIntervalMs } = this.#parts;
    const at = new Date(clock.now()).toISOString();
    const failed = orders.filter(({ order }) => order.status === 'failed' || order.status === 'rejected');
    const moved = orders.filter(({ changes }) => changes.some(({ kind }) => kind !== 'failed'));
    const tellings = tellingsOf(
      wallets,
      moved.map(({ routed }) => routed.accountId),
      balanceIntervalMs,
    );
    const events = [
      ...orders.flatMap((order) => eventsOf(venue, order)),
      ...balanceEvents(venue, wallets, tellings, at),
    ];
    // Sent together, in the order in which rows are locked. One append: it locks the log's shards in their order.
    await Promise.all([
      correct(
        tx,
        waiting,
        failed.map((order) => ({ taskId: order.routed.orderId, code: errorOf(order) })),
      ),
      insertOrders(tx, orders, at),
      saveFills(tx, venue, orders.flatMap(fillsOf)),
      events.length > 0 ? log.append(tx, events) : undefined,
      wallets.write(tx),
      noteTellings(tx, wallets, tellings),
    ]);
    const isFull = tellings.filter(({ tells, moved: didMove }) => tells && !didMove).length >= DUE_AT_A_TIME;
    return isFull ? 0 : Math.min(...tellings.map(({ dueInMs }) => dueInMs ?? Infinity));
  }
}

const simulatedOf = (task: SimulatedTask, routed: RoutedOrder, facts: readonly OrderFact[]): Simulated => ({
  routed,
  clientOrderId: clientOrderIdOf(routed.orderId),
  causeId: task.cause_id,
  traceparent: task.traceparent ?? undefined,
  ...evolveAll(newOrder(routed.quantity, 'queued'), facts),
});

/** Another replica is at it. */
const RETRY_MS = 20;
/** Accounts whose balances are told beside those that moved. */
const DUE_AT_A_TIME = 200;

/** How far back balances may have become due: like the queue, all of them are looked at when the floor is nought. */
const dueSinceMs = (floor: number): number => (floor === 0 ? 1e12 : 10_000);

const WORK = {
  name: 'execution-simulator-work',
  text: `
    select exists (
             select from execution_tasks
             where status = 'queued' and executor = 'simulator' and not_before <= now() and seq >= $1::bigint
           ) as queued,
           (select (extract(epoch from min(balance_due_at) - now()) * 1000)::float8 from accounts
            where mode = 'simulated' and balance_due_at > now() - $2::float8 * interval '1 ms') as due_in_ms`,
};
