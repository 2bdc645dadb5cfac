import { decimal } from '@switchyard/money';
import type { Order, RefusedOrder } from './order.js';
import type { LedgerEntry } from './venue-state.js';

/** An order or a refusal as snapshot and archive keep it: decimals as strings. */
export type SavedEntry = SavedOrder | RefusedOrder;

export type SavedOrder = Omit<Order, 'executed' | 'quoteExecuted' | 'locked'> & {
  readonly executed: string;
  readonly quoteExecuted: string;
  readonly locked: string;
};

export const isRefused = (entry: Order | SavedOrder | RefusedOrder): entry is RefusedOrder => 'refusedWith' in entry;

export const saveOrder = (order: Order): SavedOrder => ({
  ...order,
  // A copy: the order goes on filling while its snapshot is still being written.
  fills: [...order.fills],
  executed: order.executed.toFixed(),
  quoteExecuted: order.quoteExecuted.toFixed(),
  locked: order.locked.toFixed(),
});

export const loadOrder = (saved: SavedOrder): Order => ({
  ...saved,
  executed: decimal(saved.executed),
  quoteExecuted: decimal(saved.quoteExecuted),
  locked: decimal(saved.locked),
});

export const saveEntry = (entry: LedgerEntry): SavedEntry => (isRefused(entry) ? entry : saveOrder(entry));
