import type { AccountPolicyChanged } from '@switchyard/contracts';
import type { EffectsPort } from '@switchyard/log';
import type { Database, Tx } from '@switchyard/persistence';
import type { ExecutionMetrics } from '../metrics.js';
import type { EventAppender } from '../orders/save.js';
import type { Clock } from '../ports/clock.js';
import { enqueue } from './enqueue.js';
import type { QueueLimits, Waiting } from './intake.js';
import { storePolicies } from './policies.js';
import { QueueRoom } from './queue-room.js';
import { refuseTasks } from './refuse-tasks.js';
import type { NewTask } from './task.js';

/** What a stage transaction leaves in the executor's own tables. */
export type ExecutionEffect =
  | { readonly kind: 'enqueue'; readonly task: NewTask }
  | { readonly kind: 'policy'; readonly policy: AccountPolicyChanged };

/** Told of new work, once it is committed. */
export type Doorbell = (work: {
  readonly venue: boolean;
  readonly simulator: boolean;
  readonly accounts: boolean;
}) => void;

export interface EffectsParts {
  readonly db: Database;
  readonly venue: string;
  readonly limits: QueueLimits;
  readonly clock: Clock;
  readonly log: EventAppender;
  readonly metrics: ExecutionMetrics;
  readonly ring: Doorbell;
}

interface Work {
  readonly policies: readonly AccountPolicyChanged[];
  readonly tasks: readonly NewTask[];
}

/** The stage's effects: policies and tasks. Repeats change nothing. */
export class ExecutionEffects implements EffectsPort<Tx> {
  readonly #parts: EffectsParts;
  readonly #room: QueueRoom;

  constructor(parts: EffectsParts) {
    this.#parts = parts;
    this.#room = new QueueRoom(parts.limits, parts.clock);
  }

  async apply(tx: Tx, effects: readonly unknown[]): Promise<void> {
    const { policies, tasks } = workOf(effects as readonly ExecutionEffect[]);
    if (tasks.length === 0) return this.#store(tx, { policies, tasks });
    const { taken, refused, leftOut, waiting } = await this.#room.sortOut(tx, tasks);
    const { db, venue, metrics, clock, log, limits } = this.#parts;
    metrics.intakePaused(leftOut.length > 0);
    if (leftOut.length > 0) {
      // The stage's transaction must take all or nothing of what it read. What need not wait is stored apart, and changes nothing when it
      // comes again: a stop-loss stands behind nobody's entries, and a policy is obeyed. Nothing there waits for the shards that are locked here.
      await db.transaction((apart) => this.#store(apart, { policies, tasks: taken }));
      return pause(tx, venue, waiting);
    }
    // A stage that emits nothing itself: what is appended here is its only batch, and the publisher misses none.
    const { entriesPerUser } = limits;
    await this.#store(tx, { policies, tasks: taken });
    await refuseTasks(tx, { venue, log, entriesPerUser, nowMs: clock.now() }, refused);
    for (const { payload } of refused) if ('mode' in payload) metrics.executed(payload.mode, 'queue_full');
  }

  async #store(tx: Tx, { policies, tasks }: Work): Promise<void> {
    const { venue, ring } = this.#parts;
    tx.afterCommit(() => {
      ring({
        venue: tasks.some(({ executor }) => executor === 'venue'),
        simulator: tasks.some(({ executor }) => executor === 'simulator'),
        accounts: policies.length > 0,
      });
    });
    // Leaves with the commit: nothing of the stage's transaction waits for it.
    void enqueue(tx, tasks).catch(() => undefined);
    await storePolicies(tx, venue, policies);
  }
}

/**
 * The queue is full: the stage rolls back, and takes the same events again a little later. By its SQLSTATE (class 53, insufficient
 * resources) the stage knows that no event is at fault; as the server says so itself, the connection is known to be sound.
 */
const pause = async (tx: Tx, venue: string, { orders, simulated }: Waiting): Promise<void> => {
  const waiting = `${orders} orders wait for the venue, ${simulated} for the simulator`;
  const message = `the queue of ${venue} is full (${waiting}): further orders stay in the log until there is room`;
  await tx.query(`do $$ begin raise exception using errcode = '53400', message = '${message}'; end $$`);
};

/** Of each user the newest policy. */
const workOf = (effects: readonly ExecutionEffect[]): Work => {
  const tasks: NewTask[] = [];
  const policies = new Map<string, AccountPolicyChanged>();
  for (const effect of effects) {
    if (effect.kind === 'enqueue') tasks.push(effect.task);
    else if (effect.policy.version > (policies.get(effect.policy.userId)?.version ?? 0))
      policies.set(effect.policy.userId, effect.policy);
  }
  return { tasks, policies: [...policies.values()] };
};
