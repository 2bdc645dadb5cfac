import { describe, expect, it } from '@jest/globals';
import type { Code, Signal } from '@switchyard/model';
import type { OrderApproval } from './approval.js';
import type { Outcome } from './commands.js';
import { waitingExits } from './held-exits.js';
import { DEFAULT_SETTINGS } from './settings.js';
import { anAccount, aPolicy, aSnapshot, aTrader, scenario, START, type Scenario } from './testing/scenario.js';

const codes = (outcome: Outcome | undefined): readonly Code[] =>
  outcome?.type === 'rejected' ? outcome.failed.map(({ code }) => code) : [];

const approval = (outcome: Outcome | undefined): OrderApproval => {
  if (outcome?.type !== 'approved') throw new Error(`not approved: ${JSON.stringify(outcome)}`);
  return outcome.approval;
};

const exit = { side: 'sell', signalType: 'exit' } as const;

/** Buys 0.04 BTC for good: bought, completed, known to the books. */
const holding = (story: Scenario, id = 'entry', pair: Signal['pair'] = 'BTC-USD', quantity = '0.04'): void => {
  approval(story.signal(id, { pair, size: { base: quantity } }));
  story.fill(id, { pair, quantity, price: '50000' });
  story.complete(id, quantity);
};

describe('the size of an order', () => {
  it.each([
    ['is 2 % of the balance where the signal names none', undefined, '0.04', undefined],
    ['is the quote amount that the signal names', { quote: '250.00' }, '0.005', undefined],
    ['is the base quantity that the signal names', { base: '0.0123456' }, '0.01234', undefined],
    ['is the percentage that the signal names', { balancePercent: 3 }, '0.06', undefined],
    ['is never over 5 % of the balance, by quote', { quote: '6000' }, '0.1', 'maxBalancePercent'],
    ['is never over 5 % of the balance, by base', { base: '1' }, '0.1', 'maxBalancePercent'],
    ['is never over 5 % of the balance, by percent', { balancePercent: 50 }, '0.1', undefined],
  ])('%s', (_rule, size, quantity, cappedBy) => {
    const approved = approval(aTrader().signal('p', size === undefined ? {} : { size }));
    expect(approved.quantity).toBe(quantity);
    expect(approved.sizing['cappedBy']).toBe(cappedBy);
  });

  it('is cut to what risk may order where risk sized it, and refused where the signal named it', () => {
    const policy = { limits: { maxOrderQuantity: '0.01', tradesPerSecond: 9, burst: 9 } };
    expect(approval(aTrader(policy).signal('p')).quantity).toBe('0.01');
    const outcome = aTrader(policy).signal('p', { size: { quote: '1000' } });
    expect(codes(outcome)).toEqual(['ORDER_TOO_LARGE']);
    expect(outcome).toMatchObject({ recommended: { size: { base: '0.01' } } });
  });

  it('counts what is held and on order in the pair against the position limit', () => {
    const story = aTrader({ limits: { maxPositionQuantity: '0.05', burst: 9, tradesPerSecond: 9 } });
    holding(story);
    expect(codes(story.signal('b', { size: { base: '0.0101' } }))).toEqual(['POSITION_TOO_LARGE']);
    approval(story.signal('c', { size: { base: '0.01' } }));
    expect(codes(story.signal('d', { size: { base: '0.001' } }))).toEqual(['POSITION_TOO_LARGE']);
  });

  it('below what the venue takes is refused', () => {
    expect(codes(aTrader().signal('p', { size: { quote: '4.99' } }))).toEqual(['BELOW_MINIMUM']);
  });

  it('is not what lacks where all there is pays for no order: the money is', () => {
    const story = aTrader();
    for (const [total, code] of [
      ['4.90', 'INSUFFICIENT_FUNDS'],
      ['0', 'INSUFFICIENT_FUNDS'],
      ['100', 'BELOW_MINIMUM'],
    ] as const) {
      story.nowMs += 1;
      story.balance({ USDT: total });
      expect([total, ...codes(story.signal(`p${total}`))]).toEqual([total, code]);
    }
  });
});

describe('funds', () => {
  it('are reserved with a collar of 1 % and the fee of a taker', () => {
    const approved = approval(aTrader().signal('p', { size: { base: '0.04' } }));
    expect(approved.caps).toEqual([
      { accountId: 'acc-1', venue: 'binance', mode: 'paper', quantity: '0.04', reserved: '2022.02', currency: 'USDT' },
    ]);
  });

  it('are reserved at the limit price of a limit order', () => {
    const approved = approval(
      aTrader().signal('p', { size: { base: '0.04' }, orderType: 'limit', limitPrice: '49000' }),
    );
    expect(approved.caps[0]?.reserved).toBe('1961.96');
  });

  it('cover the entry price where routing may place a limit there', () => {
    const approved = approval(aTrader().signal('p', { size: { base: '0.04' }, entryPrice: '54000' }));
    expect(approved.caps[0]?.reserved).toBe('2162.16');
  });

  it('of two orders that each fit, and together do not, the second gets what is left, the third nothing', () => {
    const story = aTrader({ limits: { maxBalancePercent: 60, maxSectorPercent: 1_000, burst: 9, tradesPerSecond: 9 } });
    expect(approval(story.signal('a', { size: { quote: '60000' } })).quantity).toBe('1.2');
    const second = approval(story.signal('b', { size: { quote: '60000' } }));
    expect(second.quantity).toBe('0.77821');
    expect(second.sizing).toMatchObject({ cappedBy: 'funds', wished: '1.2' });
    expect(codes(story.signal('c', { size: { quote: '60000' } }))).toEqual(['INSUFFICIENT_FUNDS']);
  });

  it('come back on completion, not on a fill, and not while the outcome is unknown', () => {
    const story = aTrader({ limits: { maxBalancePercent: 90, maxSectorPercent: 1_000, burst: 9, tradesPerSecond: 9 } });
    const wish = { size: { quote: '89000' } } as const;
    approval(story.signal('a', wish));
    story.nowMs += 3_600_000;
    expect(approval(story.signal('b', wish)).quantity).not.toBe('1.78');
    story.complete('b', '0');
    story.complete('a', '0');
    expect(approval(story.signal('c', wish)).quantity).toBe('1.78');
  });

  it('are what the more careful of venue and book says', () => {
    const story = aTrader({
      limits: { maxBalancePercent: 100, maxSectorPercent: 1_000, burst: 9, tradesPerSecond: 9 },
    });
    story.nowMs += 10;
    holding(story);
    story.balance({ USDT: '1000', BTC: '0.04' }, 'acc-1', story.nowMs - 1);
    const approved = approval(story.signal('b', { size: { balancePercent: 100 } }));
    expect(approved.sizing['balance']).toBe('1000');
  });

  it('start anew from a snapshot that was asked for after the last order ended', () => {
    const story = aTrader({
      limits: { maxBalancePercent: 100, maxSectorPercent: 1_000, burst: 9, tradesPerSecond: 9 },
    });
    holding(story);
    story.nowMs += 1;
    story.balance({ USDT: '500000', BTC: '0.04' });
    expect(approval(story.signal('b', { size: { balancePercent: 100 } })).sizing['balance']).toBe('500000');
  });

  it('do not start anew from a snapshot while an order is open: a fill might be in it unseen', () => {
    const story = aTrader({
      limits: { maxBalancePercent: 100, maxSectorPercent: 1_000, burst: 9, tradesPerSecond: 9 },
    });
    approval(story.signal('a', { size: { base: '0.04' } }));
    story.nowMs += 1;
    story.balance({ USDT: '500000' });
    story.fill('a', { quantity: '0.04' });
    story.complete('a', '0.04');
    expect(approval(story.signal('b', { size: { balancePercent: 100 } })).sizing['balance']).toBe('98000');
  });

  it('that are not known yet allow no entry', () => {
    const story = scenario();
    story.policy();
    expect(codes(story.signal('p'))).toEqual(['BALANCE_UNKNOWN']);
  });

  it('of several accounts are each a ceiling; the order is as large as they are together', () => {
    const story = scenario();
    story.policy({
      limits: { maxBalancePercent: 100, maxSectorPercent: 1_000, burst: 9, tradesPerSecond: 9 },
      accounts: [
        anAccount(),
        anAccount({ accountId: 'acc-2', venue: 'kraken' }),
        anAccount({ accountId: 'acc-3', venue: 'kraken', mode: 'live' }),
      ],
    });
    story.balance({ USDT: '1000' });
    story.balance({ USD: '3000' }, 'acc-2');
    story.balance({ USD: '900000' }, 'acc-3');
    const small = approval(story.signal('a', { size: { base: '0.01' } }));
    expect(small.caps.map(({ accountId, quantity, currency }) => [accountId, quantity, currency])).toEqual([
      ['acc-1', '0.01', 'USDT'],
      ['acc-2', '0.01', 'USD'],
    ]);
    const large = approval(story.signal('b', { size: { base: '0.08' } }));
    expect(large.caps.map(({ quantity }) => quantity)).toEqual(['0.00978', '0.04934']);
    expect(large.quantity).toBe('0.05912');
  });
});

describe('an entry', () => {
  it('carries a computed stop-loss 2 % away where the signal has none', () => {
    expect(approval(aTrader().signal('p'))).toMatchObject({
      stopLoss: '49000',
      stopLossSource: 'computed',
      dryRun: true,
    });
    expect(approval(aTrader().signal('p', { stopLoss: '49500' }))).toMatchObject({
      stopLoss: '49500',
      stopLossSource: 'signal',
    });
  });

  it.each([
    ['is accepted with a stop-loss 2 % away', { stopLoss: '49000' }, []],
    ['is refused with a stop-loss further away than 2 %', { stopLoss: '48999.99' }, ['STOP_LOSS_TOO_FAR']],
    ['is accepted when it may win 1.5 times what it may lose', { stopLoss: '49500', takeProfit: '50750' }, []],
    [
      'is refused when it may win less than that',
      { stopLoss: '49500', takeProfit: '50749.99' },
      ['REWARD_RISK_TOO_LOW'],
    ],
    ['is measured against the computed stop too', { takeProfit: '51499.99' }, ['REWARD_RISK_TOO_LOW']],
    ['is measured from its entry price', { entryPrice: '50500', stopLoss: '49490' }, []],
    ['in a pair without a fresh price is refused', { pair: 'XRP-USD' }, ['PRICE_UNKNOWN']],
    ['in another mode finds no account', { mode: 'live' }, ['NO_ACCOUNT']],
  ] as const)('%s', (_rule, change, expected) => {
    const story = aTrader();
    story.market.put(
      aSnapshot('binance', 'XRP-USD', '1', { version: 2, receivedAt: new Date(story.nowMs - 10_000).toISOString() }),
    );
    expect(codes(story.signal('p', change))).toEqual(expected);
  });

  it('is told every limit that stands in its way, and what would pass', () => {
    const outcome = aTrader().signal('p', { stopLoss: '48000', takeProfit: '50001', size: { quote: '1' } });
    expect(outcome).toMatchObject({
      type: 'rejected',
      failed: [{ code: 'STOP_LOSS_TOO_FAR' }, { code: 'REWARD_RISK_TOO_LOW' }, { code: 'BELOW_MINIMUM' }],
      recommended: { stopLoss: '49000', takeProfit: '51500', size: { base: '0.0001' } },
    });
  });

  it('needs a known and enabled user', () => {
    expect(codes(scenario().signal('p'))).toEqual(['USER_UNKNOWN']);
    expect(codes(aTrader({ enabled: false }).signal('p'))).toEqual(['USER_DISABLED']);
  });

  it('opens no fourth position, but may add to one of three', () => {
    const story = aTrader();
    holding(story, 'a', 'BTC-USD');
    holding(story, 'b', 'ETH-USD');
    approval(story.signal('c', { pair: 'LTC-USD' }));
    expect(codes(story.signal('d', { pair: 'XRP-USD' }))).toEqual(['MAX_OPEN_POSITIONS']);
    approval(story.signal('e', { pair: 'ETH-USD' }));
    story.complete('c', '0');
    approval(story.signal('f', { pair: 'XRP-USD' }));
  });

  it('is not kept out by dust that no order could close', () => {
    const story = aTrader({ limits: { maxOpenPositions: 1, burst: 9, tradesPerSecond: 9 } });
    approval(story.signal('a', { size: { base: '0.01' } }));
    story.fill('a', { quantity: '0.01' });
    story.complete('a', '0.01');
    expect(codes(story.signal('b', { pair: 'ETH-USD' }))).toEqual(['MAX_OPEN_POSITIONS']);
    approval(story.signal('x', { ...exit, size: { base: '0.00995' } }));
    story.fill('x', { side: 'sell', quantity: '0.00995' });
    story.complete('x', '0.00995');
    approval(story.signal('c', { pair: 'ETH-USD' }));
  });

  it('comes at most twice at once and once a second after that; exits as often as they like', () => {
    const story = aTrader({ limits: {} });
    approval(story.signal('a'));
    approval(story.signal('b'));
    story.nowMs += 999;
    const outcome = story.signal('c');
    expect(codes(outcome)).toEqual(['USER_RATE_LIMITED']);
    expect(outcome).toMatchObject({ recommended: { retryAfterMs: 1 } });
    story.nowMs += 1;
    approval(story.signal('d'));
    for (const id of ['a', 'b', 'd']) {
      story.fill(id, { quantity: '0.04' });
      story.complete(id, '0.04');
    }
    for (const id of ['x', 'y', 'z']) approval(story.signal(id, { ...exit, size: { base: '0.01' } }));
    expect(codes(story.signal('e'))).toEqual(['USER_RATE_LIMITED']);
  });

  it('of a strategy counts once for all accounts of a user that follow it', () => {
    const ids = ['acc-1', 'acc-2', 'acc-3', 'acc-4'];
    const story = aTrader({ limits: {}, accounts: ids.map((accountId) => anAccount({ accountId })) });
    for (const id of ids) story.balance({ USDT: '10000' }, id);
    const copy = (trade: string, accountId: string) =>
      story.signal(`${trade}/${accountId}`, { strategyId: 's', copyOf: trade, accountId, size: { quote: '100' } });
    for (const id of ids) approval(copy('one', id));
    approval(copy('two', 'acc-1'));
    expect(codes(copy('three', 'acc-1'))).toEqual(['USER_RATE_LIMITED']);
    approval(copy('two', 'acc-2'));
  });

  it('is cut to what it says it may be at most, and an exit is not', () => {
    const story = aTrader();
    expect(approval(story.signal('a', { size: { quote: '400' }, maxSize: { base: '0.003' } }))).toMatchObject({
      quantity: '0.003',
      sizing: { cappedBy: 'maxSize' },
    });
    expect(approval(story.signal('b', { size: undefined, maxSize: { quote: '100' } }))).toMatchObject({
      quantity: '0.002',
    });
    expect(approval(story.signal('c', { size: { quote: '100' }, maxSize: { quote: '100', base: '1' } })).quantity).toBe(
      '0.002',
    );
    story.fill('a', { quantity: '0.003' });
    for (const [id, quantity] of [
      ['a', '0.003'],
      ['b', '0'],
      ['c', '0'],
    ] as const)
      story.complete(id, quantity);
    expect(approval(story.signal('x', { ...exit, size: { base: '0.003' }, maxSize: { base: '0.001' } })).quantity).toBe(
      '0.003',
    );
  });

  it('comes at most as often a day as allowed, by the trading day of the account', () => {
    const accounts = [anAccount({ timeZone: 'America/New_York' })];
    const story = aTrader({ limits: { maxOrdersPerDay: 2, burst: 9, tradesPerSecond: 9 }, accounts });
    approval(story.signal('a'));
    approval(story.signal('b'));
    expect(codes(story.signal('c'))).toEqual(['MAX_ORDERS_PER_DAY']);
    story.nowMs = Date.parse('2026-11-22T04:59:59.999Z');
    expect(codes(story.signal('d'))).toEqual(['MAX_ORDERS_PER_DAY']);
    story.nowMs += 1;
    approval(story.signal('e'));
    story.nowMs -= 3_600_000;
    approval(story.signal('f'));
    expect(codes(story.signal('g'))).toEqual(['MAX_ORDERS_PER_DAY']);
  });

  it('is refused while too many orders of its user are under way', () => {
    const story = aTrader({}, { maxOpenParents: 1 });
    approval(story.signal('a'));
    expect(codes(story.signal('b'))).toEqual(['QUEUE_FULL']);
  });

  it('scores its risk by the loss at its stop, the funds committed and the positions open', () => {
    const story = aTrader({ limits: { burst: 9, tradesPerSecond: 9 } });
    expect(approval(story.signal('a')).riskScore).toBe(27);
    expect(approval(story.signal('b', { size: { balancePercent: 5 } })).riskScore).toBeGreaterThan(50);
    expect(story.signal('c', { stopLoss: '1' })).toMatchObject({ type: 'rejected', riskScore: 59 });
  });
});

describe('an exit', () => {
  it('without a size closes all that fees left, on the lot', () => {
    const story = aTrader();
    approval(story.signal('a', { size: { base: '0.04' } }));
    story.fill('a', { quantity: '0.04', fee: { amount: '0.00004', currency: 'BTC' } });
    story.complete('a', '0.04');
    const approved = approval(story.signal('x', exit));
    expect(approved).toMatchObject({ quantity: '0.03996', reduceOnly: true, riskScore: 0 });
    expect(approved.caps).toMatchObject([{ quantity: '0.03996', reserved: '0.03996', currency: 'BTC' }]);
  });

  it('larger than its position closes the position', () => {
    const story = aTrader();
    holding(story);
    expect(approval(story.signal('x', { ...exit, size: { base: '1' } })).quantity).toBe('0.04');
  });

  it.each([
    ['half by percent', { balancePercent: 50 }, '0.02'],
    ['some by worth', { quote: '500' }, '0.01'],
  ])('may close %s', (_what, size, quantity) => {
    const story = aTrader();
    holding(story);
    expect(approval(story.signal('x', { ...exit, size })).quantity).toBe(quantity);
  });

  it('with another never sells more than there is', () => {
    const story = aTrader();
    holding(story);
    expect(approval(story.signal('x', { ...exit, size: { base: '0.03' } })).quantity).toBe('0.03');
    expect(approval(story.signal('y', exit)).quantity).toBe('0.01');
    expect(codes(story.signal('z', exit))).toEqual(['NOTHING_TO_CLOSE']);
    story.complete('x', '0');
    expect(approval(story.signal('w', exit)).quantity).toBe('0.03');
  });

  it('with another never sells what the user held beside the position', () => {
    const story = scenario();
    story.policy();
    story.balance({ USDT: '100000', BTC: '1' });
    holding(story);
    expect(approval(story.signal('x', { ...exit, size: { base: '0.03' } })).quantity).toBe('0.03');
    expect(approval(story.signal('y', exit)).quantity).toBe('0.01');
    expect(codes(story.signal('z', exit))).toEqual(['NOTHING_TO_CLOSE']);
  });

  it('of what was just bought does not wait for the venue to tell the new balance', () => {
    const story = aTrader();
    story.nowMs += 1_000;
    holding(story);
    story.balance({ USDT: '100000' }, 'acc-1', story.nowMs - 500);
    expect(approval(story.signal('x', exit)).quantity).toBe('0.04');
  });

  it('closes no more than the account still holds, should some of it have left beside us', () => {
    const story = aTrader();
    holding(story);
    story.nowMs += 1;
    story.balance({ USDT: '98000', BTC: '0.01' });
    expect(approval(story.signal('x', exit)).quantity).toBe('0.01');
  });

  it('waits until its entry is over and its fills are known, then closes what the entry bought', () => {
    const story = aTrader();
    approval(story.signal('a', { tradeId: 't' }));
    expect(story.signal('x', { ...exit, tradeId: 't' })).toMatchObject({ type: 'held', waitsFor: ['a'] });
    story.fill('a', { quantity: '0.01' });
    expect(story.complete('a', '0.03')).toEqual([]);
    const [outcome] = story.fill('a', { quantity: '0.02' });
    expect(approval(outcome).quantity).toBe('0.03');
    expect(story.state.held).toEqual([]);
  });

  it('waits for an entry on its pair where one of them names no trade, and for none of another trade', () => {
    const story = aTrader();
    holding(story);
    approval(story.signal('a', { tradeId: 't', size: { base: '0.01' } }));
    expect(story.signal('x', exit)).toMatchObject({ type: 'held', waitsFor: ['a'] });
    approval(story.signal('y', { ...exit, tradeId: 'u', size: { base: '0.01' } }));
    expect(story.signal('z', { ...exit, pair: 'ETH-USD' })).toMatchObject({ type: 'rejected' });
  });

  it('is not starved by entries that come after it', () => {
    const story = aTrader();
    holding(story);
    approval(story.signal('a'));
    story.signal('x', exit);
    approval(story.signal('b'));
    expect(approval(story.complete('a', '0')[0]).quantity).toBe('0.04');
  });

  it.each(['stop_loss', 'exit', 'profit_take'] as const)(
    'does not wait for an entry that rests in the book while there is a position to close: %s',
    (signalType) => {
      const story = aTrader();
      holding(story);
      approval(story.signal('a', { orderType: 'limit', limitPrice: '45000', size: { base: '0.01' } }));
      story.nowMs += 5_000;
      expect(approval(story.signal('x', { side: 'sell', signalType })).quantity).toBe('0.04');
    },
  );

  it('closes what its entry bought before the price ran away from the rest', () => {
    const story = aTrader();
    approval(story.signal('a', { tradeId: 't', size: { base: '0.04' }, orderType: 'limit', limitPrice: '50000' }));
    story.nowMs += 60_000;
    story.fill('a', { quantity: '0.01' });
    story.nowMs += 4_999;
    expect(story.signal('x', { ...exit, tradeId: 't' })).toMatchObject({ type: 'held', waitsFor: ['a'] });
    story.nowMs += 1;
    const outcome = story.signal('b', { pair: 'ETH-USD' });
    expect(outcome?.type === 'approved' && outcome.approval).toMatchObject({ parentOrderId: 'x', quantity: '0.01' });
    expect(story.state.held).toEqual([]);
    expect(story.complete('a', '0.01')).toEqual([]);
  });

  it('that has nothing to close yet but dust waits for its entry, however long that rests', () => {
    const story = aTrader();
    holding(story, 'dust', 'BTC-USD', '0.0002');
    story.fill('dust', { quantity: '0.00019', side: 'sell', orderId: 'by-hand' });
    approval(story.signal('a', { tradeId: 't', size: { base: '0.03' }, orderType: 'limit', limitPrice: '49000' }));
    story.nowMs += 3_600_000;
    expect(story.signal('x', { ...exit, tradeId: 't' })).toMatchObject({ type: 'held', waitsFor: ['a'] });
    expect(story.fill('a', { quantity: '0.01' })).toEqual([]);
    expect(story.complete('a', '0.03')).toEqual([]);
    story.nowMs += 60_000;
    expect(approval(story.fill('a', { quantity: '0.02' })[0]).quantity).toBe('0.03001');
  });

  it('says why it waits and when it is looked at again, and is decided then without anything being heard', () => {
    const story = aTrader();
    approval(story.signal('a', { tradeId: 't', size: { base: '0.04' }, orderType: 'limit', limitPrice: '50000' }));
    story.nowMs += 1_000;
    story.fill('a', { quantity: '0.01' });
    story.nowMs += 1_000;
    const dueMs = story.nowMs + 4_000;
    expect(story.signal('x', { ...exit, tradeId: 't' })).toEqual({
      type: 'held',
      signalId: 'signal-of-x',
      parentOrderId: 'x',
      entries: 'moving',
      waitsFor: ['a'],
      dueMs,
    });
    const look = { type: 'heldExitDue', parentOrderId: 'x' } as const;
    story.nowMs = dueMs - 1;
    expect(story.tell(look)).toEqual([]);
    story.nowMs = dueMs;
    expect(approval(story.tell(look)[0]).quantity).toBe('0.01');
    expect(story.tell(look)).toEqual([]);
    expect(story.state.held).toEqual([]);
  });

  it('is looked at later where its entry moved meanwhile, and not by the clock where fills are sure to come', () => {
    const story = aTrader();
    const due = (): readonly (number | undefined)[] =>
      waitingExits(story.state, {
        now: new Date(story.nowMs),
        market: story.market,
        settings: DEFAULT_SETTINGS,
      }).map(({ dueMs }) => dueMs);
    approval(story.signal('a', { tradeId: 't', size: { base: '0.04' } }));
    story.signal('x', { ...exit, tradeId: 't' });
    expect(due()).toEqual([START + 5_000]);
    story.nowMs += 3_000;
    story.fill('a', { quantity: '0.01' });
    expect(due()).toEqual([START + 8_000]);
    story.complete('a', '0.04');
    expect(due()).toEqual([undefined]);
  });

  it('tells, when it is looked at, that its entry rests and bought nothing, and waits on', () => {
    const story = aTrader();
    approval(story.signal('a', { tradeId: 't', orderType: 'limit', limitPrice: '45000' }));
    story.signal('x', { ...exit, tradeId: 't' });
    story.nowMs += 5_000;
    const [held, ...others] = story.tell({ type: 'heldExitDue', parentOrderId: 'x' });
    expect(held).toMatchObject({ type: 'held', parentOrderId: 'x', entries: 'resting', waitsFor: ['a'] });
    expect(held).not.toHaveProperty('dueMs');
    expect(others).toEqual([]);
    expect(story.state.held).toHaveLength(1);
    expect(story.signal('y', { ...exit, tradeId: 't' })).toMatchObject({ type: 'held', entries: 'resting' });
  });

  it('of an entry that bought nothing has nothing to close', () => {
    const story = aTrader();
    approval(story.signal('a'));
    story.signal('x', exit);
    expect(codes(story.complete('a', '0')[0])).toEqual(['NOTHING_TO_CLOSE']);
  });

  it('passes where an entry would not: no fresh price, rate used up, day full, user disabled', () => {
    const story = aTrader({ limits: { maxOrdersPerDay: 1, tradesPerSecond: 0.001, burst: 1 } });
    holding(story);
    story.policy({ version: 2, enabled: false, limits: { maxOrdersPerDay: 1, tradesPerSecond: 0.001, burst: 1 } });
    story.market.put(aSnapshot('binance', 'BTC-USD', '50000', { version: 2, receivedAt: '2020-01-01T00:00:00.000Z' }));
    expect(approval(story.signal('x', exit)).quantity).toBe('0.04');
  });

  it('waits in a bounded place', () => {
    const story = aTrader({}, { maxHeldExits: 1 });
    approval(story.signal('a'));
    story.signal('x', exit);
    expect(codes(story.signal('y', exit))).toEqual(['QUEUE_FULL']);
  });

  it('to buy closes nothing on spot', () => {
    const story = aTrader();
    holding(story);
    expect(codes(story.signal('x', { side: 'buy', signalType: 'exit' }))).toEqual(['NOTHING_TO_CLOSE']);
  });
});

describe('a sale of holdings', () => {
  const selling = { side: 'sell' } as const;

  it('of what is not held is refused', () => {
    expect(codes(aTrader().signal('s', { ...selling, size: { base: '0.01' } }))).toEqual(['SHORT_NOT_POSSIBLE']);
    expect(codes(aTrader().signal('s', selling))).toEqual(['SHORT_NOT_POSSIBLE']);
  });

  it('of what is held passes, once: what is on sale cannot be sold again', () => {
    const story = aTrader();
    story.nowMs += 1;
    story.balance({ USDT: '1', BTC: '1' });
    expect(approval(story.signal('s', { ...selling, size: { base: '0.6' } })).quantity).toBe('0.6');
    expect(codes(story.signal('t', { ...selling, size: { base: '0.6' } }))).toEqual(['SHORT_NOT_POSSIBLE']);
    expect(approval(story.signal('u', { ...selling, size: { quote: '20000' } })).quantity).toBe('0.4');
  });

  it('brings money that may be spent once the venue confirms it', () => {
    const story = aTrader({
      limits: { maxBalancePercent: 100, maxSectorPercent: 1_000, burst: 9, tradesPerSecond: 9 },
    });
    story.nowMs += 1;
    story.balance({ BTC: '1' });
    approval(story.signal('s', { ...selling, size: { base: '1' } }));
    story.fill('s', { side: 'sell', quantity: '1', fee: { amount: '50', currency: 'USDT' } });
    story.complete('s', '1');
    expect(codes(story.signal('a', { size: { quote: '100' } }))).toEqual(['INSUFFICIENT_FUNDS']);
    story.nowMs += 1;
    story.balance({ USDT: '49950' });
    expect(approval(story.signal('b', { size: { balancePercent: 100 } })).sizing['balance']).toBe('49950');
  });
});

describe('the document of a user', () => {
  it('keeps the policy with the highest version, and drops accounts that are gone', () => {
    const story = aTrader();
    story.tell({ type: 'policyChanged', policy: aPolicy({ version: 3, accounts: [] }) });
    story.tell({ type: 'policyChanged', policy: aPolicy({ version: 2 }) });
    expect(story.state.policy?.version).toBe(3);
    expect(story.state.accounts).toEqual({});
  });

  it('keeps a balance that came before the policy that names its account', () => {
    const story = scenario();
    story.balance({ USDT: '100000' });
    story.tell({ type: 'policyChanged', policy: aPolicy({ version: 1, accounts: [] }) });
    story.tell({ type: 'policyChanged', policy: aPolicy({ version: 2, accounts: [anAccount()] }) });
    expect(story.state.accounts['acc-1']).toBeDefined();
  });

  it('does not grow with the history of its user', () => {
    const story = aTrader();
    const size = (): number => JSON.stringify(story.state).length;
    const sizes: number[] = [];
    for (let round = 100; round < 200; round += 1) {
      story.nowMs += 1_000;
      holding(story, `in-${String(round)}`);
      approval(story.signal(`out-${String(round)}`, exit));
      story.fill(`out-${String(round)}`, { side: 'sell', quantity: '0.04' });
      story.complete(`out-${String(round)}`, '0.04');
      sizes.push(size());
    }
    expect(Math.abs((sizes.at(-1) ?? 0) - (sizes[20] ?? 0))).toBeLessThan(20);
    expect(story.state.parents).toEqual([]);
  });

  it('takes an account by the name of a method of every object for an account like any other', () => {
    const story = scenario();
    story.policy({ accounts: [anAccount({ accountId: 'constructor' })] });
    expect(codes(story.signal('p'))).toEqual(['BALANCE_UNKNOWN']);
    story.balance({ USDT: '100000' }, 'constructor');
    expect(approval(story.signal('toString')).quantity).toBe('0.04');
  });
});
