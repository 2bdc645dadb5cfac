import type {
  BalanceUpdated,
  EventOf,
  EventType,
  OrderFailed,
  OrderFilled,
  PositionClosed,
  PositionOpened,
} from '@switchyard/contracts';
import { typeOfTopic } from '@switchyard/contracts';
import type { LogEvent } from '@switchyard/log';
import { isForOperators } from './for-operators.js';
import * as order from './order-change.js';
import { mergeOrderChanges, type OrderChange } from './order-change.js';

/** A fill and where its executor numbered it. */
export interface RecordedFill {
  readonly fill: OrderFilled;
  readonly source: string | undefined;
  readonly sequence: number;
}

export type PositionChange =
  | { readonly status: 'open'; readonly event: PositionOpened }
  | { readonly status: 'closed'; readonly event: PositionClosed };

/** What the events of one transaction change in the read models: one row per order, position and account, however many events. */
export class Changes {
  readonly orders = new Map<string, OrderChange>();
  readonly fills: RecordedFill[] = [];
  readonly failures: OrderFailed[] = [];
  readonly positions = new Map<string, PositionChange>();
  readonly balances = new Map<string, BalanceUpdated>();

  /** Only the events that a list shows are parsed; the stories behind them are told from the audit trail. */
  add(event: LogEvent): void {
    const type = typeOfTopic(event.topic);
    const fold = type === undefined ? undefined : (FOLDS[type] as Fold<unknown> | undefined);
    fold?.(this, event.payload, event);
  }

  /** Accounts whose open positions have something new to fold. */
  get moved(): readonly string[] {
    const opened = [...this.positions.values()].map(({ event }) => event.accountId);
    return [...new Set([...this.fills.map(({ fill }) => fill.accountId), ...opened])].sort();
  }

  order(change: OrderChange): void {
    const before = this.orders.get(change.orderId);
    this.orders.set(change.orderId, before === undefined ? change : mergeOrderChanges(before, change));
  }

  /** Closed is final, whichever came first. */
  position(change: PositionChange): void {
    const id = change.event.positionId;
    if (this.positions.get(id)?.status !== 'closed') this.positions.set(id, change);
  }

  /** The last that a venue said of an account. */
  balance(event: BalanceUpdated): void {
    const before = this.balances.get(event.accountId);
    if (before === undefined || event.askedAt >= before.askedAt) this.balances.set(event.accountId, event);
  }
}

type Fold<Payload> = (changes: Changes, payload: Payload, event: LogEvent) => void;

const FOLDS: { readonly [T in EventType]?: Fold<EventOf<T>> } = {
  OrderApproved: (changes, event) => {
    changes.order(order.approved(event));
  },
  OrderRouted: (changes, event) => {
    changes.order(order.executing(event));
    changes.order(order.routed(event));
  },
  OrderPlaced: (changes, event) => {
    changes.order(order.placed(event));
  },
  OrderFilled: (changes, fill, { source, sequence }) => {
    changes.fills.push({ fill, source, sequence });
    changes.order(order.filled(fill));
  },
  OrderFailed: (changes, event) => {
    changes.order(order.failed(event));
    if (isForOperators(event)) changes.failures.push(event);
  },
  OrderCancelled: (changes, event) => {
    changes.order(order.cancelled(event));
  },
  OrderCancelRequested: (changes, event) => {
    changes.order(order.cancelRequested(event));
  },
  OrderExpired: (changes, event) => {
    changes.order(order.expired(event));
  },
  OrderCompleted: (changes, event) => {
    changes.order(order.completed(event));
  },
  PositionOpened: (changes, event) => {
    changes.position({ status: 'open', event });
  },
  PositionClosed: (changes, event) => {
    changes.position({ status: 'closed', event });
  },
  BalanceUpdated: (changes, event) => {
    changes.balance(event);
  },
};
