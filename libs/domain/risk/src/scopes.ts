import { ZERO, type Decimal } from '@switchyard/money';
import type { AccountPolicy, Refusal, ScopedLimits } from '@switchyard/model';
import type { Desk, Proposal } from './proposal.js';
import { entryOf } from './record.js';
import { childNotional, roomsWithin, type Draft, type Room } from './rooms.js';
import { stakeOf, stakeWithin } from './stake.js';

/**
 * What single accounts may take of an order, by the limits of the account, of its venue, and by the most that one account may trade of
 * any order. A venue's limits hold for all of the user's accounts there together: what one of them is granted, the next can't have.
 */
export interface ScopedRooms {
  /** The room at a desk, and the limit that leaves it; undefined where nothing bounds it. `draft` knows what a unit costs there. */
  readonly at: (desk: Desk, draft: Draft) => Room | undefined;
  /** Notes that an account was granted so much. */
  readonly take: (desk: Desk, quantity: Decimal) => void;
}

export const scopedRooms = (proposal: Proposal): ScopedRooms => {
  const { limits } = proposal;
  const taken = new Map<string, Decimal>();
  const scopesOf = (desk: Desk): readonly Scope[] => {
    const { accountId, venue } = desk.account;
    const [own, its] = [entryOf(limits.accounts ?? {}, accountId), entryOf(limits.venues ?? {}, venue)];
    const { accounts } = stakeOf(proposal);
    return [
      ...(own === undefined ? [] : [{ name: `account:${accountId}`, limits: own, accounts: [desk.account] }]),
      ...(its === undefined
        ? []
        : [{ name: `venue:${venue}`, limits: its, accounts: accounts.filter((account) => account.venue === venue) }]),
    ];
  };
  return {
    at: (desk, draft) => {
      const rooms = [
        ...childNotional(draft, limits.maxChildNotional, `account:${desk.account.accountId}`),
        ...scopesOf(desk).flatMap((scope) => {
          const used = taken.get(scope.name) ?? ZERO;
          const within = stakeWithin(stakeOf(proposal), scope.accounts);
          return roomsWithin(draft, scope.limits, within, scope.name).map((room) => ({
            ...room,
            quantity: room.quantity.minus(used),
          }));
        }),
      ];
      return smallest(rooms);
    },
    take: ({ account: { accountId, venue } }, quantity) => {
      for (const name of [`account:${accountId}`, `venue:${venue}`])
        taken.set(name, (taken.get(name) ?? ZERO).plus(quantity));
    },
  };
};

interface Scope {
  readonly name: string;
  readonly limits: ScopedLimits;
  readonly accounts: readonly AccountPolicy[];
}

export const smallest = (rooms: readonly Room[]): Room | undefined => {
  let least: Room | undefined;
  for (const room of rooms) if (least === undefined || room.quantity.lt(least.quantity)) least = room;
  return least;
};

/** What is said where no account has room: each limit once. */
export const refusalsOf = (rooms: readonly Room[], wished: Decimal): readonly Refusal[] => {
  const said = new Map<string, Refusal>();
  for (const room of rooms) {
    const refusal = room.refusal(wished);
    const key = `${refusal.code}|${String(refusal.facts['scope'])}|${room.limit}`;
    if (!said.has(key)) said.set(key, refusal);
  }
  return [...said.values()];
};
