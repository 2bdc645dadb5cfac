import { isExit, type Signal } from '@switchyard/model';

/** Whether a signal only ever makes a position smaller: what keeps a user from opening keeps nobody from closing. */
export const closes = ({ signalType, reduceOnly }: Pick<Signal, 'signalType' | 'reduceOnly'>): boolean =>
  isExit(signalType) || reduceOnly === true;
