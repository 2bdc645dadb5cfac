import { describe, expect, it } from '@jest/globals';
import type { Code, Limits, Pair, Signal } from '@switchyard/model';
import type { OrderApproval } from './approval.js';
import type { Outcome } from './commands.js';
import { DEFAULT_SECTORS } from './sectors.js';
import { anAccount, aSnapshot, aTrader, scenario, START, type Scenario } from './testing/scenario.js';

const codes = (outcome: Outcome | undefined): readonly Code[] =>
  outcome?.type === 'rejected' ? outcome.failed.map(({ code }) => code) : [];
const approval = (outcome: Outcome | undefined): OrderApproval => {
  if (outcome?.type !== 'approved') throw new Error(`not approved: ${JSON.stringify(outcome)}`);
  return outcome.approval;
};
const refusal = (outcome: Outcome | undefined) => {
  if (outcome?.type !== 'rejected') throw new Error(`not refused: ${JSON.stringify(outcome)}`);
  return { ...outcome.failed[0], recommended: outcome.recommended };
};

const FREE: Partial<Limits> = {
  tradesPerSecond: 1_000,
  burst: 1_000,
  maxBalancePercent: 100,
  maxSectorPercent: 1_000,
  maxOpenPositions: 100,
};
/** A user with 100,000 USDT and these limits beside ones that limit nothing. */
const limited = (limits: Partial<Limits>): Scenario => aTrader({ limits: { ...FREE, ...limits } });
const base = (quantity: string, change: Partial<Signal> = {}): Partial<Signal> => ({
  size: { base: quantity },
  ...change,
});
const exit = { side: 'sell', signalType: 'exit' } as const;

let trades = 0;
/** Buys for good, at 50,000 a BTC where nothing else is said. */
const holding = (story: Scenario, quantity: string, change: { pair?: Pair; price?: string } = {}): void => {
  const id = `held-${String((trades += 1))}`;
  const { pair = 'BTC-USD', price = '50000' } = change;
  approval(story.signal(id, base(quantity, { pair })));
  story.fill(id, { pair, quantity, price });
  story.complete(id, quantity);
};
const sold = (story: Scenario, quantity: string, price: string): void => {
  const id = `sold-${String((trades += 1))}`;
  approval(story.signal(id, { ...exit, size: { base: quantity } }));
  story.fill(id, { side: 'sell', quantity, price });
  story.complete(id, quantity);
};
let versions = 1;
const priced = (story: Scenario, price: string, pair: Pair = 'BTC-USD'): void => {
  versions += 1;
  for (const venue of ['binance', 'kraken']) story.market.put(aSnapshot(venue, pair, price, { version: versions }));
};
/** Time passes, and the venue is asked again what the account holds. */
const asked = (story: Scenario, totals: Readonly<Record<string, string>>, at = story.nowMs + 60_000): void => {
  story.nowMs = at;
  story.balance(totals);
};
const HOUR = 3_600_000;

describe('the worth of an order', () => {
  it('is at most maxParentNotional, at the most that it may cost: 10 M unless the user has another', () => {
    const story = limited({ maxParentNotional: '10110.1' });
    expect(approval(story.signal('a', base('0.2'))).quantity).toBe('0.2');
    const { code, facts, recommended } = refusal(story.signal('b', base('0.21')));
    expect([code, facts['limit'], facts['maxParentNotional']]).toEqual([
      'ORDER_VALUE_TOO_LARGE',
      'maxParentNotional',
      '10110.1',
    ]);
    expect(recommended).toEqual({ size: { base: '0.2' } });
    expect(approval(story.signal('c')).sizing['cappedBy']).toBeUndefined();
    const rich = limited({ maxOrderQuantity: '1000' });
    asked(rich, { USDT: '90000000' });
    expect(codes(rich.signal('a', base('199')))).toEqual(['ORDER_VALUE_TOO_LARGE']);
  });

  it('below the smallest that a venue takes leaves nothing to recommend', () => {
    const small = base('0.00001');
    expect(refusal(limited({}).signal('a', small)).recommended).toEqual({ size: { base: '0.0001' } });
    const outcome = refusal(limited({ maxParentNotional: '3' }).signal('a', small));
    expect([outcome.code, outcome.recommended]).toEqual(['BELOW_MINIMUM', undefined]);
  });

  it('cuts what risk sized itself', () => {
    const approved = approval(limited({ maxParentNotional: '1011.01' }).signal('a'));
    expect([approved.quantity, approved.sizing['cappedBy']]).toEqual(['0.02', 'maxParentNotional']);
  });

  it('is at most maxChildNotional in each account: 5 M unless the user has another', () => {
    const accounts = [anAccount(), anAccount({ accountId: 'acc-2', venue: 'kraken' })];
    const story = scenario();
    story.policy({ limits: { ...FREE, maxChildNotional: '5055.05' }, accounts });
    story.balance({ USDT: '100000' });
    story.balance({ USD: '100000' }, 'acc-2');
    const { caps, quantity, sizing } = approval(story.signal('a', base('0.3')));
    expect(caps.map((cap) => cap.quantity)).toEqual(['0.1', '0.1']);
    expect([quantity, sizing['cappedBy']]).toEqual(['0.2', 'maxChildNotional']);
  });
});

describe('the position of a symbol', () => {
  it('is at most its own, where it has one: of others the default', () => {
    const story = limited({ positionQuantities: { 'BTC-USD': '0.5', 'XRP-USD': '0' }, maxPositionQuantity: '3' });
    holding(story, '0.3');
    const { code, facts, recommended } = refusal(story.signal('b', base('0.3')));
    expect([code, facts['positionQuantities'], recommended]).toEqual([
      'POSITION_TOO_LARGE',
      '0.5',
      { size: { base: '0.2' } },
    ]);
    approval(story.signal('c', base('2.9', { pair: 'ETH-USD' })));
    expect(codes(story.signal('d', base('10', { pair: 'XRP-USD' })))).toEqual(['POSITION_TOO_LARGE']);
  });
});

describe('what is traded a day', () => {
  const daily = (most: string, zone = 'UTC'): Scenario =>
    aTrader({ limits: { ...FREE, maxNotionalPerDay: most }, accounts: [anAccount({ timeZone: zone })] });

  it('counts fills, exits among them, and orders under way with what they may still cost', () => {
    const story = daily('21000');
    approval(story.signal('a', base('0.2')));
    expect(codes(story.signal('b', base('0.22')))).toEqual(['MAX_NOTIONAL_PER_DAY']);
    story.fill('a', { quantity: '0.1' });
    story.complete('a', '0.1');
    sold(story, '0.1', '50000');
    expect(refusal(story.signal('c', base('0.22')))).toMatchObject({
      code: 'MAX_NOTIONAL_PER_DAY',
      facts: { traded: '10000', maxNotionalPerDay: '21000' },
      recommended: { size: { base: '0.2176' } },
    });
    approval(story.signal('d', base('0.2176')));
  });

  it('lets an order that was cancelled count no more', () => {
    const story = daily('11000');
    approval(story.signal('a', base('0.2')));
    expect(codes(story.signal('b', base('0.2')))).toEqual(['MAX_NOTIONAL_PER_DAY']);
    story.complete('a', '0');
    approval(story.signal('c', base('0.2')));
  });

  it('begins anew with the trading day of the account’s zone, once, though a clock steps back over midnight', () => {
    const story = daily('11000', 'Asia/Tokyo');
    holding(story, '0.2');
    story.nowMs = Date.parse('2026-11-21T14:59:59.999Z');
    expect(codes(story.signal('b', base('0.2')))).toEqual(['MAX_NOTIONAL_PER_DAY']);
    story.nowMs += 1;
    holding(story, '0.2');
    story.nowMs -= HOUR;
    expect(codes(story.signal('c', base('0.2')))).toEqual(['MAX_NOTIONAL_PER_DAY']);
    story.nowMs += 2 * HOUR;
    expect(codes(story.signal('d', base('0.2')))).toEqual(['MAX_NOTIONAL_PER_DAY']);
  });

  it('counts a fill that comes again once, and one that comes after midnight of the account’s zone on its day', () => {
    const story = daily('16000', 'Asia/Tokyo');
    approval(story.signal('a', base('0.2')));
    story.nowMs = Date.parse('2026-11-21T15:00:01.000Z');
    const fill = { quantity: '0.2', cumulativeQuantity: '0.2' };
    story.fill('a', fill);
    story.fill('a', fill);
    story.complete('a', '0.2');
    story.fill('a', fill);
    expect(story.state.accounts['acc-1']?.day).toMatchObject({ date: '2026-11-22', traded: '10000' });
    approval(story.signal('b', base('0.11')));
  });

  it('of nothing allows nothing, and stops no exit', () => {
    const story = limited({});
    holding(story, '0.1');
    story.policy({ version: 2, limits: { ...FREE, maxNotionalPerDay: '0' } });
    expect(codes(story.signal('b'))).toEqual(['MAX_NOTIONAL_PER_DAY']);
    approval(story.signal('x', exit));
  });
});

describe('the loss of a day', () => {
  it('counts what was realised and what is marked, fees taken off', () => {
    const story = limited({ maxLossPerDay: '1600' });
    holding(story, '1');
    sold(story, '0.5', '49400');
    priced(story, '49300');
    // 300 realised, 350 marked.
    approval(story.signal('a', base('0.01')));
    story.complete('a', '0');
    priced(story, '47400');
    expect(refusal(story.signal('b', base('0.01')))).toMatchObject({
      code: 'MAX_LOSS_PER_DAY',
      facts: { lost: '1600', maxLossPerDay: '1600', scope: 'user' },
      recommended: undefined,
    });
    priced(story, '50000');
    approval(story.signal('c', base('0.01')));
  });

  it('must leave room for what the order would lose at its stop-loss', () => {
    const story = limited({ maxLossPerDay: '100' });
    const refused = refusal(story.signal('a', base('0.1', { stopLoss: '49500' })));
    expect([refused.code, refused.facts['lossAtStop']]).toEqual(['MAX_LOSS_PER_DAY', '105.05']);
    expect(refused.recommended).toEqual({ size: { base: '0.09519' } });
    approval(story.signal('b', base('0.09519', { stopLoss: '49500' })));
  });

  it('is no loss of money that is deposited or withdrawn', () => {
    const story = limited({ maxLossPerDay: '200', maxDrawdownPercent: 1 });
    holding(story, '0.1');
    asked(story, { USDT: '20000', BTC: '0.1' });
    approval(story.signal('a', base('0.01')));
    story.complete('a', '0');
    asked(story, { USDT: '500000', BTC: '0.1' });
    priced(story, '48000');
    expect(codes(story.signal('b', base('0.01')))).toEqual(['MAX_LOSS_PER_DAY']);
  });

  it('ends with the day of the account’s zone; what is lost overnight counts on the new one', () => {
    const accounts = [anAccount({ timeZone: 'America/New_York' })];
    const story = aTrader({ limits: { ...FREE, maxLossPerDay: '1600' }, accounts });
    holding(story, '1');
    priced(story, '48400');
    asked(story, { USDT: '50000', BTC: '1' });
    expect(codes(story.signal('a', base('0.01')))).toEqual(['MAX_LOSS_PER_DAY']);
    story.nowMs = Date.parse('2026-11-22T04:59:59.999Z');
    expect(codes(story.signal('b', base('0.01')))).toEqual(['MAX_LOSS_PER_DAY']);
    story.nowMs += 1;
    approval(story.signal('c', base('0.01')));
    story.complete('c', '0');
    story.nowMs -= HOUR;
    approval(story.signal('d', base('0.01')));
    story.complete('d', '0');
    story.nowMs += 25 * HOUR;
    priced(story, '46800');
    expect(codes(story.signal('e', base('0.01')))).toEqual(['MAX_LOSS_PER_DAY']);
  });

  it('may be a percentage of the equity with which the day began', () => {
    const story = limited({ maxLossPerDayPercent: 2 });
    holding(story, '1');
    priced(story, '48100');
    approval(story.signal('a', base('0.01')));
    story.complete('a', '0');
    priced(story, '47999');
    expect(refusal(story.signal('b', base('0.01')))).toMatchObject({
      code: 'MAX_LOSS_PER_DAY',
      facts: { lost: '2001', maxLossPerDayPercent: 2 },
    });
  });

  it('takes fees of a third currency at their price', () => {
    const story = limited({ maxLossPerDay: '100' });
    approval(story.signal('a', base('0.1', { stopLoss: '49900' })));
    expect(codes(story.signal('c', base('0.01')))).toEqual([]);
    story.complete('c', '0');
    story.fill('a', { quantity: '0.1', fee: { amount: '1', currency: 'LTC' } });
    story.complete('a', '0.1');
    expect(codes(story.signal('b', base('0.01')))).toEqual(['MAX_LOSS_PER_DAY']);
  });

  it('that nobody can tell, because a position has no price, allows no entry', () => {
    const story = limited({ maxLossPerDay: '100' });
    story.fill('elsewhere', { pair: 'DOGE-USD', quantity: '100', price: '1' });
    expect(refusal(story.signal('a', base('0.01')))).toMatchObject({ code: 'PRICE_UNKNOWN', recommended: undefined });
  });
});

describe('a drawdown', () => {
  it('is measured from the high of profit and loss, whatever day it is', () => {
    const story = limited({ maxDrawdownPercent: 10 });
    holding(story, '1');
    priced(story, '60000');
    asked(story, { USDT: '50000', BTC: '1' });
    story.nowMs += 48 * HOUR;
    priced(story, '49100');
    // 10,900 below the high at which all was worth 110,000.
    approval(story.signal('a', base('0.01', { stopLoss: '48900' })));
    story.complete('a', '0');
    priced(story, '48999');
    expect(refusal(story.signal('b', base('0.01', { stopLoss: '48900' })))).toMatchObject({
      code: 'MAX_DRAWDOWN',
      facts: { drawdown: '11001', equity: '98999', maxDrawdownPercent: 10 },
    });
    approval(story.signal('x', exit));
  });

  it('does not rise with a deposit, nor begin with a withdrawal', () => {
    const story = limited({ maxDrawdownPercent: 10 });
    holding(story, '0.1');
    asked(story, { USDT: '900000', BTC: '0.1' });
    asked(story, { USDT: '30000', BTC: '0.1' });
    approval(story.signal('a', base('0.01')));
  });

  it('may have a floor of its own: an equity below which nothing is opened', () => {
    const story = limited({ minEquity: '98000' });
    holding(story, '1');
    priced(story, '48100');
    approval(story.signal('a', base('0.01')));
    story.complete('a', '0');
    priced(story, '47999');
    expect(codes(story.signal('b', base('0.01')))).toEqual(['EQUITY_TOO_LOW']);
  });
});

describe('shares of equity', () => {
  it('of a sector are at most 15 %, over all its pairs, entries under way counted', () => {
    const story = limited({ maxSectorPercent: 15 });
    holding(story, '0.1');
    approval(story.signal('a', base('40', { pair: 'LTC-USD' })));
    expect(refusal(story.signal('b', base('0.13')))).toMatchObject({
      code: 'SECTOR_EXPOSURE_TOO_HIGH',
      facts: { sector: 'currency', exposure: '9000', equity: '100000', maxSectorPercent: 15 },
      recommended: { size: { base: '0.12' } },
    });
    approval(story.signal('c', base('5', { pair: 'ETH-USD' })));
    approval(story.signal('d', base('0.12')));
    story.complete('a', '0');
    approval(story.signal('e', base('0.08')));
  });

  it('are those of the defaults where the user sets none', () => {
    const story = aTrader({ limits: { tradesPerSecond: 1_000, burst: 1_000 } });
    for (let n = 0; n < 3; n += 1) holding(story, '0.099');
    expect(codes(story.signal('d', base('0.099')))).toEqual(['SECTOR_EXPOSURE_TOO_HIGH']);
    const last = approval(story.signal('e'));
    expect([last.quantity, last.sizing['cappedBy']]).toEqual(['0.003', 'maxSectorPercent']);
  });

  it('of a sector may be its own, by user or by deployment', () => {
    const sectors = { of: { ...DEFAULT_SECTORS.of, XRP: 'remittance' }, maxPercent: { remittance: 1 } };
    const story = aTrader({ limits: { ...FREE, sectorPercents: { currency: 2 } } }, { sectors });
    expect(codes(story.signal('a', base('0.041')))).toEqual(['SECTOR_EXPOSURE_TOO_HIGH']);
    approval(story.signal('b', base('0.04')));
    expect(codes(story.signal('c', base('1001', { pair: 'XRP-USD' })))).toEqual(['SECTOR_EXPOSURE_TOO_HIGH']);
    approval(story.signal('d', base('1000', { pair: 'XRP-USD' })));
    approval(story.signal('e', base('20', { pair: 'ETH-USD' })));
  });

  it('of assets that no sector names are taken together', () => {
    const story = aTrader(
      { limits: { ...FREE, sectorPercents: { unclassified: 1 } } },
      { sectors: { of: {}, maxPercent: {} } },
    );
    approval(story.signal('a', base('0.01')));
    expect(codes(story.signal('b', base('6', { pair: 'LTC-USD' })))).toEqual(['SECTOR_EXPOSURE_TOO_HIGH']);
  });

  it('of one asset are at most maxConcentrationPercent', () => {
    const story = limited({ maxConcentrationPercent: 10 });
    holding(story, '0.15');
    expect(refusal(story.signal('a', base('0.06')))).toMatchObject({
      code: 'CONCENTRATION_TOO_HIGH',
      facts: { asset: 'BTC', exposure: '7500' },
      recommended: { size: { base: '0.05' } },
    });
    approval(story.signal('b', base('90', { pair: 'LTC-USD' })));
  });

  it('of everything are at most maxLeverage times the equity', () => {
    const story = limited({ maxLeverage: 0.5 });
    holding(story, '0.5');
    approval(story.signal('a', base('100', { pair: 'LTC-USD' })));
    expect(refusal(story.signal('b', base('8', { pair: 'ETH-USD' })))).toMatchObject({
      code: 'LEVERAGE_TOO_HIGH',
      facts: { exposure: '35000', maxLeverage: 0.5 },
      recommended: { size: { base: '7.5' } },
    });
  });

  it('are of no more than the venue says is there, though an order is open and the books can’t start anew', () => {
    const story = limited({ maxConcentrationPercent: 10 });
    approval(story.signal('a', base('0.1')));
    asked(story, { USDT: '60000' });
    expect(refusal(story.signal('b', base('0.03')))).toMatchObject({
      code: 'CONCENTRATION_TOO_HIGH',
      facts: { equity: '60000', exposure: '5000' },
    });
  });

  it('count what was bought, though the venue has not told of it yet', () => {
    const story = limited({ maxConcentrationPercent: 50 });
    story.nowMs += 1_000;
    holding(story, '0.9');
    story.balance({ USDT: '100000' }, 'acc-1', story.nowMs - 500);
    expect(refusal(story.signal('a', base('0.2'))).facts).toMatchObject({ exposure: '45000', equity: '100000' });
  });
});

describe('limits are of a mode', () => {
  it('so that what paper accounts hold and have on order counts for no simulated order', () => {
    const story = scenario();
    const accounts = [anAccount(), anAccount({ accountId: 'acc-2', mode: 'simulated' })];
    story.policy({ limits: { ...FREE, maxConcentrationPercent: 10, maxNotionalPerDay: '11000' }, accounts });
    story.balance({ USDT: '100000' });
    story.balance({ USDT: '100000' }, 'acc-2');
    holding(story, '0.1');
    approval(story.signal('a', base('0.1')));
    expect(codes(story.signal('b', base('0.1')))).toEqual(['MAX_NOTIONAL_PER_DAY', 'CONCENTRATION_TOO_HIGH']);
    approval(story.signal('c', base('0.2', { mode: 'simulated' })));
  });
});

describe('pairs', () => {
  it('that the user’s limits leave out are not opened, and can be closed', () => {
    const story = limited({});
    holding(story, '0.1');
    story.policy({ version: 2, limits: { ...FREE, restrictedPairs: ['BTC-USD'] } });
    expect(refusal(story.signal('a', base('0.1')))).toMatchObject({
      code: 'PAIR_RESTRICTED',
      facts: { scope: 'user' },
      recommended: undefined,
    });
    approval(story.signal('b', base('1', { pair: 'ETH-USD' })));
    approval(story.signal('x', exit));
  });

  it('that an operator took from the user while the signal was under way are not opened', () => {
    const story = aTrader({ limits: FREE, pairs: ['ETH-USD'] });
    expect(codes(story.signal('a', base('0.1')))).toEqual(['PAIR_NOT_ALLOWED']);
  });

  it('that a venue’s limits leave out are opened elsewhere, or not at all', () => {
    const story = scenario();
    const venues = { binance: { restrictedPairs: ['BTC-USD'] } };
    story.policy({
      limits: { ...FREE, venues },
      accounts: [anAccount(), anAccount({ accountId: 'acc-2', venue: 'kraken' })],
    });
    story.balance({ USDT: '100000' });
    story.balance({ USD: '100000' }, 'acc-2');
    expect(approval(story.signal('a', base('0.1'))).caps.map(({ venue }) => venue)).toEqual(['kraken']);
    expect(refusal(story.signal('b', base('0.1', { accountId: 'acc-1' })))).toMatchObject({
      code: 'PAIR_RESTRICTED',
      facts: { scope: 'venue:binance' },
    });
  });
});

describe('limits of one account or venue', () => {
  const two = (limits: Partial<Limits>): Scenario => {
    const story = scenario();
    const accounts = [
      anAccount(),
      anAccount({ accountId: 'acc-2' }),
      anAccount({ accountId: 'acc-3', venue: 'kraken' }),
    ];
    story.policy({ limits: { ...FREE, ...limits }, accounts });
    story.balance({ USDT: '100000' });
    story.balance({ USDT: '100000' }, 'acc-2');
    story.balance({ USD: '100000' }, 'acc-3');
    return story;
  };
  const capsOf = (outcome: Outcome | undefined): Readonly<Record<string, string>> =>
    Object.fromEntries(approval(outcome).caps.map(({ accountId, quantity }) => [accountId, quantity]));

  it('cut what that account may take; the others take the rest', () => {
    const story = two({ accounts: { 'acc-1': { maxExposure: '1000' } } });
    expect(capsOf(story.signal('a', base('0.1')))).toEqual({ 'acc-1': '0.02', 'acc-2': '0.1', 'acc-3': '0.1' });
    // What is on order there counts, though nobody knows yet where it will be filled.
    expect(capsOf(story.signal('b', base('0.1')))).toEqual({ 'acc-2': '0.1', 'acc-3': '0.1' });
  });

  it('count of an order under way what that account may trade of it, not what the others may', () => {
    const story = two({ accounts: { 'acc-1': { maxChildNotional: '1011.01', maxExposure: '2000' } } });
    expect(capsOf(story.signal('a', base('0.1')))['acc-1']).toBe('0.02');
    expect(capsOf(story.signal('b', base('0.1')))['acc-1']).toBe('0.02');
    expect(capsOf(story.signal('c', base('0.1')))['acc-1']).toBeUndefined();
  });

  it('of a venue hold for all accounts there together', () => {
    const story = two({ venues: { binance: { maxChildNotional: '6066.06' } } });
    expect(capsOf(story.signal('a', base('0.1')))).toEqual({ 'acc-1': '0.1', 'acc-2': '0.02', 'acc-3': '0.1' });
  });

  it('of a prop firm end entries there alone: a daily loss, a drawdown, a floor', () => {
    for (const [rule, code] of [
      [{ maxLossPerDayPercent: 2 }, 'MAX_LOSS_PER_DAY'],
      [{ maxDrawdownPercent: 2 }, 'MAX_DRAWDOWN'],
      [{ minEquity: '98000' }, 'EQUITY_TOO_LOW'],
      [{ maxLossPerDay: '2000' }, 'MAX_LOSS_PER_DAY'],
    ] as const) {
      const story = two({ accounts: { 'acc-1': rule } });
      approval(story.signal('a', base('1', { accountId: 'acc-1' })));
      story.fill('a', { quantity: '1' });
      story.complete('a', '1');
      priced(story, '47900');
      expect(Object.keys(capsOf(story.signal('b', base('0.1'))))).toEqual(['acc-2', 'acc-3']);
      const only = refusal(story.signal('c', base('0.1', { accountId: 'acc-1' })));
      expect([only.code, only.facts['scope']]).toEqual([code, 'account:acc-1']);
      approval(story.signal('x', { ...exit, accountId: 'acc-1' }));
    }
  });

  it('of what may be traded a day count what was, and what may be there', () => {
    const story = two({ accounts: { 'acc-3': { maxNotionalPerDay: '10000' } } });
    approval(story.signal('a', base('0.1', { accountId: 'acc-3' })));
    story.fill('a', { quantity: '0.1', accountId: 'acc-3', venue: 'kraken', fee: { amount: '0', currency: 'USD' } });
    story.complete('a', '0.1');
    expect(capsOf(story.signal('b', base('0.1')))['acc-3']).toBe('0.09891');
    expect(capsOf(story.signal('c', base('0.1')))['acc-3']).toBeUndefined();
  });

  it('refuse where no account is left, each with its own reason', () => {
    const story = two({
      accounts: { 'acc-1': { maxExposure: '0' }, 'acc-2': { restrictedPairs: ['BTC-USD'] } },
      venues: { kraken: { maxNotionalPerDay: '0' } },
    });
    expect(codes(story.signal('a', base('0.1')))).toEqual([
      'EXPOSURE_TOO_HIGH',
      'PAIR_RESTRICTED',
      'MAX_NOTIONAL_PER_DAY',
    ]);
  });
});

describe('exits, stop-losses and reducing orders', () => {
  it.each([
    ['exit', {}],
    ['stop_loss', {}],
    ['profit_take', {}],
    ['entry', { reduceOnly: true }],
  ] as const)('pass every limit there is, whole: %s', (signalType, change) => {
    const story = limited({});
    holding(story, '1.5');
    priced(story, '30000');
    const none = {
      ...{ restrictedPairs: ['BTC-USD'], maxChildNotional: '1', maxNotionalPerDay: '0', maxLossPerDay: '0' },
      ...{ maxDrawdownPercent: 0, minEquity: '1000000000' },
    };
    story.policy({
      version: 2,
      enabled: false,
      pairs: ['ETH-USD'],
      limits: {
        ...none,
        ...{ tradesPerSecond: 0.001, burst: 1, maxOrdersPerDay: 0, maxOpenPositions: 0, maxOrderQuantity: '0.001' },
        ...{
          maxPositionQuantity: '0.001',
          positionQuantities: { 'BTC-USD': '0' },
          maxParentNotional: '1',
          maxSectorPercent: 0,
        },
        ...{ maxConcentrationPercent: 0, maxLeverage: 0.001, maxBalancePercent: 0.1 },
        ...{ accounts: { 'acc-1': { ...none, maxExposure: '0' } }, venues: { binance: { ...none, maxExposure: '0' } } },
      },
    });
    expect(approval(story.signal('x', { side: 'sell', signalType, ...change })).quantity).toBe('1.5');
  });
});

describe('a sale of holdings', () => {
  it('meets the limits of size and pace, and none of what it would open', () => {
    const story = limited({ maxParentNotional: '10000', maxSectorPercent: 0, maxLossPerDay: '0', maxLeverage: 0.001 });
    story.nowMs += 1;
    story.balance({ USDT: '1', BTC: '1' });
    const selling = { side: 'sell' } as const;
    expect(refusal(story.signal('a', base('0.3', selling)))).toMatchObject({
      code: 'ORDER_VALUE_TOO_LARGE',
      recommended: { size: { base: '0.2' } },
    });
    approval(story.signal('b', base('0.2', selling)));
    expect(refusal(story.signal('c', base('0.9', selling))).recommended).toEqual({ size: { base: '0.2' } });
    story.policy({ version: 2, limits: { ...FREE, restrictedPairs: ['BTC-USD'] } });
    expect(codes(story.signal('d', base('0.1', selling)))).toEqual(['PAIR_RESTRICTED']);
  });
});

describe('the document of a user', () => {
  it('holds of profit and of the day no more after many trades than after a few', () => {
    const story = limited({ maxLossPerDay: '1000000' });
    const size = (): number => JSON.stringify(story.state.accounts).length;
    const sizes: number[] = [];
    for (let round = 0; round < 60; round += 1) {
      story.nowMs += HOUR;
      holding(story, '0.01234', { price: '50000.12' });
      sold(story, '0.01234', '49999.37');
      asked(story, { USDT: '100000' });
      sizes.push(size());
    }
    expect((sizes.at(-1) ?? 0) - (sizes[5] ?? 0)).toBeLessThan(30);
    expect(START).toBeLessThan(story.nowMs);
  });
});
