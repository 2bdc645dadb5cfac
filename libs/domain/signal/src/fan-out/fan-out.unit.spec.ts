import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decimal } from '@switchyard/money';
import type { Pair, Signal, SignalSize, Subscription } from '@switchyard/model';
import { aPolicy, anAccount, aSignal } from '../testing/signals.js';
import { copySignal, type Copy } from './copy-signal.js';
import { followersOf, type Follower } from './follower.js';
import { isWithinHours } from './trading-hours.js';

const NOW = new Date('2026-11-23T09:30:00.000Z');
const double: Subscription['scaling'] = { kind: 'multiplier', factor: '2' };

const follower = (change: Partial<Subscription> = {}, rest: Partial<Follower> = {}): Follower => ({
  userId: 'user-42',
  accountId: 'acc-1',
  mode: 'simulated',
  timeZone: 'UTC',
  defaultBalancePercent: 2,
  subscription: { strategyId: 'momentum-1', accountId: 'acc-1', paused: false, scaling: double, ...change },
  ...rest,
});
const strategySignal = (change: Partial<Signal> = {}): Signal =>
  aSignal({ userId: undefined, strategyId: 'momentum-1', ...change });
const copied = (signal: Signal, to: Follower, price = '50000', entered = true): Copy =>
  copySignal(signal, to, { now: NOW, price: price === '' ? undefined : decimal(price), entered });
const sizeOf = (copy: Copy): Pick<Signal, 'size' | 'maxSize'> | string =>
  copy.type === 'skipped'
    ? copy.reason
    : (JSON.parse(JSON.stringify({ size: copy.signal.size, maxSize: copy.signal.maxSize })) as Signal);

describe("an account's copy of a strategy's signal", () => {
  it('is the signal under an id of its own, for this user, account and its mode', () => {
    const copy = copied(strategySignal({ size: { quote: '100' }, tradeId: 't-1' }), follower());
    expect(copy).toMatchObject({
      type: 'copy',
      signal: {
        signalId: 'sig-1/acc-1',
        userId: 'user-42',
        strategyId: 'momentum-1',
        accountId: 'acc-1',
        mode: 'simulated',
        copyOf: 'sig-1',
        tradeId: 't-1',
        size: { quote: '200' },
        generatedAt: strategySignal().generatedAt,
      },
    });
  });

  const half = { kind: 'multiplier', factor: '0.5' } as const;
  const fixed = { kind: 'fixed', quote: '250' } as const;
  const equity = { kind: 'equity', referenceEquity: '100000' } as const;
  const bold = { ...equity, factor: '2' } as const;
  it.each<[string, SignalSize | undefined, Subscription['scaling'], SignalSize | undefined]>([
    ['a quote amount times', { quote: '100' }, half, { quote: '50' }],
    ['a base quantity times', { base: '0.3' }, half, { base: '0.15' }],
    ['a share times', { balancePercent: 3 }, half, { balancePercent: 1.5 }],
    ['no size times', undefined, half, { balancePercent: 1 }],
    ['no size times one', undefined, { kind: 'multiplier', factor: '1.0' }, undefined],
    ['a quote amount fixed', { quote: '100' }, fixed, { quote: '250' }],
    ['no size fixed', undefined, fixed, { quote: '250' }],
    ['a quote amount by equity', { quote: '1500' }, equity, { balancePercent: 1.5 }],
    ['a base quantity by equity', { base: '0.1' }, equity, { balancePercent: 5 }],
    ['a share by equity', { balancePercent: 3 }, bold, { balancePercent: 6 }],
    ['a quote amount by equity times two', { quote: '1500' }, bold, { balancePercent: 3 }],
    ['no size by equity', undefined, equity, undefined],
    ['more than all by equity', { quote: '900000' }, equity, { balancePercent: 100 }],
  ])('%s', (_, size, scaling, expected) => {
    expect(sizeOf(copied(strategySignal({ size }), follower({ scaling })))).toEqual(
      expected === undefined ? {} : { size: expected },
    );
  });

  it('is cut to the caps, here where the units agree, by risk where they do not', () => {
    const capped = follower({ maxQuote: '150', maxQuantity: '0.5' });
    expect(sizeOf(copied(strategySignal({ size: { quote: '100' } }), capped))).toEqual({
      size: { quote: '150' },
      maxSize: { base: '0.5' },
    });
    expect(sizeOf(copied(strategySignal({ size: { base: '0.3' } }), capped))).toEqual({
      size: { base: '0.5' },
      maxSize: { quote: '150' },
    });
    expect(sizeOf(copied(strategySignal(), capped))).toEqual({
      size: { balancePercent: 4 },
      maxSize: { quote: '150', base: '0.5' },
    });
  });

  it('takes no amount of dollars for another currency', () => {
    const pair = 'ETH-BTC' as Pair;
    expect(sizeOf(copied(strategySignal({ pair, size: { base: '1' } }), follower()))).toEqual({ size: { base: '2' } });
    for (const change of [{ scaling: fixed }, { scaling: equity }, { maxQuote: '10' }])
      expect(sizeOf(copied(strategySignal({ pair, size: { base: '1' } }), follower(change)))).toBe('not_in_dollars');
  });

  it('needs a price only where a quantity becomes a share', () => {
    expect(sizeOf(copied(strategySignal({ size: { base: '1' } }), follower({ scaling: equity }), ''))).toBe(
      'price_unknown',
    );
    expect(sizeOf(copied(strategySignal({ size: { base: '1' } }), follower(), ''))).toEqual({ size: { base: '2' } });
  });

  it('closes what it opened whatever the filter, the hours and a pause say, uncut; all of it where no factor says how much', () => {
    const strict = {
      paused: true,
      filter: { pairs: ['ETH-USD'], sides: ['buy' as const], minStrength: 1, minConfidence: 1 },
      hours: [{ days: [7], from: '00:00', to: '00:01' }],
      maxQuote: '1',
      maxQuantity: '0.001',
    };
    const exit = strategySignal({ signalType: 'stop_loss', side: 'sell', size: { base: '1' } });
    expect(sizeOf(copied(exit, follower(strict)))).toEqual({ size: { base: '2' } });
    for (const scaling of [fixed, equity]) expect(sizeOf(copied(exit, follower({ ...strict, scaling })))).toEqual({});
    expect(sizeOf(copied({ ...exit, signalType: 'entry', reduceOnly: true }, follower(strict)))).toEqual({
      size: { base: '2' },
    });
  });

  it('closes nothing that it did not open', () => {
    const exit = strategySignal({ signalType: 'exit', side: 'sell' });
    expect(sizeOf(copied(exit, follower(), '', false))).toBe('nothing_entered');
  });

  it.each<[string, Partial<Subscription>, Partial<Signal>]>([
    ['paused', { paused: true }, {}],
    ['pair_filtered', { filter: { pairs: ['ETH-USD'] } }, {}],
    ['side_filtered', { filter: { sides: ['sell'] } }, {}],
    ['strength_filtered', { filter: { minStrength: 0.5 } }, { strength: 0.4 }],
    ['strength_filtered', { filter: { minStrength: 0.5 } }, {}],
    ['confluence_filtered', { filter: { minConfluence: 4 } }, { confluenceScore: 3 }],
    ['confidence_filtered', { filter: { minConfidence: 0.9 } }, { confidence: 0.8 }],
    ['outside_hours', { hours: [{ days: [1], from: '09:31', to: '17:00' }] }, {}],
    ['another_mode', {}, { mode: 'live' }],
    ['size_too_small', { scaling: { kind: 'multiplier', factor: '0.000000001' } }, { size: { base: '0.0000000001' } }],
  ])('is skipped: %s', (reason, change, signal) => {
    expect(sizeOf(copied(strategySignal(signal), follower(change)))).toBe(reason);
  });

  it('passes a filter that it meets', () => {
    const filter = {
      pairs: ['BTC-USD'],
      sides: ['buy' as const],
      minStrength: 0.5,
      minConfluence: 3,
      minConfidence: 0.5,
    };
    const signal = strategySignal({ strength: 0.5, confluenceScore: 3, confidence: 0.5 });
    expect(copied(signal, follower({ filter })).type).toBe('copy');
  });

  const amount = fc.integer({ min: 1, max: 10_000_000 }).map((cents) => (cents / 100).toFixed(2));
  const anySize = fc.option(
    fc.oneof(
      amount.map((quote): SignalSize => ({ quote })),
      amount.map((base): SignalSize => ({ base })),
      fc.integer({ min: 1, max: 100 }).map((balancePercent): SignalSize => ({ balancePercent })),
    ),
    { nil: undefined },
  );
  const anyScaling = fc.oneof(
    amount.map((factor): Subscription['scaling'] => ({ kind: 'multiplier', factor })),
    amount.map((quote): Subscription['scaling'] => ({ kind: 'fixed', quote })),
    fc
      .tuple(amount, fc.option(amount, { nil: undefined }))
      .map(([referenceEquity, factor]): Subscription['scaling'] => ({ kind: 'equity', referenceEquity, factor })),
  );

  it('never exceeds a cap, whatever the size and the scaling: the cap is kept here, or told to risk', () => {
    fc.assert(
      fc.property(anySize, anyScaling, amount, amount, (size, scaling, maxQuote, maxQuantity) => {
        const copy = copied(strategySignal({ size }), follower({ scaling, maxQuote, maxQuantity }));
        if (copy.type === 'skipped') return;
        const { size: scaled, maxSize } = copy.signal;
        const quote = scaled !== undefined && 'quote' in scaled ? scaled.quote : maxSize?.quote;
        const base = scaled !== undefined && 'base' in scaled ? scaled.base : maxSize?.base;
        expect(decimal(quote!).lte(decimal(maxQuote))).toBe(true);
        expect(decimal(base!).lte(decimal(maxQuantity))).toBe(true);
      }),
    );
  });

  it('grows with the factor in proportion: twice the factor is twice the size', () => {
    fc.assert(
      fc.property(amount, fc.integer({ min: 1, max: 1_000 }), (quote, factor) => {
        const at = (f: number): string => {
          const copy = copied(
            strategySignal({ size: { quote } }),
            follower({ scaling: { kind: 'multiplier', factor: String(f) } }),
          );
          return copy.type === 'copy' ? (copy.signal.size as { quote: string }).quote : '';
        };
        expect(decimal(at(factor * 2)).eq(decimal(at(factor)).times(decimal('2')))).toBe(true);
      }),
    );
  });
});

describe('the accounts that follow', () => {
  it('are those in use, in their own mode and zone', () => {
    const subscription = (accountId: string): Subscription => ({ ...follower().subscription, accountId });
    const policy = aPolicy({
      limits: { defaultBalancePercent: 1 },
      accounts: [
        anAccount({ accountId: 'a', mode: 'live', timeZone: 'Europe/Berlin' }),
        anAccount({ accountId: 'b', enabled: false }),
      ],
      subscriptions: [subscription('a'), subscription('b'), subscription('gone')],
    });
    expect(followersOf(policy)).toEqual([
      {
        userId: 'user-42',
        accountId: 'a',
        mode: 'live',
        timeZone: 'Europe/Berlin',
        defaultBalancePercent: 1,
        subscription: subscription('a'),
      },
    ]);
  });
});

describe('trading hours', () => {
  const at = (text: string): Date => new Date(text);
  it('are by the clock of the zone, summer time included', () => {
    const office = [{ days: [1, 2, 3, 4, 5], from: '09:00', to: '17:30' }];
    // Mondays in November (UTC-5) and in July (UTC-4).
    expect(isWithinHours(office, 'America/New_York', at('2026-11-23T13:59:00Z'))).toBe(false);
    expect(isWithinHours(office, 'America/New_York', at('2026-11-23T14:00:00Z'))).toBe(true);
    expect(isWithinHours(office, 'America/New_York', at('2026-07-20T13:00:00Z'))).toBe(true);
    expect(isWithinHours(office, 'America/New_York', at('2026-11-23T22:30:00Z'))).toBe(false);
    expect(isWithinHours(office, 'America/New_York', at('2026-11-22T15:00:00Z'))).toBe(false);
  });

  it('over midnight belong to the day on which they begin', () => {
    const night = [{ days: [5], from: '22:00', to: '02:00' }];
    const within = (text: string): boolean => isWithinHours(night, 'UTC', at(text));
    expect(within('2026-11-20T22:00:00Z')).toBe(true);
    expect(within('2026-11-21T01:59:00Z')).toBe(true);
    expect(within('2026-11-21T02:00:00Z')).toBe(false);
    expect(within('2026-11-21T23:00:00Z')).toBe(false);
    expect(within('2026-11-20T01:00:00Z')).toBe(false);
  });

  it('from a time to the same time are a whole day', () => {
    const sunday = [{ days: [7], from: '00:00', to: '00:00' }];
    expect(isWithinHours(sunday, 'UTC', at('2026-11-22T23:59:00Z'))).toBe(true);
    expect(isWithinHours(sunday, 'UTC', at('2026-11-23T00:00:00Z'))).toBe(false);
  });
});
