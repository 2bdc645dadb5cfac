import { describe, expect, it } from '@jest/globals';
import { plain } from '@switchyard/money';
import type { Code, Signal } from '@switchyard/model';
import fc from 'fast-check';
import { refusedAtDoor, validateSignal, type ValidateSignal } from './validate-signal.js';
import { aMarket, anAccount, aPolicy, aSignal, aSnapshot, NOW } from './testing/signals.js';

const command = (signal: Partial<Signal> = {}, change: Partial<ValidateSignal> = {}): ValidateSignal => ({
  signal: aSignal(signal),
  policy: aPolicy(),
  market: aMarket(),
  venues: ['binance', 'kraken'],
  now: NOW,
  ...change,
});

const codes = (given: ValidateSignal): readonly Code[] => {
  const validation = validateSignal(given);
  return validation.ok ? [] : validation.failed.map(({ code }) => code);
};

const ago = (ms: number): string => new Date(NOW.getTime() - ms).toISOString();

describe('a signal', () => {
  it('passes with nothing but what must be given, and the mid it was judged by is told', () => {
    const validation = validateSignal(command());
    expect(validation).toMatchObject({ ok: true, policyVersion: 1 });
    expect(validation.ok && validation.mid && plain(validation.mid)).toBe('64000');
  });

  const cases: readonly (readonly [string, Partial<Signal>, readonly Code[]])[] = [
    ['is accepted at 30 s of age', { generatedAt: ago(30_000) }, []],
    ['is stale beyond 30 s', { generatedAt: ago(30_001) }, ['SIGNAL_STALE']],
    ['is accepted 5 s ahead of our clock', { generatedAt: ago(-5_000) }, []],
    ['is refused more than 5 s ahead', { generatedAt: ago(-5_001) }, ['SIGNAL_FROM_FUTURE']],
    ['needs a pair that somebody lists', { pair: 'XYZ-USD' }, ['UNKNOWN_PAIR']],
    ['may prefer any venue of the deployment', { venues: { prefer: ['kraken'] } }, []],
    ['may not name a venue that is not here', { venues: { exclude: ['mtgox'] } }, ['UNKNOWN_VENUE']],
    ['may have no strength', { strength: 0 }, []],
    ['is refused for negative strength', { strength: -0.1 }, ['STRENGTH_TOO_LOW']],
    ['is accepted at confluence 3', { confluenceScore: 3 }, []],
    ['is refused below confluence 3', { confluenceScore: 2.99 }, ['CONFLUENCE_TOO_LOW']],
    [
      'has its stop-loss below the entry of a buy',
      { entryPrice: '64000', stopLoss: '64000' },
      ['STOP_LOSS_WRONG_SIDE'],
    ],
    [
      'measures stop-losses from the limit price where no entry price is given',
      { orderType: 'limit', limitPrice: '63000', stopLoss: '63500' },
      ['STOP_LOSS_WRONG_SIDE'],
    ],
    ['measures stop-losses from mid where no price is given', { stopLoss: '64001' }, ['STOP_LOSS_WRONG_SIDE']],
    ['has its stop-loss above the entry of a sell', { side: 'sell', stopLoss: '63000' }, ['STOP_LOSS_WRONG_SIDE']],
    ['has its take-profit above the entry of a buy', { takeProfit: '63000' }, ['TAKE_PROFIT_WRONG_SIDE']],
    [
      'has its take-profit below the entry of a sell',
      { side: 'sell', takeProfit: '65000' },
      ['TAKE_PROFIT_WRONG_SIDE'],
    ],
    [
      'that closes a position may name the prices it was opened with',
      { side: 'sell', signalType: 'stop_loss', entryPrice: '50000', stopLoss: '62000', takeProfit: '70000' },
      [],
    ],
    ['may name an entry 10 % from mid', { entryPrice: '70400' }, []],
    ['may not name an entry further than 10 % from mid', { entryPrice: '70400.01' }, ['PRICE_NOT_SANE']],
    [
      'may not name a limit further than 10 % below mid',
      { orderType: 'limit', limitPrice: '57599.99' },
      ['PRICE_NOT_SANE'],
    ],
    ['may take profit further away than 10 %', { takeProfit: '90000' }, []],
    ['to buy at a limit names the limit', { orderType: 'limit' }, ['PRICE_MISSING']],
    ['with a stop is not offered yet', { orderType: 'stop', stopPrice: '65000' }, ['UNSUPPORTED']],
    ['with a stop and a limit still lacks its prices', { orderType: 'stop_limit' }, ['UNSUPPORTED', 'PRICE_MISSING']],
    ['good till date names the date', { timeInForce: 'gtd' }, ['EXPIRY_MISSING']],
    ['good till a date that has passed is refused', { timeInForce: 'gtd', expireAt: ago(1) }, ['EXPIRY_MISSING']],
    ['good till tomorrow passes', { timeInForce: 'gtd', expireAt: ago(-86_400_000) }, []],
    ['for the market cannot be post-only', { orderType: 'market', postOnly: true }, ['MALFORMED']],
    ['may ask for the largest order', { size: { base: '100000' } }, []],
    ['may not ask for more than the largest order', { size: { base: '100000.1' } }, ['SIZE_OUT_OF_RANGE']],
    [
      'may not ask for more than the largest order by its worth',
      { size: { quote: '6400064000' } },
      ['SIZE_OUT_OF_RANGE'],
    ],
    ['to close may be as large as it likes', { side: 'sell', signalType: 'exit', size: { base: '200000' } }, []],
    ['may not show more than all of it', { size: { base: '1' }, displayQuantity: '1.1' }, ['SIZE_OUT_OF_RANGE']],
    ['for another account than the user has finds none', { accountId: 'acc-2' }, ['NO_ACCOUNT']],
    ['in another mode than any account finds none', { mode: 'live' }, ['NO_ACCOUNT']],
    ['only for venues without an account finds none', { venues: { only: ['kraken'] } }, ['NO_ACCOUNT']],
    ['that excludes the only venue finds none', { venues: { exclude: ['binance'] } }, ['NO_ACCOUNT']],
  ];
  it.each(cases)('%s', (_rule, signal, expected) => {
    expect(codes(command(signal))).toEqual(expected);
  });

  it('is judged by its user: unknown, disabled, not allowed the pair', () => {
    expect(codes(command({}, { policy: undefined }))).toEqual(['USER_UNKNOWN']);
    expect(codes(command({}, { policy: aPolicy({ enabled: false }) }))).toEqual(['USER_DISABLED']);
    expect(codes(command({}, { policy: aPolicy({ pairs: ['ETH-USD'] }) }))).toEqual(['PAIR_NOT_ALLOWED']);
  });

  it.each([
    ['exit', {}],
    ['stop_loss', {}],
    ['profit_take', {}],
    ['entry', { reduceOnly: true }],
  ] as const)('that only closes meets no limit of what may be opened: %s', (signalType, change) => {
    const policy = aPolicy({ enabled: false, pairs: ['ETH-USD'], limits: { maxOrderQuantity: '0.001' } });
    const closing = { side: 'sell', signalType, size: { base: '1' }, ...change } as const;
    expect(codes(command(closing, { policy }))).toEqual([]);
  });

  it("is judged by its user's limits where they differ from the defaults", () => {
    const policy = aPolicy({ limits: { maxSignalAgeS: 5, minConfluence: 1, maxPriceDeviationPercent: 0.5 } });
    const signal = { generatedAt: ago(5_001), confluenceScore: 1, entryPrice: '64321' };
    expect(codes(command(signal, { policy }))).toEqual(['SIGNAL_STALE', 'PRICE_NOT_SANE']);
  });

  it('must bring a field that the policy requires', () => {
    const policy = { ...aPolicy(), requiredFields: ['stopLoss', 'strength'] } as const;
    expect(codes(command({ strength: 1 }, { policy }))).toEqual(['MALFORMED']);
    expect(codes(command({ strength: 1, stopLoss: '63000' }, { policy }))).toEqual([]);
  });

  it.each([
    ['a disabled account', anAccount({ enabled: false }), 'disabled'],
    ['a futures account', anAccount({ market: 'futures' }), 'not_spot'],
    ['an account at a venue that does not list the pair', anAccount({ venue: 'kraken' }), 'pair_not_listed'],
    ['an account that does not take USDT for USD', anAccount({ usdtAsUsd: false }), 'settles_in_usdt'],
  ])('is not served by %s, and the refusal says why', (_account, account, why) => {
    const validation = validateSignal(command({}, { policy: aPolicy({ accounts: [account] }) }));
    expect(validation).toMatchObject({
      ok: false,
      failed: [{ code: 'NO_ACCOUNT', facts: { mode: 'paper', accounts: [{ accountId: 'acc-1', why }] } }],
    });
  });

  it('in a USDT pair needs no leave to take USDT for USD', () => {
    const market = aMarket(aSnapshot({ pair: 'BTC-USDT' }));
    const policy = aPolicy({ accounts: [anAccount({ usdtAsUsd: false })] });
    expect(codes(command({ pair: 'BTC-USDT' }, { market, policy }))).toEqual([]);
  });

  it('is told everything that is wrong with it at once, the main thing first', () => {
    const bad = { generatedAt: ago(60_000), strength: -1, entryPrice: '1', stopLoss: '2', size: { base: '1000000' } };
    expect(codes(command(bad, { policy: aPolicy({ enabled: false, pairs: [] }) }))).toEqual([
      'USER_DISABLED',
      'SIGNAL_STALE',
      'STRENGTH_TOO_LOW',
      'PRICE_NOT_SANE',
      'STOP_LOSS_WRONG_SIDE',
      'SIZE_OUT_OF_RANGE',
      'PAIR_NOT_ALLOWED',
    ]);
  });

  it('is not measured against a price that is too old', () => {
    const late = new Date(NOW.getTime() + 15_000);
    expect(codes(command({ entryPrice: '1', stopLoss: '2', generatedAt: ago(-15_000) }, { now: late }))).toEqual([
      'STOP_LOSS_WRONG_SIDE',
    ]);
  });

  it('is refused at the door only for what depends on no user', () => {
    const door = (signal: Partial<Signal>): readonly Code[] => refusedAtDoor(command(signal)).map(({ code }) => code);
    expect(door({ generatedAt: ago(31_000), pair: 'XYZ-USD', strength: -1 })).toEqual(['SIGNAL_STALE', 'UNKNOWN_PAIR']);
    expect(door({ strength: -1, accountId: 'nobody' })).toEqual([]);
  });

  it('always gets an answer', () => {
    const price = fc.option(fc.integer({ min: 1, max: 10 ** 9 }).map(String), { nil: undefined });
    const signals = fc.record({
      side: fc.constantFrom('buy', 'sell'),
      signalType: fc.constantFrom('entry', 'exit', 'profit_take', 'stop_loss'),
      orderType: fc.constantFrom(undefined, 'market', 'limit', 'stop', 'stop_limit'),
      entryPrice: price,
      stopLoss: price,
      takeProfit: price,
      limitPrice: price,
      stopPrice: price,
      displayQuantity: price,
      size: fc.oneof(
        fc.constant(undefined),
        fc.record({ quote: fc.integer({ min: 1 }).map(String) }),
        fc.record({ balancePercent: fc.integer({ min: 1, max: 100 }) }),
      ),
      strength: fc.option(fc.double(), { nil: undefined }),
      generatedAt: fc.date({ noInvalidDate: true }).map((at) => at.toISOString()),
    });
    fc.assert(
      fc.property(signals, fc.boolean(), (signal, known) => {
        const given = command(signal, known ? {} : { policy: undefined });
        const validation = validateSignal(given);
        expect(validation.ok || validation.failed.length > 0).toBe(true);
      }),
    );
  });
});
