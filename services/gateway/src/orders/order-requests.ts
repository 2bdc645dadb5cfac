import type { Principal } from '@switchyard/auth';
import type { OrderCancelRequested } from '@switchyard/contracts';
import { Problem } from '@switchyard/http';
import { deriveId, type EventLog } from '@switchyard/log';
import type { Database, Tx } from '@switchyard/persistence';
import type { OrderView } from './order-view.js';

/** What was asked for, and how the order stood then. */
export interface RequestedView {
  readonly orderId: string;
  readonly requestId: string;
  readonly status: string;
}

/**
 * Takes in what users and operators want of orders, and tells the others of it: the event is stored before the answer, and once. Nothing
 * more is promised: how the order ends is its venue's word, which GET and the stream tell.
 */
export class OrderRequests {
  constructor(
    private readonly db: Database,
    private readonly log: Pick<EventLog<Tx>, 'append'>,
    private readonly clock: () => Date = () => new Date(),
  ) {}

  /** The same order asked again is the same request, whoever asks. Throws `Problem` ORDER_FINISHED where nothing of it is left to cancel. */
  async cancel(order: OrderView, reason: string | undefined, caller: Principal): Promise<RequestedView> {
    const { orderId, parentOrderId, signalId, userId } = order;
    if (order['endedAt'] !== undefined)
      throw new Problem('ORDER_FINISHED', `The order has ended (${order.status}): nothing of it is left to cancel.`, {
        facts: { orderId, status: order.status },
      });
    const requestId = deriveId('cancel-request', orderId);
    const payload: OrderCancelRequested = {
      ...{ requestId, orderId, parentOrderId, signalId, userId },
      requestedBy: caller.userId,
      role: caller.role,
      ...(reason === undefined ? {} : { reason }),
      requestedAt: this.clock().toISOString(),
    };
    await this.db.transaction(async (tx) => {
      const { rowCount } = await tx.query(
        `insert into gateway.order_requests (request_id, order_id, kind, requested_by, requested_at)
         values ($1, $2, 'cancel', $3, $4) on conflict (request_id) do nothing`,
        [requestId, orderId, payload.requestedBy, payload.requestedAt],
      );
      if (rowCount === 0) return;
      await this.log.append(tx, [
        {
          topic: 'OrderCancelRequested',
          type: 'OrderCancelRequested',
          key: userId,
          payload,
          cause: { id: requestId, correlationId: signalId },
        },
      ]);
    });
    return { orderId, requestId, status: 'cancel_pending' };
  }
}
