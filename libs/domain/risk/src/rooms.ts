import { decimal, plain, ZERO, type Decimal } from '@switchyard/money';
import {
  baseOf,
  quoteOf,
  refuse,
  type Code,
  type Facts,
  type Pair,
  type Refusal,
  type ScopedLimits,
} from '@switchyard/model';
import { exposureIn } from './positions.js';
import type { Proposal } from './proposal.js';
import { entryOf } from './record.js';
import { sectorOf } from './sectors.js';
import { equityIn, exposureOf, lossesIn, stakeOf, tradedIn, type Stake } from './stake.js';

/**
 * How much of an order each limit leaves room for. What risk sized itself is cut to the smallest room; what the signal named is refused
 * where it is larger, by every limit that it exceeds. A limit that is not set has no room to compute.
 */
export interface Room {
  /** Its name among the limits. */
  readonly limit: string;
  /** Base quantity; zero or less where nothing is left. */
  readonly quantity: Decimal;
  readonly refusal: (wished: Decimal) => Refusal;
}

/** An order as the limits look at it. Prices are of the pair's quote currency but where they say US dollars. */
export interface Draft {
  readonly proposal: Proposal;
  /** The most that a unit may cost, fee included; what it brings, for a sale. */
  readonly perUnit: Decimal;
  /** Its stop-loss, the signal's or the computed one. */
  readonly stop: Decimal | undefined;
}

const ONE = decimal('1');
const HUNDREDTH = decimal('0.01');
const NOTHING = ZERO;
const percentOf = (whole: Decimal, percent: number): Decimal => whole.times(decimal(String(percent))).times(HUNDREDTH);
const dollars = (amount: Decimal): string => plain(amount.round(2, 0));
/** US dollars per unit of the pair's quote currency; one where nobody knows, and then amounts are of that currency. */
const rateOf = ({ proposal: { prices, command } }: Draft): Decimal =>
  prices.dollarsPer(quoteOf(command.signal.pair)) ?? ONE;
const worthOf = (draft: Draft): Decimal =>
  draft.proposal.prices.worthOf(draft.proposal.command.signal.pair) ?? draft.perUnit.times(rateOf(draft));

/** A room that a budget of US dollars leaves, at so many for a unit. */
const roomOf = (limit: string, code: Code, budget: Decimal, perUnit: Decimal, facts: Facts): Room => ({
  limit,
  quantity: budget.gt(ZERO) && perUnit.gt(ZERO) ? budget.div(perUnit) : NOTHING,
  refusal: (wished) =>
    refuse(code, { limit, quantity: plain(wished), worth: dollars(wished.times(perUnit)), ...facts }),
});

/** The rooms of an entry: the deployment's and the user's limits, over all accounts of its mode. */
export const roomsToBuy = (draft: Draft): readonly Room[] => {
  const { proposal } = draft;
  const stake = stakeOf(proposal);
  return [
    orderQuantity(proposal),
    positionQuantity(proposal),
    ...parentNotional(draft),
    ...notionalPerDay(draft, proposal.limits, stake, 'user'),
    ...lossBudgets(draft, proposal.limits, stake, 'user'),
    ...shares(draft, stake),
  ];
};

/** The rooms of a sale of holdings: what it opens is nothing, so that it meets the limits of size and pace alone. */
export const roomsToSell = (draft: Draft): readonly Room[] => {
  const { proposal } = draft;
  return [
    orderQuantity(proposal),
    ...parentNotional(draft),
    ...notionalPerDay(draft, proposal.limits, stakeOf(proposal), 'user'),
  ];
};

/** The rooms that the limits of one account or venue leave there. */
export const roomsWithin = (draft: Draft, limits: ScopedLimits, stake: Stake, scope: string): readonly Room[] => {
  const { pair } = draft.proposal.command.signal;
  const opens = draft.proposal.command.signal.side === 'buy';
  const rooms: Room[] = [];
  if (limits.restrictedPairs?.includes(pair) === true) {
    rooms.push({
      limit: 'restrictedPairs',
      quantity: NOTHING,
      refusal: () => refuse('PAIR_RESTRICTED', { pair, scope }),
    });
  }
  rooms.push(...childNotional(draft, limits.maxChildNotional, scope));
  rooms.push(...notionalPerDay(draft, limits, stake, scope));
  if (!opens) return rooms;
  if (limits.maxExposure !== undefined) {
    const exposure = exposureOf(stake);
    const facts = { scope, exposure: dollars(exposure), maxExposure: limits.maxExposure };
    rooms.push(
      roomOf('maxExposure', 'EXPOSURE_TOO_HIGH', decimal(limits.maxExposure).minus(exposure), worthOf(draft), facts),
    );
  }
  rooms.push(...lossBudgets(draft, limits, stake, scope));
  return rooms;
};

export const childNotional = (draft: Draft, most: string | undefined, scope: string): readonly Room[] =>
  most === undefined
    ? []
    : [
        roomOf('maxChildNotional', 'ORDER_VALUE_TOO_LARGE', decimal(most), draft.perUnit.times(rateOf(draft)), {
          scope,
          maxChildNotional: most,
        }),
      ];

const orderQuantity = ({ limits: { maxOrderQuantity } }: Proposal): Room => ({
  limit: 'maxOrderQuantity',
  quantity: decimal(maxOrderQuantity),
  refusal: (wished) => refuse('ORDER_TOO_LARGE', { quantity: plain(wished), maxOrderQuantity }),
});

/** What is held and on order in the pair, over all accounts, is within the symbol's own limit or the default. */
const positionQuantity = ({ state, mode, limits, command }: Proposal): Room => {
  const { pair } = command.signal;
  const own = entryOf(limits.positionQuantities ?? {}, pair);
  const most = own ?? limits.maxPositionQuantity;
  const limit = own === undefined ? 'maxPositionQuantity' : 'positionQuantities';
  const position = exposureIn(state, mode, pair);
  return {
    limit,
    quantity: decimal(most).minus(position),
    refusal: (wished) =>
      refuse('POSITION_TOO_LARGE', { pair, position: plain(position), quantity: plain(wished), [limit]: most }),
  };
};

const parentNotional = (draft: Draft): readonly Room[] => {
  const { maxParentNotional } = draft.proposal.limits;
  const perUnit = draft.perUnit.times(rateOf(draft));
  return [
    roomOf('maxParentNotional', 'ORDER_VALUE_TOO_LARGE', decimal(maxParentNotional), perUnit, { maxParentNotional }),
  ];
};

const notionalPerDay = (
  draft: Draft,
  { maxNotionalPerDay }: Pick<ScopedLimits, 'maxNotionalPerDay'>,
  stake: Stake,
  scope: string,
): readonly Room[] => {
  if (maxNotionalPerDay === undefined) return [];
  const traded = tradedIn(stake);
  const budget = decimal(maxNotionalPerDay).minus(traded);
  const facts = { scope, traded: dollars(traded), maxNotionalPerDay };
  return [roomOf('maxNotionalPerDay', 'MAX_NOTIONAL_PER_DAY', budget, draft.perUnit.times(rateOf(draft)), facts)];
};

/**
 * What may still be lost: today, below the high, above the least equity. What this order would lose at its stop-loss must fit in it.
 * Percentages are of the equity as it was when the day began, or at the high: what is there now and what was lost since, so that deposits
 * and withdrawals are no losses.
 */
const lossBudgets = (draft: Draft, limits: ScopedLimits, stake: Stake, scope: string): readonly Room[] => {
  const { maxLossPerDay, maxLossPerDayPercent, maxDrawdownPercent, minEquity } = limits;
  const isSet = [maxLossPerDay, maxLossPerDayPercent, maxDrawdownPercent, minEquity].some((one) => one !== undefined);
  if (!isSet) return [];
  const losses = lossesIn(stake);
  if (losses === undefined) return [unpriced(scope)];
  const equity = equityIn(stake);
  const { today, drawdown } = losses;
  const atStop = draft.stop === undefined ? ZERO : draft.perUnit.minus(draft.stop).times(rateOf(draft));
  const budget = (limit: string, code: Code, left: Decimal, facts: Facts): Room => ({
    ...roomOf(limit, code, left, atStop.gt(ZERO) ? atStop : ONE, facts),
    ...(left.gt(ZERO) && atStop.lte(ZERO) ? { quantity: UNBOUNDED } : {}),
    refusal: (wished) =>
      refuse(code, { limit, scope, quantity: plain(wished), lossAtStop: dollars(wished.times(atStop)), ...facts }),
  });
  const rooms: Room[] = [];
  const lost = { lost: dollars(today), equity: dollars(equity) };
  if (maxLossPerDay !== undefined)
    rooms.push(
      budget('maxLossPerDay', 'MAX_LOSS_PER_DAY', decimal(maxLossPerDay).minus(today), { ...lost, maxLossPerDay }),
    );
  if (maxLossPerDayPercent !== undefined) {
    const most = percentOf(equity.plus(today), maxLossPerDayPercent);
    const facts = { ...lost, maxLossPerDayPercent };
    rooms.push(budget('maxLossPerDayPercent', 'MAX_LOSS_PER_DAY', most.minus(today), facts));
  }
  if (maxDrawdownPercent !== undefined) {
    const most = percentOf(equity.plus(drawdown), maxDrawdownPercent);
    const facts = { drawdown: dollars(drawdown), equity: dollars(equity), maxDrawdownPercent };
    rooms.push(budget('maxDrawdownPercent', 'MAX_DRAWDOWN', most.minus(drawdown), facts));
  }
  if (minEquity !== undefined)
    rooms.push(
      budget('minEquity', 'EQUITY_TOO_LOW', equity.minus(decimal(minEquity)), { equity: dollars(equity), minEquity }),
    );
  return rooms;
};

const UNBOUNDED = decimal('1000000000000000000');

/** A loss that nobody can tell is no leave to open more. */
const unpriced = (scope: string): Room => ({
  limit: 'prices',
  quantity: NOTHING,
  refusal: () => refuse('PRICE_UNKNOWN', { scope, of: 'positions held' }),
});

/** Shares of equity: of the asset's sector, of the asset, of everything. */
const shares = (draft: Draft, stake: Stake): readonly Room[] => {
  const { limits, command, environment } = draft.proposal;
  const { sectors } = environment.settings;
  const asset = baseOf(command.signal.pair);
  const sector = sectorOf(sectors, asset);
  const percent =
    entryOf(limits.sectorPercents ?? {}, sector) ?? entryOf(sectors.maxPercent, sector) ?? limits.maxSectorPercent;
  const equity = equityIn(stake);
  const worth = worthOf(draft);
  const share = (limit: string, code: Code, most: Decimal, counts: (pair: Pair) => boolean, facts: Facts): Room => {
    const exposure = exposureOf(stake, counts);
    const all = { exposure: dollars(exposure), equity: dollars(equity), ...facts };
    return roomOf(limit, code, most.minus(exposure), worth, all);
  };
  const { maxConcentrationPercent, maxLeverage } = limits;
  const rooms = [
    share(
      'maxSectorPercent',
      'SECTOR_EXPOSURE_TOO_HIGH',
      percentOf(equity, percent),
      (pair) => sectorOf(sectors, baseOf(pair)) === sector,
      { sector, maxSectorPercent: percent },
    ),
  ];
  if (maxConcentrationPercent !== undefined) {
    const most = percentOf(equity, maxConcentrationPercent);
    const facts = { asset, maxConcentrationPercent };
    const sameAsset = (pair: Pair): boolean => baseOf(pair) === asset;
    rooms.push(share('maxConcentrationPercent', 'CONCENTRATION_TOO_HIGH', most, sameAsset, facts));
  }
  if (maxLeverage !== undefined) {
    const most = equity.times(decimal(String(maxLeverage)));
    rooms.push(share('maxLeverage', 'LEVERAGE_TOO_HIGH', most, () => true, { maxLeverage }));
  }
  return rooms;
};
