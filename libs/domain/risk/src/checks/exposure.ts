import { decimal, plain, ZERO, type Decimal } from '@switchyard/money';
import { refuse, type Refusal } from '@switchyard/model';
import { exposureIn, positionsBeside } from '../positions.js';
import type { Proposal } from '../proposal.js';
import type { Sizing } from '../sizing.js';
import type { Check } from './check.js';

/** Adding to a pair that is held or on order opens no further position. */
export const openPositions: Check = ({ state, mode, limits, command: { signal }, environment: { market } }) => {
  const open = positionsBeside(state, mode, signal.pair, market);
  return open < limits.maxOpenPositions
    ? undefined
    : refuse('MAX_OPEN_POSITIONS', { open, maxOpenPositions: limits.maxOpenPositions });
};

export type Fitted = { readonly quantity: Decimal; readonly cutBy?: string } | { readonly refused: Refusal };

/** A quantity within the user's order limit. What risk sized itself is cut to it; what the signal named is refused. */
export const withinOrderLimit = ({ limits }: Proposal, { quantity, explicit }: Sizing): Fitted => {
  const most = decimal(limits.maxOrderQuantity);
  if (quantity.lte(most)) return { quantity };
  if (!explicit) return { quantity: most, cutBy: 'maxOrderQuantity' };
  return {
    refused: refuse('ORDER_TOO_LARGE', {
      quantity: plain(quantity),
      maxOrderQuantity: limits.maxOrderQuantity,
      recommended: { size: { base: limits.maxOrderQuantity } },
    }),
  };
};

/** A quantity that, with what is held and on order in the pair, is within the user's position limit. */
export const withinPositionLimit = (proposal: Proposal, quantity: Decimal, explicit: boolean): Fitted => {
  const { state, mode, limits, command } = proposal;
  const exposure = exposureIn(state, mode, command.signal.pair);
  const room = decimal(limits.maxPositionQuantity).minus(exposure);
  if (quantity.lte(room)) return { quantity };
  if (!explicit && room.gt(ZERO)) return { quantity: room, cutBy: 'maxPositionQuantity' };
  return {
    refused: refuse('POSITION_TOO_LARGE', {
      position: plain(exposure),
      quantity: plain(quantity),
      maxPositionQuantity: limits.maxPositionQuantity,
      ...(room.gt(ZERO) ? { recommended: { size: { base: plain(room) } } } : {}),
    }),
  };
};
