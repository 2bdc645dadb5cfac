import { describe, expect, it } from '@jest/globals';
import { Problem } from '@switchyard/http';
import { checkedLimits, unknownAccounts } from './limits.js';

const taken = (input: unknown): unknown => checkedLimits.transform(input, { type: 'body' });
const errorsOf = (input: unknown): readonly string[] => {
  try {
    taken(input);
    return [];
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return (error.options.errors ?? []).map(({ path, problem }) => `${path} ${problem}`);
  }
};

describe('limits of a user', () => {
  it('may be none, or all of them', () => {
    expect(errorsOf({})).toEqual([]);
    const scope = {
      restrictedPairs: ['BTC-USD'],
      maxChildNotional: '1000',
      maxExposure: '5000',
      maxNotionalPerDay: '20000',
      maxLossPerDay: '100',
      maxLossPerDayPercent: 5,
      maxDrawdownPercent: 10,
      minEquity: '90000',
    };
    const all = {
      positionQuantities: { 'BTC-USD': '2' },
      maxParentNotional: '1000000',
      maxChildNotional: '500000',
      maxNotionalPerDay: '2000000',
      maxLossPerDay: '5000',
      maxLossPerDayPercent: 5,
      maxDrawdownPercent: 10,
      minEquity: '90000',
      maxSectorPercent: 20,
      sectorPercents: { defi: 5 },
      maxConcentrationPercent: 10,
      maxLeverage: 1,
      restrictedPairs: ['LTC-USD'],
      targetVolatilityPercent: 1,
      maxPortfolioVolatilityPercent: 10,
      accounts: { 'acc-1': scope },
      venues: { kraken: scope },
    };
    expect(taken(all)).toEqual(all);
  });

  it('that are negative, absurd or misspelt are refused, every bad field at once, contradictions beside them', () => {
    const errors = errorsOf({
      maxLossPerDay: '-1',
      maxDrawdownPercent: 101,
      maxSectorPercent: -1,
      maxLeverage: 0,
      minEquity: 5,
      maxOrdersPerDay: 1.5,
      sectorPercents: { DeFi: 5 },
      restrictedPairs: ['btc'],
      venues: { krakn: { maxExposure: '1' }, kraken: { maxExposre: '1' } },
      maxChildNotional: '11',
      maxParentNotional: '10',
      defaultBalancePercent: 3,
      maxBalancePercent: 2,
    });
    expect(errors.map((one) => one.split(' ')[0]).sort()).toEqual(
      [
        'defaultBalancePercent',
        'maxChildNotional',
        'maxDrawdownPercent',
        'maxLeverage',
        'maxLossPerDay',
        'maxOrdersPerDay',
        'maxSectorPercent',
        'minEquity',
        'restrictedPairs.0',
        'sectorPercents.DeFi',
        'venues.kraken.maxExposre',
        'venues.krakn',
      ].sort(),
    );
  });

  it.each([
    [
      { defaultBalancePercent: 3, maxBalancePercent: 2 },
      'defaultBalancePercent must not be more than maxBalancePercent, which is 2',
    ],
    [
      { maxOrderQuantity: '2', maxPositionQuantity: '1.5' },
      'maxOrderQuantity must not be more than maxPositionQuantity, which is 1.5',
    ],
    [
      { maxParentNotional: '10', maxNotionalPerDay: '9.99' },
      'maxParentNotional must not be more than maxNotionalPerDay, which is 9.99',
    ],
    [
      { maxLossPerDayPercent: 11, maxDrawdownPercent: 10 },
      'maxLossPerDayPercent must not be more than maxDrawdownPercent, which is 10',
    ],
    [
      { accounts: { a: { maxLossPerDayPercent: 6, maxDrawdownPercent: 5 } } },
      'accounts.a.maxLossPerDayPercent must not be more than maxDrawdownPercent, which is 5',
    ],
  ])('that contradict each other are refused: %j', (input, error) => {
    expect(errorsOf(input)).toEqual([error]);
  });

  it('do not contradict a default: a lower limit above stands for both', () => {
    expect(errorsOf({ maxBalancePercent: 1, maxPositionQuantity: '1', maxParentNotional: '10' })).toEqual([]);
  });

  it('of zero are not absent: nothing at all may be traded, held or lost', () => {
    const zero = {
      maxNotionalPerDay: '0',
      maxLossPerDay: '0',
      maxSectorPercent: 0,
      positionQuantities: { 'BTC-USD': '0' },
    };
    expect(taken(zero)).toEqual(zero);
  });

  it('for an account that the user does not have name it', () => {
    expect(unknownAccounts({ accounts: { mine: {}, 'his.1': {} } }, ['mine'])).toEqual([
      { path: 'accounts.his.1', problem: 'is no account of this user: connect it first' },
    ]);
  });
});
