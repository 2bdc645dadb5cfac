import type { AccountPolicyChanged, OrderRouted } from '@switchyard/contracts';
import type { AccountPolicy } from '@switchyard/model';
import { newOrder, type ChildOrder } from '@switchyard/order-domain';
import type { ExecutionStore } from '../../ports/execution-store.js';
import type { GuardStore } from '../../ports/guard-store.js';
import type { FillSave, Intent, OrderSave } from '../../ports/order-records.js';
import type { TakeRules } from '../../ports/task-queue.js';
import { clientOrderIdOf, taskOfOrder, taskOfStateRequest, type NewTask, type RoutedOrder } from '../../tasks/task.js';
import { eventOf, routedOrder, VENUE } from '../routed-order.js';

/** An executor's store, as the suite drives it. */
export interface StoreFixture {
  /** One more process on the same store. */
  client(): Promise<ExecutionStore>;
  /** One more process's hand in what replicas know together of calling the venue. */
  guard(): Promise<GuardStore>;
  /** That process dies, whatever it is at. */
  kill(client: ExecutionStore): Promise<void>;
  /** Types of the events that were appended by transactions that are committed, in their order. */
  events(): Promise<readonly string[]>;
  /** Empties it. */
  reset(): Promise<void>;
}

let made = 0;
/** An order of an account of its own. */
export const anOrder = (more: Partial<OrderRouted> = {}): NewTask & { readonly payload: RoutedOrder } => {
  made += 1;
  const order = routedOrder({
    orderId: `order-${String(made).padStart(6, '0')}`,
    ...{ userId: `user-${made}`, accountId: `acc-${made}`, orderType: 'limit', limitPrice: '64000' },
    ...more,
  });
  return taskOfOrder(eventOf(order, `routed-${order.orderId}`)) as NewTask & { readonly payload: RoutedOrder };
};

export const aRequest = (accountId = 'acc-asked'): NewTask => {
  made += 1;
  const requestedAt = new Date().toISOString();
  const payload = { requestId: `request-${made}`, userId: 'user-1', accountId, venue: VENUE, pairs: [], requestedAt };
  return taskOfStateRequest(eventOf(payload, `asked-${made}`));
};

export const intentOf = ({ payload }: { readonly payload: RoutedOrder }, more: Partial<Intent> = {}): Intent => ({
  routed: payload,
  clientOrderId: clientOrderIdOf(payload.orderId),
  status: 'executing',
  attempt: 1,
  sendBy: payload.sendBy,
  venueExpiry: new Date(Date.parse(payload.sendBy) + 5_000).toISOString(),
  statusTimes: { queued: new Date(0).toISOString() },
  ...more,
});

export const saveOf = (orderId: string, order: Partial<ChildOrder>, more: Partial<OrderSave> = {}): OrderSave => ({
  orderId,
  order: { ...newOrder('0.01'), ...order },
  ...{
    negatives: 0,
    settled: 0,
    restartsAge: false,
    nextLookMs: null,
    cancelInMs: 'asItWas',
    alarms: [],
    lastError: undefined,
    statusTimes: {},
  },
  ...more,
});

export const fillSaveOf = (
  { payload }: { readonly payload: RoutedOrder },
  tradeId: string,
  more: Partial<FillSave> = {},
): FillSave => ({
  orderId: payload.orderId,
  accountId: payload.accountId,
  venueSymbol: payload.venueSymbol,
  side: payload.side,
  fill: {
    ...{ kind: 'fillSeen', venueOrderId: `v-${payload.orderId}`, tradeId, quantity: '0.004', price: '64000' },
    ...{ fee: { amount: '0.1', currency: 'USDT' }, liquidity: 'maker', at: new Date(0).toISOString() },
  },
  ...more,
});

export const aPolicy = (
  userId: string,
  version: number,
  accounts: readonly (Partial<AccountPolicy> & { readonly accountId: string })[],
): AccountPolicyChanged => ({
  ...{ userId, version, enabled: true, mode: 'paper', limits: {}, changedBy: 'admin' },
  changedAt: new Date(0).toISOString(),
  accounts: accounts.map((account) => ({
    ...{ venue: VENUE, mode: 'paper', market: 'spot', enabled: true, usdtAsUsd: true, timeZone: 'UTC' },
    ...account,
  })),
});

export const enqueue = (store: ExecutionStore, ...tasks: readonly NewTask[]): Promise<ReadonlySet<string>> =>
  store.transaction((unit) => unit.enqueue(tasks));

const RULES: TakeRules = { most: 20, perUser: 5, nowMs: 0 };
/** Which would be next; nothing is changed. */
export const next = (store: ExecutionStore, rules: Partial<TakeRules> = {}): Promise<readonly string[]> =>
  store.transaction(async (unit) => idsOf(await unit.take({ ...RULES, nowMs: Date.now(), ...rules })));

export const idsOf = (tasks: readonly { readonly taskId: string }[]): readonly string[] =>
  tasks.map(({ taskId }) => taskId);

export const lease = (owner = 'worker', leaseMs = 60_000) => ({ owner, leaseMs });

/** Claims an order as a worker does: its task leased, its intent stored. @returns its epoch */
export const claimed = async (
  store: ExecutionStore,
  task: ReturnType<typeof anOrder>,
  leaseMs = 60_000,
): Promise<string> => {
  await enqueue(store, task);
  return store.transaction(async (unit) => {
    await unit.lease([task.taskId], lease('worker', leaseMs));
    return (await unit.intend([intentOf(task)], 'worker')).get(task.taskId) ?? 'none';
  });
};

/** What is held of an order under an epoch; undefined where it is not held. */
export const held = (store: ExecutionStore, orderId: string, epoch: string) =>
  store.transaction(async (unit) => (await unit.lockHeld([{ orderId, epoch }])).get(orderId));

/** Of transactions that a test left open, because it failed. */
const unfinished = new Set<() => Promise<void>>();
export const undoUnfinished = (): void => {
  for (const undo of unfinished) void undo();
};

/** A transaction that does something, and then stays open until it is told to go on. */
export const opened = async (
  store: ExecutionStore,
  work: (unit: Parameters<Parameters<ExecutionStore['transaction']>[0]>[0]) => Promise<unknown>,
) => {
  let goOn = (): void => undefined;
  const waits = new Promise<void>((resolve) => (goOn = resolve));
  let isBegun = (): void => undefined;
  const begun = new Promise<void>((resolve) => (isBegun = resolve));
  let failWith: Error | undefined;
  const over = store.transaction(async (unit) => {
    await work(unit);
    isBegun();
    await waits;
    if (failWith) throw failWith;
  });
  over.catch(() => undefined);
  const undo = async (): Promise<void> => {
    unfinished.delete(undo);
    failWith = new Error('undone by the test');
    goOn();
    await over.catch(() => undefined);
  };
  unfinished.add(undo);
  await Promise.race([begun, over]);
  return {
    over,
    commit: async (): Promise<void> => {
      unfinished.delete(undo);
      goOn();
      await over;
    },
    undo,
  };
};

/** Whether it is still under way after everything that could have ended it has had its chance. */
export const isPending = async (promise: Promise<unknown>): Promise<boolean> => {
  const late = new Promise<'late'>((resolve) => setTimeout(resolve, 60, 'late'));
  return (await Promise.race([promise.catch(() => undefined), late])) === 'late';
};
