import { refuse } from '@switchyard/model';
import { positionsBeside } from '../positions.js';
import type { Check } from './check.js';

/** Adding to a pair that is held or on order opens no further position. */
export const openPositions: Check = ({ state, mode, limits, command: { signal }, environment: { market } }) => {
  const open = positionsBeside(state, mode, signal.pair, market);
  return open < limits.maxOpenPositions
    ? undefined
    : refuse('MAX_OPEN_POSITIONS', { open, maxOpenPositions: limits.maxOpenPositions });
};
