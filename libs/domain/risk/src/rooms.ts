import { decimal, plain, ZERO, type Decimal } from '@switchyard/money';
import { refuse, type Refusal, type ScopedLimits } from '@switchyard/model';
import { lossRooms } from './loss-rooms.js';
import type { Proposal } from './proposal.js';
import { entryOf } from './record.js';
import { dollars, exactly, inDollars, within, worthOf, type Draft, type Room } from './room.js';
import { shareRooms } from './share-rooms.js';
import type { Stake } from './stake.js';

/** The rooms of an entry: the deployment's and the user's limits, over all accounts of its mode. */
export const roomsToBuy = (draft: Draft): readonly Room[] => {
  const { proposal } = draft;
  return [
    orderQuantity(proposal),
    positionQuantity(proposal),
    parentNotional(draft),
    ...notionalPerDay(draft, proposal.limits, proposal.stake, 'user'),
    ...lossRooms(draft, proposal.limits, proposal.stake, 'user'),
    ...shareRooms(draft),
  ];
};

/** The rooms of a sale of holdings: what it opens is nothing, so that it meets the limits of size and pace alone. */
export const roomsToSell = (draft: Draft): readonly Room[] => {
  const { proposal } = draft;
  return [
    orderQuantity(proposal),
    parentNotional(draft),
    ...notionalPerDay(draft, proposal.limits, proposal.stake, 'user'),
  ];
};

/** The rooms that the limits of one account or venue leave there. */
export const roomsWithin = (draft: Draft, limits: ScopedLimits, stake: Stake, scope: string): readonly Room[] => {
  const { pair, side } = draft.proposal.command.signal;
  const { restrictedPairs, maxChildNotional, maxExposure } = limits;
  const rooms: Room[] = [];
  if (restrictedPairs?.includes(pair) === true)
    rooms.push(exactly('restrictedPairs', ZERO, () => refuse('PAIR_RESTRICTED', { pair, scope })));
  if (maxChildNotional !== undefined) rooms.push(childNotional(draft, maxChildNotional, scope));
  rooms.push(...notionalPerDay(draft, limits, stake, scope));
  if (side !== 'buy') return rooms;
  if (maxExposure !== undefined) {
    const exposure = stake.exposure();
    const budget = { budget: decimal(maxExposure).minus(exposure), perUnit: worthOf(draft) };
    const facts = () => ({ scope, exposure: dollars(exposure), maxExposure });
    rooms.push(within('maxExposure', 'EXPOSURE_TOO_HIGH', budget, facts));
  }
  rooms.push(...lossRooms(draft, limits, stake, scope));
  return rooms;
};

/** What one account may trade of an order: no child of it is worth more. */
export const childNotional = (draft: Draft, maxChildNotional: string, scope: string): Room => {
  const budget = { budget: decimal(maxChildNotional), perUnit: inDollars(draft, draft.perUnit) };
  return within('maxChildNotional', 'ORDER_VALUE_TOO_LARGE', budget, () => ({ scope, maxChildNotional }));
};

const orderQuantity = ({ limits: { maxOrderQuantity } }: Proposal): Room =>
  exactly('maxOrderQuantity', decimal(maxOrderQuantity), (wished) =>
    refuse('ORDER_TOO_LARGE', { quantity: plain(wished), maxOrderQuantity }),
  );

/** What is held and on order in the pair, over all accounts, is within the symbol's own limit or the default. */
const positionQuantity = ({ stake, limits, command: { signal } }: Proposal): Room => {
  const { pair } = signal;
  const own = entryOf(limits.positionQuantities ?? {}, pair);
  const most = own ?? limits.maxPositionQuantity;
  const limit = own === undefined ? 'maxPositionQuantity' : 'positionQuantities';
  const position = stake.quantityOf(pair);
  return exactly(limit, decimal(most).minus(position), (wished) =>
    refuse('POSITION_TOO_LARGE', { pair, position: plain(position), quantity: plain(wished), [limit]: most }),
  );
};

const parentNotional = (draft: Draft): Room => {
  const { maxParentNotional } = draft.proposal.limits;
  const budget = { budget: decimal(maxParentNotional), perUnit: inDollars(draft, draft.perUnit) };
  return within('maxParentNotional', 'ORDER_VALUE_TOO_LARGE', budget, () => ({ maxParentNotional }));
};

const notionalPerDay = (
  draft: Draft,
  { maxNotionalPerDay }: Pick<ScopedLimits, 'maxNotionalPerDay'>,
  stake: Stake,
  scope: string,
): readonly Room[] => {
  if (maxNotionalPerDay === undefined) return [];
  const traded = stake.traded();
  const budget = { budget: decimal(maxNotionalPerDay).minus(traded), perUnit: inDollars(draft, draft.perUnit) };
  const facts = () => ({ scope, traded: dollars(traded), maxNotionalPerDay });
  return [within('maxNotionalPerDay', 'MAX_NOTIONAL_PER_DAY', budget, facts)];
};

/** The room that leaves least, of those that a quantity exceeds. */
export const smallest = (rooms: readonly Room[]): { readonly room: Room; readonly quantity: Decimal } | undefined => {
  let least: { readonly room: Room; readonly quantity: Decimal } | undefined;
  for (const room of rooms) {
    const quantity = room.quantity();
    if (least === undefined || quantity.lt(least.quantity)) least = { room, quantity };
  }
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
