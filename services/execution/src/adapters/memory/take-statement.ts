import type { TakenTask, TakeRules } from '../../ports/task-queue.js';
import type { MemoryTransaction } from './memory-transaction.js';
import type { TaskRow } from './rows.js';
import { takenTask } from './task-statements.js';

/** Orders past their `sendBy` that one claim refuses, beside those it takes. */
const EXPIRED_AT_A_TIME = 50;
/** Behind all that is to be sent. */
const TO_BE_REFUSED = 6;

interface Chosen {
  readonly task: TaskRow;
  readonly priority: number;
  readonly turn: number;
}

/** The same choice as the statement in `adapters/postgres/take.ts`, whose words it uses. */
export const take = (tx: MemoryTransaction, { most, perUser, nowMs }: TakeRules): readonly TakenTask[] => {
  const live = [...tx.all('tasks')]
    .map(([, task]) => task)
    .filter(({ executor, status }) => executor === 'venue' && LIVE.has(status));
  const next = headsOf(live, tx.nowMs);
  const turns = new Map<string, number>();
  const inTurn = next.sort(byPlace).map((task): Chosen => {
    const turn = (turns.get(task.userId) ?? 0) + 1;
    turns.set(task.userId, turn);
    return { task, priority: task.priority, turn };
  });
  const chosen = inTurn
    .filter(({ turn }) => turn <= perUser)
    .sort(byTurn)
    .slice(0, most);
  const known = new Set(chosen.map(({ task }) => task.taskId));
  const expired = live
    .filter(({ status, sendBy }) => status === 'queued' && sendBy !== undefined && Date.parse(sendBy) <= nowMs)
    .sort((a, b) => Date.parse(a.sendBy ?? '') - Date.parse(b.sendBy ?? ''))
    .slice(0, EXPIRED_AT_A_TIME)
    .filter(({ taskId }) => !known.has(taskId))
    .map((task): Chosen => ({ task, priority: TO_BE_REFUSED, turn: 0 }));
  return [...chosen, ...expired]
    .sort(byTurn)
    .filter(({ task }) => tx.tryLock('tasks', task.taskId))
    .map(({ task }) => takenTask(tx, task));
};

const LIVE: ReadonlySet<TaskRow['status']> = new Set(['queued', 'executing', 'unknown']);

/** Of each lane the head, where it may go. */
const headsOf = (live: readonly TaskRow[], nowMs: number): TaskRow[] => {
  const lanes = new Map<string, TaskRow[]>();
  for (const task of live) {
    const lane = lanes.get(task.lane);
    if (lane === undefined) lanes.set(task.lane, [task]);
    else lane.push(task);
  }
  return [...lanes.values()].flatMap((lane) => {
    const out = lane.filter(({ status }) => status !== 'queued');
    const waiting = lane.filter(({ status }) => status === 'queued').sort(byPlace);
    const head = waiting.find(({ notBefore }) => notBefore <= nowMs);
    const putOff = waiting.find(({ notBefore }) => notBefore > nowMs);
    if (head === undefined || (putOff !== undefined && byPlace(putOff, head) < 0)) return [];
    const isHeldUp = head.priority === 1 ? out.some(({ priority }) => priority === 1) : out.length > 0;
    return isHeldUp ? [] : [head];
  });
};

const byPlace = (a: TaskRow, b: TaskRow): number => a.priority - b.priority || a.seq - b.seq;
const byTurn = (a: Chosen, b: Chosen): number => a.priority - b.priority || a.turn - b.turn || a.task.seq - b.task.seq;
