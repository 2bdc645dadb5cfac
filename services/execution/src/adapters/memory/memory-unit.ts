import type { ExecutionUnit } from '../../ports/execution-store.js';
import { TradeOfAnotherOrder } from '../../ports/order-records.js';
import * as accounts from './account-statements.js';
import * as cancels from './cancel-statements.js';
import type { MemoryExecutionDatabase } from './memory-database.js';
import type { MemoryTransaction } from './memory-transaction.js';
import * as orders from './order-statements.js';
import { outOfRoom } from './store-error.js';
import { take } from './take-statement.js';
import * as tasks from './task-statements.js';
import * as states from './trading-state-statements.js';

/** A transaction as the port's unit: each operation one statement, and none where there is nothing to do, as in Postgres. */
export const memoryUnit = (tx: MemoryTransaction, database: MemoryExecutionDatabase): ExecutionUnit => {
  const nextNumber = (): number => database.nextNumber();
  const nothing = Promise.resolve();
  const none = <T>(): Promise<ReadonlyMap<string, T>> => Promise.resolve(new Map());
  return {
    append: (events) => tx.ask('append', (open) => database.append(open, events)),
    afterCommit: (tell) => {
      tx.afterCommit(tell);
    },
    enqueue: (all, failedWith) =>
      all.length === 0
        ? Promise.resolve(new Set())
        : tx.ask('enqueue', (open) => tasks.enqueue(open, all, failedWith, nextNumber)),
    countWaiting: (ids) => tx.ask('countWaiting', (open) => tasks.countWaiting(open, ids)),
    outOfRoom: (message) =>
      tx.ask('outOfRoom', () => {
        throw outOfRoom(message);
      }),
    take: (rules) =>
      tx.ask('take', (open) => {
        open.asClaim();
        return take(open, rules);
      }),
    takeThese: (ids) =>
      tx.ask('takeThese', (open) => {
        open.asClaim();
        return tasks.takeThese(open, ids);
      }),
    postpone: (all) => (all.length === 0 ? nothing : tx.ask('postpone', (open) => tasks.postpone(open, all))),
    lease: (ids, lease) => (ids.length === 0 ? none() : tx.ask('lease', (open) => tasks.lease(open, ids, lease))),
    close: (ids) => (ids.length === 0 ? nothing : tx.ask('close', (open) => tasks.close(open, ids))),
    condemn: (id) => tx.ask('condemn', (open) => tasks.condemn(open, id)),
    finishRequest: (id, epoch) => tx.ask('finishRequest', (open) => tasks.finishRequest(open, id, epoch)),
    intend: (all, owner) => (all.length === 0 ? none() : tx.ask('intend', (open) => orders.intend(open, all, owner))),
    storeRefused: (all) =>
      all.length === 0 ? nothing : tx.ask('storeRefused', (open) => orders.storeRefused(open, all)),
    lockHeld: (held) => tx.ask('lockHeld', (open) => orders.lockHeld(open, held, database.venue)),
    saveTasks: (all) => (all.length === 0 ? nothing : tx.ask('saveTasks', (open) => orders.saveTasks(open, all))),
    saveOrders: (all) => (all.length === 0 ? nothing : tx.ask('saveOrders', (open) => orders.saveOrders(open, all))),
    saveFills: async (all) => {
      if (all.length === 0) return;
      const stored = await tx.ask('saveFills', (open) => orders.saveFills(open, all));
      if (stored !== all.length) throw new TradeOfAnotherOrder(all.map(({ orderId }) => orderId));
    },
    saveLogs: (all) =>
      all.length === 0 ? nothing : tx.ask('saveLogs', (open) => orders.saveLogs(open, all, nextNumber)),
    lookAgain: (accountId, trades) => tx.ask('lookAgain', (open) => orders.lookAgain(open, accountId, trades)),
    requestCancels: (all) =>
      all.length === 0
        ? nothing
        : tx.ask('requestCancels', (open) => cancels.requestCancels(open, all, database.venue, nextNumber)),
    markCancels: (most) => tx.ask('markCancels', (open) => cancels.markCancels(open, most)),
    takeCancelled: (most) => tx.ask('takeCancelled', (open) => cancels.takeCancelled(open, most)),
    storeStates: (changes) =>
      changes.length === 0
        ? Promise.resolve([])
        : tx.ask('storeStates', (open) => states.storeStates(open, database.venue, changes)),
    holdState: (scope, version) => tx.ask('holdState', (open) => states.holdState(open, scope, version)),
    lookIntoScope: (look) => tx.ask('lookIntoScope', (open) => states.lookIntoScope(open, look)),
    saveReport: (scope, saved) =>
      tx.ask('saveReport', (open) => {
        states.saveReport(open, scope, saved);
      }),
    storePolicies: (policies) =>
      policies.length === 0
        ? nothing
        : tx.ask('storePolicies', (open) => accounts.storePolicies(open, database.venue, policies)),
    askForBalances: (ids, intervalMs) =>
      ids.length === 0 ? nothing : tx.ask('askForBalances', (open) => accounts.askForBalances(open, ids, intervalMs)),
    toldBalances: (told, pace) => tx.ask('toldBalances', (open) => accounts.toldBalances(open, told, pace)),
  };
};
