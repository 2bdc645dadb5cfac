import type { AccountPolicyChanged, OrderCancelRequested, TradingStateChanged } from '@switchyard/contracts';
import type { EffectsPort } from '@switchyard/log';
import type { ExecutionMetrics } from '../metrics.js';
import type { Clock } from '../ports/clock.js';
import type { CancelRequest } from '../ports/cancel-records.js';
import type { ExecutionStore, ExecutionUnit, UnitOf } from '../ports/execution-store.js';
import { cancelOf as cancelOfState } from '../trading-state/state-keeper.js';
import type { QueueLimits, Waiting } from './intake.js';
import { QueueRoom } from './queue-room.js';
import { refuseTasks } from './refuse-tasks.js';
import type { NewTask } from './task.js';

/** What a stage transaction leaves in the executor's own tables. */
export type ExecutionEffect =
  | { readonly kind: 'enqueue'; readonly task: NewTask }
  | { readonly kind: 'policy'; readonly policy: AccountPolicyChanged }
  | { readonly kind: 'cancel'; readonly cancel: OrderCancelRequested }
  | { readonly kind: 'state'; readonly change: TradingStateChanged };

/** Told of new work, once it is committed. */
export type Doorbell = (work: {
  readonly venue: boolean;
  readonly simulator: boolean;
  readonly accounts: boolean;
  /** Somebody wants orders gone. */
  readonly cancels?: boolean;
  /** A trading state is to be kept. */
  readonly states?: boolean;
}) => void;

export interface EffectsParts<Tx> {
  readonly store: Pick<ExecutionStore, 'transaction'>;
  /** The stage's transactions are this store's, too. */
  readonly unitOf: UnitOf<Tx>;
  readonly venue: string;
  readonly limits: QueueLimits;
  readonly clock: Clock;
  readonly metrics: ExecutionMetrics;
  readonly ring: Doorbell;
}

interface Work {
  readonly policies: readonly AccountPolicyChanged[];
  readonly tasks: readonly NewTask[];
  readonly cancels: readonly CancelRequest[];
  readonly states: readonly TradingStateChanged[];
}

/** The stage's effects: policies, tasks, cancels and trading states. Repeats change nothing. */
export class ExecutionEffects<Tx> implements EffectsPort<Tx> {
  readonly #parts: EffectsParts<Tx>;
  readonly #room: QueueRoom;
  /** What is being stored apart, or how that failed. */
  #apart: Promise<unknown> | { readonly error: unknown } | undefined;

  constructor(parts: EffectsParts<Tx>) {
    this.#parts = parts;
    this.#room = new QueueRoom(parts.limits, parts.clock);
  }

  async apply(tx: Tx, effects: readonly unknown[]): Promise<void> {
    const work = workOf(effects as readonly ExecutionEffect[]);
    const { tasks } = work;
    const { unitOf, venue, metrics, clock, limits } = this.#parts;
    const unit = unitOf(tx);
    if (tasks.length === 0) return this.#store(unit, work);
    const { taken, refused, leftOut, waiting } = await this.#room.sortOut(unit, tasks);
    metrics.intakePaused(leftOut.length > 0);
    if (leftOut.length > 0) {
      this.#storeApart({ ...work, tasks: taken });
      return pause(unit, venue, waiting);
    }
    // A stage that emits nothing itself: what is appended here is its only batch, and the publisher misses none.
    const { entriesPerUser } = limits;
    await this.#store(unit, { ...work, tasks: taken });
    await refuseTasks(unit, { venue, entriesPerUser, nowMs: clock.now() }, refused);
    for (const { payload } of refused) if ('mode' in payload) metrics.executed(payload.mode, 'queue_full');
  }

  /**
   * The stage's transaction must take all or nothing of what it read. What need not wait is stored apart, and changes nothing when it
   * comes again: a stop-loss stands behind nobody's entries, a policy and a halt are obeyed, and a cancel is carried out.
   *
   * Begun here and not waited for: the stage holds locks and a connection, and those who hold the other connections may wait for its locks.
   * One at a time: what it does not take comes again with the next turn, which also throws what this one failed with.
   */
  #storeApart(work: Work): void {
    if (this.#apart === undefined) {
      this.#apart = this.#parts.store
        .transaction((apart) => this.#store(apart, work))
        .then(
          () => (this.#apart = undefined),
          (error: unknown) => (this.#apart = { error }),
        );
      return;
    }
    if (this.#apart instanceof Promise) return;
    const { error } = this.#apart;
    this.#apart = undefined;
    throw error;
  }

  async #store(unit: ExecutionUnit, { policies, tasks, cancels, states }: Work): Promise<void> {
    const { ring } = this.#parts;
    // The global state is repeated each second: only what is news asks for cancels.
    const changed = states.length === 0 ? [] : await unit.storeStates(states);
    const ofStates = changed.filter(({ state, cancelOpen }) => cancelOpen && state !== 'active').map(cancelOfState);
    unit.afterCommit(() => {
      ring({
        venue: tasks.some(({ executor }) => executor === 'venue'),
        simulator: tasks.some(({ executor }) => executor === 'simulator'),
        accounts: policies.length > 0,
        cancels: cancels.length + ofStates.length > 0,
        states: changed.length > 0,
      });
    });
    // Before the tasks: an order that is stored with its cancel finds it.
    void unit.requestCancels([...cancels, ...ofStates]);
    // Leaves with the commit: nothing of the stage's transaction waits for it.
    void unit.enqueue(tasks);
    await unit.storePolicies(policies);
  }
}

/**
 * The queue is full: the stage rolls back, and takes the same events again a little later. By the error's class (53, insufficient
 * resources) it knows that no event is at fault.
 */
const pause = (unit: ExecutionUnit, venue: string, { orders, simulated }: Waiting): Promise<never> => {
  const waiting = `${orders} orders wait for the venue, ${simulated} for the simulator`;
  return unit.outOfRoom(
    `the queue of ${venue} is full (${waiting}): further orders stay in the log until there is room`,
  );
};

/** Of each user the newest policy. */
const workOf = (effects: readonly ExecutionEffect[]): Work => {
  const tasks: NewTask[] = [];
  const cancels: CancelRequest[] = [];
  const states: TradingStateChanged[] = [];
  const policies = new Map<string, AccountPolicyChanged>();
  for (const effect of effects) {
    if (effect.kind === 'enqueue') tasks.push(effect.task);
    else if (effect.kind === 'cancel') cancels.push(cancelOf(effect.cancel));
    else if (effect.kind === 'state') states.push(effect.change);
    else if (effect.policy.version > (policies.get(effect.policy.userId)?.version ?? 0))
      policies.set(effect.policy.userId, effect.policy);
  }
  return { tasks, cancels, states, policies: [...policies.values()] };
};

const cancelOf = ({ requestId, orderId, userId, requestedBy, reason }: OrderCancelRequested): CancelRequest => ({
  requestId,
  target: { kind: 'order', orderId, userId },
  reason: `cancelled as ${requestedBy === userId ? 'its user' : requestedBy} asked${reason === undefined ? '' : `: ${reason}`}`,
});
