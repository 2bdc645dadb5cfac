import { EVENTS, type OrderFailed } from '@switchyard/contracts';
import type { OutgoingEvent } from '@switchyard/log';
import { refuse } from '@switchyard/model';
import type { Clock } from '../ports/clock.js';
import type { ExecutionStore } from '../ports/execution-store.js';
import type { CondemnedTask } from '../ports/task-queue.js';
import { clientOrderIdOf } from './task.js';

export interface CondemnParts {
  readonly store: ExecutionStore;
  readonly venue: string;
  readonly clock: Pick<Clock, 'now'>;
  /** Tells of it in this process. */
  readonly onCondemned: (taskId: string, error: unknown) => void;
}

/**
 * Fails a task that breaks whoever works on it, so that the rest goes on: the task and its order as `INTERNAL`, a person called, and the
 * order's end told as far as its payload can be read. It waited in the queue, so nothing of it was sent.
 */
export const condemn = async (parts: CondemnParts, taskId: string, error: unknown): Promise<void> => {
  const { store, venue, clock } = parts;
  const condemned = await store.transaction(async (unit) => {
    const task = await unit.condemn(taskId);
    if (task === undefined) return false;
    const at = new Date(clock.now()).toISOString();
    await unit.append([...orderFailed(venue, task, at), taskFailed(venue, task, at)]);
    return true;
  });
  if (condemned) parts.onCondemned(taskId, error);
};

/** Of what the payload can't say, the task's own columns can, but for the side and the mode. */
const orderFailed = (venue: string, task: CondemnedTask, at: string): readonly OutgoingEvent[] => {
  if (task.eventType !== 'OrderRouted' || typeof task.payload !== 'object' || task.payload === null) return [];
  const { side, mode } = task.payload as Readonly<Record<string, unknown>>;
  const refusal = refuse('INTERNAL', {}, 'This order could not be worked on, by an error of ours. Nothing was sent.');
  const payload = {
    orderId: task.taskId,
    parentOrderId: task.parentOrderId,
    signalId: task.signalId,
    userId: task.userId,
    accountId: task.accountId,
    venue,
    pair: task.lane.slice(task.accountId.length + 1),
    side,
    clientOrderId: clientOrderIdOf(task.taskId),
    orderVersion: task.orderVersion,
    dryRun: mode !== 'live',
    stage: 'execution',
    ...refusal,
    retriable: true,
    status: 'failed',
    cumulativeQuantity: '0',
    failedAt: at,
  };
  const checked = EVENTS.OrderFailed.schema.safeParse(payload);
  return checked.success
    ? [{ ...eventOf(task, 'OrderFailed', checked.data satisfies OrderFailed), key: task.userId }]
    : [];
};

const TASK_FAILED = {
  code: 'TASK_FAILED',
  message: 'A task broke whoever worked on it. It was failed, so that the others go on; nothing of it was sent.',
  severity: 'high',
} as const;

const taskFailed = (venue: string, task: CondemnedTask, at: string): OutgoingEvent => {
  const service = `execution-${venue}`;
  const facts = {
    taskId: task.taskId,
    eventType: task.eventType,
    userId: task.userId,
    accountId: task.accountId,
  };
  return { ...eventOf(task, 'SystemError', { service, ...TASK_FAILED, facts, at }), key: service };
};

const eventOf = (task: CondemnedTask, type: string, payload: object): Omit<OutgoingEvent, 'key'> => ({
  topic: type,
  type,
  payload,
  role: 'condemned',
  cause: {
    id: task.causeId,
    traceparent: task.traceparent,
    ...(task.signalId === undefined ? {} : { correlationId: task.signalId }),
  },
});
