import type { OrderFailed } from '@switchyard/contracts';
import { OPERATORS_CODES } from '@switchyard/model';

/** Whether an operator should see this failure. Nothing of the order is, or will be, at the venue; it is never sent again. */
export const isForOperators = ({ stage, status, code }: Pick<OrderFailed, 'stage' | 'status' | 'code'>): boolean =>
  stage === 'execution' && status === 'failed' && OPERATORS_CODES.has(code);
