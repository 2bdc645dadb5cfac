import type { OrderFailed } from '@switchyard/contracts';
import type { Tx } from '@switchyard/persistence';
import { bareArray, textArray } from './array-literal.js';

const PUT = {
  name: 'journal:failed-orders',
  text: `insert into failed_orders (order_id, parent_order_id, signal_id, user_id, account_id, venue, pair, code, message, failed_at)
         select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
                              $9::text[], $10::timestamptz[])
         on conflict (order_id) do nothing`,
};

/** Orders that an operator may have to see to; see `isForOperators`. */
export const applyFailedOrders = (tx: Tx, failures: readonly OrderFailed[]): void => {
  if (failures.length === 0) return;
  void tx.query(PUT, [
    textArray(failures.map(({ orderId }) => orderId)),
    textArray(failures.map(({ parentOrderId }) => parentOrderId)),
    textArray(failures.map(({ signalId }) => signalId)),
    textArray(failures.map(({ userId }) => userId)),
    textArray(failures.map(({ accountId }) => accountId)),
    textArray(failures.map(({ venue }) => venue)),
    textArray(failures.map(({ pair }) => pair)),
    textArray(failures.map(({ code }) => code)),
    textArray(failures.map(({ message }) => message)),
    bareArray(failures.map(({ failedAt }) => failedAt)),
  ]);
};
