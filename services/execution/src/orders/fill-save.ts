import type { FillSeen } from '@switchyard/order-domain';
import type { FillSave } from '../ports/order-records.js';
import type { RoutedOrder } from '../tasks/task.js';

export const fillOf = ({ orderId, accountId, venueSymbol, side }: RoutedOrder, fill: FillSeen): FillSave => ({
  orderId,
  accountId,
  venueSymbol,
  side,
  fill,
});
