import type { Mode, Side, TradingState } from '@switchyard/model';
import type { ChildStatus, FillSeen } from '@switchyard/order-domain';
import type { CancelRequest } from '../../ports/cancel-records.js';
import type { LogLine } from '../../ports/order-records.js';
import type { NewTask, RoutedOrder } from '../../tasks/task.js';

/** Rows are replaced, never changed. Times are milliseconds of the store's clock. */
export interface TaskRow extends NewTask {
  /** The order of arrival. */
  readonly seq: number;
  readonly status: 'queued' | 'executing' | 'unknown' | 'done' | 'failed';
  readonly attempts: number;
  readonly lastError: string | undefined;
  readonly leaseOwner: string | undefined;
  readonly leaseEpoch: number;
  readonly leaseUntil: number | undefined;
  readonly notBefore: number;
  readonly cancelReason: string | undefined;
}

export interface OrderRow {
  readonly createdAt: number;
  readonly routed: RoutedOrder;
  readonly status: ChildStatus;
  readonly clientOrderId: string;
  readonly attempt: number;
  readonly sendBy: string;
  readonly venueExpiry: number | undefined;
  readonly leaseOwner: string | undefined;
  readonly leaseEpoch: number;
  readonly venueOrderId: string | undefined;
  readonly cumulativeQuantity: string;
  readonly cumulativeQuote: string;
  readonly fees: Readonly<Record<string, string>>;
  readonly version: number;
  readonly negatives: number;
  readonly settled: number;
  readonly uncertainSince: number | undefined;
  readonly alarms: readonly string[];
  readonly nextPollAt: number | undefined;
  readonly lastError: string | undefined;
  readonly statusTimes: Readonly<Record<string, string>>;
  readonly cancelDueAt: number | undefined;
  readonly cancelAttempts: number;
}

export interface CancelRow extends CancelRequest {
  /** The order of arrival. */
  readonly seq: number;
  readonly markedAt: number | undefined;
}

export interface FillRow {
  readonly accountId: string;
  readonly venueSymbol: string;
  readonly side: Side;
  readonly orderId: string;
  readonly fill: FillSeen;
}

export interface AccountRow {
  readonly accountId: string;
  readonly userId: string;
  readonly version: number;
  readonly mode: Mode;
  readonly enabled: boolean;
  readonly usdtAsUsd: boolean;
  readonly balanceDueAt: number | undefined;
  readonly balanceAskedAt: number | undefined;
  readonly fundsMovedAt: number | undefined;
}

export interface TradingStateRow {
  readonly scope: string;
  readonly state: TradingState;
  readonly version: number;
  readonly reason: string;
  readonly changedAt: string;
  readonly cancelOpen: boolean;
  readonly storedAt: number;
  readonly isKept: boolean;
  readonly report: number;
  readonly said: string | undefined;
  readonly isTold: boolean;
  readonly lookedAt: number;
}

/** The tables, by their rows' keys. */
export interface Tables {
  readonly tasks: TaskRow;
  readonly orders: OrderRow;
  readonly fills: FillRow;
  readonly logs: LogLine;
  readonly cancels: CancelRow;
  readonly states: TradingStateRow;
  readonly accounts: AccountRow;
}

export type TableName = keyof Tables;

/** Of a fill: one trade between two orders of an account is kept for both. */
export const fillKey = ({ accountId, venueSymbol, side, fill }: Omit<FillRow, 'orderId'>): string =>
  [accountId, venueSymbol, fill.tradeId, side].join('\n');
