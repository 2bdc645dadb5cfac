import {
  EVENTS,
  type AccountPolicyChanged,
  type EventType,
  type OrderRouted,
  type TradingStateChanged,
} from '@switchyard/contracts';
import { VENUES } from '@switchyard/exchanges';
import type { EventLog, OutgoingEvent } from '@switchyard/log';
import type { Mode } from '@switchyard/model';
import { createMetrics, type Logger } from '@switchyard/observability';
import { roleOf, type Database, type Tx } from '@switchyard/persistence';
import type { TestDatabase } from '@switchyard/persistence/testing';
import { pino } from 'pino';
import { PostgresExecutionStore } from '../adapters/postgres/execution-store.js';
import { executionConfig, type ExecutionConfig } from '../config.js';
import { Executor, type ExecutorParts } from '../executor.js';
import { SYSTEM_CLOCK, type Clock } from '../ports/clock.js';
import type { VenueAccess } from '../ports/venue-access.js';
import { ExecutionMetrics } from '../metrics.js';
import { ExecutionEffects, type ExecutionEffect } from '../tasks/effects.js';
import type { QueueLimits } from '../tasks/intake.js';
import { clientOrderIdOf, taskOfOrder, taskOfStateRequest } from '../tasks/task.js';
import { eventOf, routedOrder, VENUE } from './routed-order.js';
import type { ScriptedVenue } from './scripted-venue.js';

const SCHEMA = 'execution_binance';

/** A clock that a test sets; its monotonic side runs by itself. */
export class TestClock implements Clock {
  offsetMs = 0;
  now = (): number => Date.now() + this.offsetMs;
  monotonic = (): number => performance.now();
  random = (): number => 0.5;
  after = SYSTEM_CLOCK.after.bind(SYSTEM_CLOCK);
}

/** The event log as a table beside the executor's: what is rolled back was never said. */
export class TableLog implements EventLog<Tx> {
  readonly puts: { readonly topic: string; readonly key: string; readonly payload: unknown }[] = [];
  async append(tx: Tx, events: readonly OutgoingEvent[]): Promise<void> {
    await tx.query({ text: 'insert into test_events (event) select * from unnest($1::json[])', name: 'test-append' }, [
      events.map((event) => JSON.stringify(event)),
    ]);
  }
  put(records: Parameters<EventLog['put']>[0]): Promise<void> {
    this.puts.push(...records);
    return Promise.resolve();
  }
  readByAll(): Promise<readonly string[]> {
    return Promise.resolve([]);
  }
  tail(): Promise<void> {
    return Promise.resolve();
  }
}

export interface Harness {
  readonly db: Database;
  readonly store: PostgresExecutionStore;
  readonly log: TableLog;
  readonly clock: TestClock;
  readonly lines: string[];
  /** An executor of its own, as another replica would be; nothing of it runs by itself. */
  readonly replica: (
    venue: ScriptedVenue,
    config?: Partial<ExecutionConfig>,
    parts?: Partial<ExecutorParts>,
  ) => Executor;
  readonly seal: (accountId: string, sealedDataKey: Uint8Array, sealed: Uint8Array) => Promise<void>;
  readonly account: (
    accountId: string,
    userId: string,
    mode?: Mode,
    more?: Partial<AccountPolicyChanged['accounts'][number]>,
  ) => Promise<void>;
  readonly route: (...orders: readonly Partial<OrderRouted>[]) => Promise<readonly OrderRouted[]>;
  /** The same into a bounded queue, as one process sees it. */
  readonly routeInto: (limits: Partial<QueueLimits>) => Harness['route'];
  /** Somebody asks for an order to be gone, as the log brings it. */
  readonly cancel: (orderId: string, userId?: string, reason?: string) => Promise<void>;
  /** A cancel that comes together with an order for which a queue of this size has no room. */
  readonly cancelInto: (limits: Partial<QueueLimits>, orderId: string, order: Partial<OrderRouted>) => Promise<void>;
  readonly request: (requestId: string, accountId: string, userId: string, since?: string) => Promise<void>;
  readonly events: (orderId?: string) => Promise<readonly RecordedEvent[]>;
  readonly row: (orderId: string) => Promise<Record<string, unknown>>;
  readonly task: (taskId: string) => Promise<Record<string, unknown>>;
  readonly expireLeases: () => Promise<void>;
  /** Of cancels: whoever took one is gone, or it is time to ask again. */
  readonly makeCancelsDue: () => Promise<void>;
  /** Accounts tells a state of a scope. */
  readonly state: (scope: string, change?: Partial<TradingStateChanged>) => Promise<TradingStateChanged>;
  readonly makeDue: () => Promise<void>;
  readonly reset: () => Promise<void>;
}

export interface RecordedEvent {
  readonly type: string;
  readonly key: string;
  readonly role: string;
  readonly cause: { readonly id: string; readonly correlationId?: string };
  readonly payload: Readonly<Record<string, unknown>>;
}

export const openHarness = async (postgres: TestDatabase): Promise<Harness> => {
  const db = await postgres.open(SCHEMA, { folder: new URL('../../migrations/', import.meta.url) });
  const accounts = await postgres.open('accounts');
  await accounts.query(
    'create table if not exists sealed_keys_binance (account_id text primary key, user_id text, key_version int, sealed_data_key bytea, sealed bytea)',
  );
  await accounts.query(`grant usage on schema accounts to ${roleOf(SCHEMA)}`);
  await accounts.query(`grant select on sealed_keys_binance to ${roleOf(SCHEMA)}`);
  await db.query('create table if not exists test_events (n bigint generated always as identity, event json)');
  const log = new TableLog();
  const clock = new TestClock();
  const lines: string[] = [];
  const logger: Logger = pino({ level: 'debug' }, { write: (line: string) => void lines.push(line) });
  const metrics = createMetrics({ service: 'test', process: false });
  const store = new PostgresExecutionStore({ db, venue: VENUE, log, clock });
  const effectsWith = (limits: Partial<QueueLimits>): ExecutionEffects<Tx> =>
    new ExecutionEffects({
      store,
      unitOf: store.unitOf,
      venue: VENUE,
      limits: { orders: 100_000, entriesPerUser: 100_000, simulated: 100_000, ...limits },
      clock,
      metrics: new ExecutionMetrics(metrics, VENUE),
      ring: () => undefined,
    });
  const effects = effectsWith({});
  const apply = (applied: readonly ExecutionEffect[], port = effects): Promise<void> =>
    db.transaction((tx) => port.apply(tx, applied));
  const routing =
    (port: ExecutionEffects<Tx>) =>
    async (...orders: readonly Partial<OrderRouted>[]) => {
      const routed = orders.map(routedOrder);
      await apply(
        routed.map((order) => ({ kind: 'enqueue', task: taskOfOrder(eventOf(order, `routed-${order.orderId}`)) })),
        port,
      );
      return routed;
    };
  let version = 0;

  return {
    db,
    store,
    log,
    clock,
    lines,
    replica: (venue, config = {}, parts = {}) =>
      new Executor({
        config: { ...executionConfig(VENUE).parse({}), ...config },
        db,
        log,
        logger,
        metrics: createMetrics({ service: 'test', process: false }),
        clock,
        access: accessTo(venue),
        keys: {
          open: ({ accountId }) =>
            Promise.resolve({ apiKey: `key-of-${accountId}`, secret: `planted-secret-of-${accountId}` }),
        },
        ...parts,
      }),
    seal: async (accountId, sealedDataKey, sealed) => {
      await accounts.query('update sealed_keys_binance set sealed_data_key = $2, sealed = $3 where account_id = $1', [
        accountId,
        sealedDataKey,
        sealed,
      ]);
    },
    account: async (accountId, userId, mode = 'paper', more = {}) => {
      version += 1;
      await accounts.query('insert into sealed_keys_binance values ($1, $2, 1, $3, $4) on conflict do nothing', [
        accountId,
        userId,
        Buffer.from('sealed data key'),
        Buffer.from('sealed'),
      ]);
      const account = {
        accountId,
        venue: VENUE,
        mode,
        market: 'spot',
        enabled: true,
        usdtAsUsd: true,
        timeZone: 'UTC',
        ...more,
      } as const;
      await apply([
        {
          kind: 'policy',
          policy: {
            userId,
            version,
            enabled: true,
            mode,
            limits: {},
            accounts: [account],
            changedBy: 'admin',
            changedAt: new Date().toISOString(),
          },
        },
      ]);
    },
    route: routing(effects),
    routeInto: (limits) => routing(effectsWith(limits)),
    cancel: (orderId, userId = 'user-1', reason = 'changed my mind') =>
      apply([{ kind: 'cancel', cancel: cancelOf(orderId, userId, reason) }]),
    cancelInto: async (limits, orderId, order) => {
      const routed = routedOrder(order);
      const effect = { kind: 'enqueue', task: taskOfOrder(eventOf(routed, `routed-${routed.orderId}`)) } as const;
      const cancel = cancelOf(orderId, routed.userId);
      await apply([effect, { kind: 'cancel', cancel }], effectsWith(limits)).catch(() => undefined);
    },
    request: (requestId, accountId, userId, since) => {
      const requestedAt = new Date().toISOString();
      const payload = {
        requestId,
        userId,
        accountId,
        venue: VENUE,
        pairs: ['BTC-USDT' as const],
        requestedAt,
        ...(since === undefined ? {} : { since }),
      };
      return apply([{ kind: 'enqueue', task: taskOfStateRequest(eventOf(payload, `asked-${requestId}`)) }]);
    },
    events: async (orderId) => {
      const { rows } = await db.query<{ event: RecordedEvent }>('select event from test_events order by n');
      const events = rows.map(({ event }) => event);
      return orderId === undefined ? events : events.filter(({ payload }) => payload['orderId'] === orderId);
    },
    row: async (orderId) => (await db.query('select * from orders where order_id = $1', [orderId])).rows[0] ?? {},
    task: async (taskId) =>
      (await db.query('select * from execution_tasks where task_id = $1', [taskId])).rows[0] ?? {},
    expireLeases: async () => {
      await db.query("update execution_tasks set lease_until = now() - interval '1 second' where status = 'executing'");
    },
    makeCancelsDue: async () => {
      await db.query('update orders set cancel_due_at = now() where cancel_due_at is not null');
    },
    state: async (scope, change = {}) => {
      version += 1;
      const at = new Date().toISOString();
      const told: TradingStateChanged = {
        ...{ scope, state: 'halted', version, reason: 'the test says so', cancelOpen: false, changedBy: 'otto' },
        ...{ role: 'operator', changedAt: at, repeatedAt: at },
        ...change,
      };
      await apply([{ kind: 'state', change: told }]);
      return told;
    },
    makeDue: async () => {
      await db.query('update orders set next_poll_at = now() where next_poll_at is not null');
    },
    reset: async () => {
      const { rows } = await db.query<{ event: RecordedEvent }>('select event from test_events order by n');
      await db.query(
        `truncate accounts, execution_tasks, orders, fills, execution_logs, simulated_balances, cancel_requests, trading_states,
                  test_events, venue_circuit, rate_closures, rate_budgets, venue_calls`,
      );
      lines.length = 0;
      log.puts.length = 0;
      clock.offsetMs = 0;
      for (const { event } of rows) checkEvent(event);
      const ids = rows.map(({ event }) => `${event.cause.id} ${event.type} ${event.role}`);
      if (new Set(ids).size !== ids.length) throw new Error(`events share an id: ${ids.join(', ')}`);
    },
  };
};

const cancelOf = (orderId: string, userId: string, reason?: string) => ({
  ...{ requestId: `cancel-of-${orderId}`, orderId, parentOrderId: orderId, signalId: 'signal', userId, reason },
  ...{ requestedBy: userId, role: 'trader', requestedAt: new Date().toISOString() },
});

export { clientOrderIdOf };

/** A way to the venue whose clock is known. */
export const accessTo = ({ venue }: ScriptedVenue): VenueAccess => ({
  capabilities: VENUES.binance.capabilities,
  origin: venue.origin,
  rules: {
    venue: VENUES.binance.capabilities.origins,
    liveTradingEnabled: false,
    simulatedOrigins: [],
    allowedLiveOrigins: [],
  },
  open: () => Promise.resolve(venue),
  clock: () => ({ venueTimeMs: 0, offsetMs: 0, errorMs: 1, roundTripMs: 2 }),
  awaitsClock: () => false,
  measure: () => venue.marketData.serverTime(),
  holdOff: () => undefined,
  close: () => Promise.resolve(),
});

/** Whatever a test is about: what leaves is what the contracts say. */
const checkEvent = ({ type, payload }: RecordedEvent): void => {
  const checked = EVENTS[type as EventType].schema.safeParse(payload);
  if (!checked.success)
    throw new Error(`${type} is not as its contract says: ${checked.error.message} in ${JSON.stringify(payload)}`);
};
