import { ZERO, type Decimal } from '@switchyard/money';
import type { AccountPolicy, ScopedLimits } from '@switchyard/model';
import type { Desk, Proposal } from './proposal.js';
import { entryOf } from './record.js';
import type { Draft, Room } from './room.js';
import { childNotional, roomsWithin, smallest } from './rooms.js';
import type { Stake } from './stake.js';

/**
 * What single accounts may take of an order, by the limits of the account, of its venue, and by the most that one account may trade of
 * any order. A venue's limits hold for all of the user's accounts there together: what one of them is granted, the next can't have.
 */
export interface ScopedRooms {
  /** The limit that leaves least at a desk, where the wish exceeds one. `draft` knows what a unit costs there. */
  readonly at: (desk: Desk, draft: Draft, wish: Decimal) => ReturnType<typeof smallest>;
  /** Notes that an account was granted so much. */
  readonly take: (desk: Desk, quantity: Decimal) => void;
}

export const scopedRooms = (proposal: Proposal): ScopedRooms => {
  const { limits, stake } = proposal;
  const { accounts = {}, venues = {} } = limits;
  const taken = new Map<string, Decimal>();
  const stakes = new Map<string, Stake>();
  const roomsOf = (
    draft: Draft,
    scope: string,
    its: ScopedLimits | undefined,
    covers: () => readonly AccountPolicy[],
  ): readonly Room[] => {
    if (its === undefined) return [];
    const part = stakes.get(scope) ?? stake.in(covers());
    stakes.set(scope, part);
    const used = taken.get(scope) ?? ZERO;
    return roomsWithin(draft, its, part, scope).map((room) => ({
      ...room,
      isExceededBy: (quantity) => room.isExceededBy(quantity.plus(used)),
      quantity: () => room.quantity().minus(used),
    }));
  };
  return {
    at: ({ account }, draft, wish) => {
      const { accountId, venue } = account;
      const own = `account:${accountId}`;
      const atVenue = (): readonly AccountPolicy[] => stake.accounts.filter((one) => one.venue === venue);
      const rooms = [
        childNotional(draft, limits.maxChildNotional, own),
        ...roomsOf(draft, own, entryOf(accounts, accountId), () => [account]),
        ...roomsOf(draft, `venue:${venue}`, entryOf(venues, venue), atVenue),
      ];
      return smallest(rooms.filter((room) => room.isExceededBy(wish)));
    },
    take: ({ account: { accountId, venue } }, quantity) => {
      for (const name of [`account:${accountId}`, `venue:${venue}`])
        taken.set(name, (taken.get(name) ?? ZERO).plus(quantity));
    },
  };
};
