import { decimal, type Decimal } from '@switchyard/money';
import { baseOf, type Code, type Facts, type Pair } from '@switchyard/model';
import { entryOf } from './record.js';
import { dollars, percentOf, within, worthOf, type Draft, type Room } from './room.js';
import { sectorOf } from './sectors.js';

/** Shares of equity: of the asset's sector, of the asset, of everything. */
export const shareRooms = (draft: Draft): readonly Room[] => {
  const { limits, command, environment, stake } = draft.proposal;
  const { sectors } = environment.settings;
  const asset = baseOf(command.signal.pair);
  const sector = sectorOf(sectors, asset);
  const maxSectorPercent =
    entryOf(limits.sectorPercents ?? {}, sector) ?? entryOf(sectors.maxPercent, sector) ?? limits.maxSectorPercent;
  const equity = stake.equity();
  const perUnit = worthOf(draft);
  const share = (limit: string, code: Code, most: Decimal, counts: (pair: Pair) => boolean, facts: Facts): Room => {
    const exposure = stake.exposure(counts);
    const all = (): Facts => ({ exposure: dollars(exposure), equity: dollars(equity), ...facts });
    return within(limit, code, { budget: most.minus(exposure), perUnit }, all);
  };
  const { maxConcentrationPercent, maxLeverage } = limits;
  const ofSector = (pair: Pair): boolean => sectorOf(sectors, baseOf(pair)) === sector;
  const rooms = [
    share('maxSectorPercent', 'SECTOR_EXPOSURE_TOO_HIGH', percentOf(equity, maxSectorPercent), ofSector, {
      sector,
      maxSectorPercent,
    }),
  ];
  if (maxConcentrationPercent !== undefined) {
    const ofAsset = (pair: Pair): boolean => baseOf(pair) === asset;
    const facts = { asset, maxConcentrationPercent };
    const most = percentOf(equity, maxConcentrationPercent);
    rooms.push(share('maxConcentrationPercent', 'CONCENTRATION_TOO_HIGH', most, ofAsset, facts));
  }
  if (maxLeverage !== undefined) {
    const most = equity.times(decimal(String(maxLeverage)));
    rooms.push(share('maxLeverage', 'LEVERAGE_TOO_HIGH', most, () => true, { maxLeverage }));
  }
  return rooms;
};
