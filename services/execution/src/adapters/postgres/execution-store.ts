import type { OutgoingEvent } from '@switchyard/log';
import type { Database, Tx } from '@switchyard/persistence';
import type { Clock } from '../../ports/clock.js';
import type { ExecutionStore, ExecutionUnit } from '../../ports/execution-store.js';
import type { TakeRules } from '../../ports/task-queue.js';
import * as balances from './balances.js';
import * as cancels from './cancels.js';
import { condemn } from './condemn.js';
import { enqueue } from './enqueue.js';
import type { EventAppender } from './event-appender.js';
import * as intents from './intents.js';
import * as leases from './leases.js';
import * as lookups from './lookups.js';
import { storePolicies } from './policies.js';
import { QueueFloor } from './queue-floor.js';
import { saveFills, saveLogs, saveOrders, saveTasks } from './save.js';
import { lockHeld } from './stored-order.js';
import { take, takeThese } from './take.js';
import * as states from './trading-states.js';
import { countWaiting, depths, outOfRoom } from './waiting.js';

export interface PostgresStoreParts {
  readonly db: Database;
  readonly venue: string;
  /** Its transactions are this database's. */
  readonly log: EventAppender;
  readonly clock: Pick<Clock, 'monotonic'>;
}

/** From which task on the queue is read, by who reads it: a claim reads what is out, too. */
interface Floors {
  readonly ofClaims: QueueFloor;
  readonly ofWaiting: QueueFloor;
}

/** The executor's schema in Postgres. One a process: it remembers where the queue begins, and nothing else. */
export class PostgresExecutionStore implements ExecutionStore {
  readonly #parts: PostgresStoreParts;
  readonly #floors: Floors = { ofClaims: new QueueFloor(), ofWaiting: new QueueFloor() };
  readonly #channel: string;

  constructor(parts: PostgresStoreParts) {
    this.#parts = parts;
    this.#channel = `${parts.db.schema}_tasks`;
  }

  readonly unitOf = (tx: Tx): ExecutionUnit => unitOf(tx, this.#parts, this.#floors);

  transaction: ExecutionStore['transaction'] = (work) => this.#parts.db.transaction((tx) => work(this.unitOf(tx)));

  ring(): Promise<void> {
    return this.#parts.db.notify(this.#channel);
  }

  onRing(listener: () => void): Promise<() => Promise<void>> {
    return this.#parts.db.listen(this.#channel, listener);
  }

  inherit: ExecutionStore['inherit'] = () => leases.inherit(this.#parts.db);
  depths: ExecutionStore['depths'] = () => depths(this.#parts.db);
  takeDueLookups: ExecutionStore['takeDueLookups'] = (lease, most) =>
    lookups.takeDueLookups(this.#parts.db, lease, most);
  nextLookupInMs: ExecutionStore['nextLookupInMs'] = () => lookups.nextLookupInMs(this.#parts.db);
  clientOrderIds: ExecutionStore['clientOrderIds'] = (accountId, venueOrderIds) =>
    lookups.clientOrderIds(this.#parts.db, accountId, venueOrderIds);
  cancelWork: ExecutionStore['cancelWork'] = () => cancels.cancelWork(this.#parts.db);
  takeDueCancels: ExecutionStore['takeDueCancels'] = (lease, most) =>
    cancels.takeDueCancels(this.#parts.db, lease, most);
  forgetCancels: ExecutionStore['forgetCancels'] = (markedBeforeMs) =>
    cancels.forgetCancels(this.#parts.db, markedBeforeMs);
  knownStates: ExecutionStore['knownStates'] = (most) => states.knownStates(this.#parts.db, most);
  claimsUnderWay: ExecutionStore['claimsUnderWay'] = () => states.claimsUnderWay(this.#parts.db);
  takeDueBalances: ExecutionStore['takeDueBalances'] = (leaseMs, most) =>
    balances.takeDueBalances(this.#parts.db, leaseMs, most);
  nextBalancesInMs: ExecutionStore['nextBalancesInMs'] = () => balances.nextBalancesInMs(this.#parts.db);
  takesUsdtAsUsd: ExecutionStore['takesUsdtAsUsd'] = (accountId) => balances.takesUsdtAsUsd(this.#parts.db, accountId);
}

const unitOf = (tx: Tx, { venue, log, clock }: PostgresStoreParts, floors: Floors): ExecutionUnit => ({
  append: (events: readonly OutgoingEvent[]) => optional(log.append(tx, events)),
  afterCommit: (tell) => {
    tx.afterCommit(tell);
  },
  enqueue: (tasks, failedWith) => optional(enqueue(tx, tasks, failedWith)),
  countWaiting: async (taskIds) => {
    const now = clock.monotonic();
    const { waiting, stored, lowest } = await countWaiting(tx, taskIds, floors.ofWaiting.at(now));
    if (lowest !== undefined) floors.ofWaiting.saw(lowest, now);
    return { waiting, stored };
  },
  outOfRoom: (message) => outOfRoom(tx, message),
  take: async (rules: TakeRules) => {
    const now = clock.monotonic();
    const { tasks, lowest } = await take(tx, { ...rules, floor: floors.ofClaims.at(now) });
    if (lowest !== undefined) floors.ofClaims.saw(lowest, now);
    return tasks;
  },
  takeThese: (taskIds) => takeThese(tx, taskIds),
  postpone: (delays) => optional(leases.postpone(tx, delays)),
  lease: (taskIds, lease) => optional(leases.lease(tx, taskIds, lease)),
  close: (taskIds) => optional(leases.close(tx, taskIds)),
  condemn: (taskId) => condemn(tx, taskId),
  finishRequest: (requestId, epoch) => optional(leases.finishRequest(tx, requestId, epoch)),
  intend: (all, owner) => optional(intents.intend(tx, all, owner)),
  storeRefused: (orders) => optional(intents.storeRefused(tx, orders)),
  lockHeld: (held) => optional(lockHeld(tx, venue, held)),
  saveTasks: (saves) => optional(saveTasks(tx, saves)),
  saveOrders: (saves) => optional(saveOrders(tx, saves)),
  saveFills: (saves) => saveFills(tx, venue, saves),
  saveLogs: (lines) => optional(saveLogs(tx, lines)),
  lookAgain: (accountId, trades) => optional(lookups.lookAgain(tx, accountId, trades)),
  requestCancels: (requests) => optional(cancels.requestCancels(tx, venue, requests)),
  markCancels: (most) => cancels.markCancels(tx, most),
  takeCancelled: (most) => cancels.takeCancelled(tx, most),
  storeStates: (changes) => optional(states.storeStates(tx, venue, changes)),
  holdState: (scope, version) => states.holdState(tx, venue, scope, version),
  lookIntoScope: (look) => states.lookIntoScope(tx, look),
  saveReport: (scope, saved) => optional(states.saveReport(tx, venue, scope, saved)),
  storePolicies: (policies) => optional(storePolicies(tx, venue, policies)),
  askForBalances: (accountIds, intervalMs) => optional(balances.askForBalances(tx, accountIds, intervalMs)),
  toldBalances: (told, pace) => optional(balances.toldBalances(tx, told, pace)),
});

/** Whoever does not await an answer hears of a failure from the transaction. */
const optional = <T>(answer: Promise<T>): Promise<T> => {
  answer.catch(() => undefined);
  return answer;
};
