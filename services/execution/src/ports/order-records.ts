import type { Mode, Side } from '@switchyard/model';
import type { ChildOrder, ChildStatus, FillSeen } from '@switchyard/order-domain';
import type { EventSubject } from '../orders/events.js';
import type { RoutedOrder } from '../tasks/task.js';

/** What is stored of an order before its request may leave; or of one that is refused instead, in the same transaction. */
export interface Intent {
  readonly routed: RoutedOrder;
  readonly clientOrderId: string;
  /** `queued`: it is refused. */
  readonly status: 'executing' | 'queued';
  /** This one included; 0 where it is refused. */
  readonly attempt: number;
  readonly sendBy: string;
  /** When the venue stops taking the request, by its own clock; null where none leaves. */
  readonly venueExpiry: string | null;
  readonly statusTimes: Readonly<Record<string, string>>;
}

/** An order that was refused a place in the queue. */
export interface RefusedOrder {
  readonly routed: RoutedOrder;
  readonly clientOrderId: string;
  readonly order: ChildOrder;
  readonly lastError: string;
  readonly statusTimes: Readonly<Record<string, string>>;
}

/** An order with its row's lock held: what the domain knows of it, and what the executor needs around it. */
export interface StoredOrder extends EventSubject {
  readonly order: ChildOrder;
  /** Of the lease under which it is locked: what was learned under another is stale. */
  readonly epoch: string;
  readonly taskStatus: string;
  /** Attempts to send it. */
  readonly attempts: number;
  readonly venueExpiryMs: number | undefined;
  readonly negatives: number;
  readonly settled: number;
  /** How long the present uncertainty has lasted. */
  readonly ageMs: number;
  /** Roles of the alarms raised so far: each calls a person once. */
  readonly alarms: readonly string[];
  readonly statusTimes: Readonly<Record<string, string>>;
  /** Why somebody wants it gone; undefined: nobody does. */
  readonly cancelReason: string | undefined;
  /** Whether the venue is to be asked to cancel it, now or later. */
  readonly isCancelDue: boolean;
}

/** An order as it is to be. */
export interface OrderSave {
  readonly orderId: string;
  readonly order: ChildOrder;
  readonly negatives: number;
  readonly settled: number;
  readonly restartsAge: boolean;
  /** Until it is looked up; null: not by itself. */
  readonly nextLookMs: number | null;
  /** Until the venue is asked to cancel it; null: it is not. */
  readonly cancelInMs: number | null | 'asItWas';
  readonly alarms: readonly string[];
  /** Undefined: as it was. */
  readonly lastError: string | undefined;
  readonly statusTimes: Readonly<Record<string, string>>;
}

export interface TaskSave {
  readonly taskId: string;
  readonly status: 'queued' | 'unknown' | 'done' | 'failed';
  /** Undefined: as it was. */
  readonly lastError: string | undefined;
  /** Not claimed again before then; milliseconds from now. */
  readonly waitMs: number;
}

export interface FillSave {
  readonly orderId: string;
  readonly accountId: string;
  readonly venueSymbol: string;
  readonly side: Side;
  readonly fill: FillSeen;
}

export interface LogLine {
  readonly taskId: string;
  readonly attempt: number;
  readonly action: 'place' | 'cancel' | 'lookup' | 'balances' | 'state';
  readonly status: string;
  readonly reason: string | undefined;
  readonly responseCode: number | undefined;
  /** Blotted by the venue's client; stored up to 1,024 characters. */
  readonly responseBody: string | undefined;
  readonly tookMs: number | undefined;
}

export interface HeldOrder {
  readonly orderId: string;
  readonly epoch: string;
}

/** An order that is to be looked up, under a lease of its own. */
export interface DueLookup extends HeldOrder {
  readonly userId: string;
  readonly accountId: string;
  readonly mode: Mode;
  readonly pair: string;
  readonly venueSymbol: string;
  readonly clientOrderId: string;
  readonly venueOrderId: string | null;
  readonly side: Side;
  /** As ordered, of the base currency. */
  readonly quantity: string;
  readonly status: ChildStatus;
  /** When it was first stored, milliseconds since the epoch on the store's clock: nothing of it was sent before. */
  readonly storedAtMs: number;
}

/** A trade as a venue's report names it. */
export interface NamedTrade {
  readonly venueOrderId: string;
  readonly venueSymbol: string;
  readonly tradeId: string;
}

/** The venue named a trade that is recorded for another order already. Nothing of the transaction is kept. */
export class TradeOfAnotherOrder extends Error {
  constructor(readonly orderIds: readonly string[]) {
    super(
      `a trade reported for one of the orders ${orderIds.join(', ')} is recorded for another order of its side already`,
    );
    this.name = 'TradeOfAnotherOrder';
  }
}

/** Orders, seen from outside a transaction. */
export interface OrderRecords {
  /**
   * Takes orders that are due to be looked up, the unknown first, what others hold passed over. Each gets a new epoch, and is due again
   * after `leaseMs`, should whoever took it die.
   */
  takeDueLookups(
    lease: { readonly owner: string; readonly leaseMs: number },
    most: number,
  ): Promise<readonly DueLookup[]>;
  /** Until the next is due, milliseconds, negative where one is overdue; undefined where none will be. */
  nextLookupInMs(): Promise<number | undefined>;
  /** By the venue's ids, of one account. */
  clientOrderIds(accountId: string, venueOrderIds: readonly string[]): Promise<ReadonlyMap<string, string>>;
}

/** Orders within a transaction. Whoever locks tasks and orders locks the tasks first. */
export interface OrderUnit {
  /**
   * Stores intents; of an order that has one already only where it waits: a new attempt, under the next epoch.
   * @returns the epochs; an order that is not among them is beyond the queue
   */
  intend(intents: readonly Intent[], owner: string): Promise<ReadonlyMap<string, string>>;
  /** Orders that end before they wait. */
  storeRefused(orders: readonly RefusedOrder[]): Promise<void>;
  /** Locks tasks and orders of which the caller holds the lease, and reads them. One whose lease passed on is not among them. */
  lockHeld(held: readonly HeldOrder[]): Promise<ReadonlyMap<string, StoredOrder>>;
  saveTasks(saves: readonly TaskSave[]): Promise<void>;
  saveOrders(saves: readonly OrderSave[]): Promise<void>;
  /**
   * Stores trades, keyed by account, symbol, the venue's trade id and side: a trade between two orders of an account is stored for both.
   * Rejects with `TradeOfAnotherOrder` where one is stored already.
   */
  saveFills(saves: readonly FillSave[]): Promise<void>;
  saveLogs(lines: readonly LogLine[]): Promise<void>;
  /** Has those of our orders looked up at once that the venue reports trades of which we do not have. */
  lookAgain(accountId: string, trades: readonly NamedTrade[]): Promise<void>;
}
