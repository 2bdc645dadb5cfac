import { describe, expect, it } from '@jest/globals';
import type { Code, ToldState } from '@switchyard/model';
import type { Outcome } from './commands.js';
import { anAccount, aTrader, type Scenario } from './testing/scenario.js';

const told = (scope: string, state: ToldState['state'], version = 1): ToldState => ({
  ...{ scope, state, version, reason: 'the venue drifts' },
  changedAt: '2026-11-21T09:59:00.000Z',
});
const codes = (outcome: Outcome | undefined): readonly Code[] =>
  outcome?.type === 'rejected' ? outcome.failed.map(({ code }) => code) : [];
const venuesOf = (outcome: Outcome | undefined): readonly string[] =>
  outcome?.type === 'approved' ? outcome.approval.caps.map(({ venue }) => venue) : [];

const twoVenues = (): Scenario => {
  const story = aTrader({ accounts: [anAccount(), anAccount({ accountId: 'acc-2', venue: 'kraken' })] });
  story.balance({ USD: '100000' }, 'acc-2');
  return story;
};
const exit = { side: 'sell', signalType: 'exit' } as const;
const holding = (story: Scenario): void => {
  story.signal('entry', { size: { base: '0.04' }, accountId: 'acc-1' });
  story.fill('entry', { quantity: '0.04' });
  story.complete('entry', '0.04');
};

describe('while trading is stopped', () => {
  it.each([
    ['globally', 'global', 'halted'],
    ['globally, but for what reduces', 'global', 'reducing'],
    ['for the user', 'user:user-42', 'halted'],
    ['for the user, but for what reduces', 'user:user-42', 'reducing'],
  ] as const)(
    '%s, no entry passes, and the refusal says which scope, which state, why and since when',
    (_, scope, state) => {
      const story = aTrader();
      story.states.put(told(scope, state));
      expect(story.signal('p')).toMatchObject({
        failed: [
          {
            code: 'TRADING_HALTED',
            facts: { scope, state, reason: 'the venue drifts', since: '2026-11-21T09:59:00.000Z' },
          },
        ],
      });
      story.states.put(told(scope, 'active', 2));
      expect(story.signal('q')?.type).toBe('approved');
    },
  );

  it('what is sold of holdings is no exit, and stays, too', () => {
    const story = aTrader();
    story.balance({ USDT: '1000', BTC: '1' });
    story.states.put(told('global', 'reducing'));
    expect(codes(story.signal('p', { side: 'sell', size: { base: '0.1' } }))).toContain('TRADING_HALTED');
  });

  it.each(['exit', 'profit_take', 'stop_loss'] as const)('an %s passes, wherever it is stopped', (signalType) => {
    for (const scope of ['global', 'user:user-42', 'venue:binance']) {
      const story = twoVenues();
      holding(story);
      story.states.put(told(scope, 'halted'));
      expect(venuesOf(story.signal('x', { ...exit, signalType }))).toEqual(['binance']);
    }
  });

  it('for another user, nobody else notices', () => {
    const story = aTrader();
    story.states.put(told('user:user-4', 'halted'));
    story.states.put(told('user:user-422', 'halted'));
    expect(story.signal('p')?.type).toBe('approved');
  });

  it('at a venue, an entry goes to the others; where there are none, it is refused', () => {
    const story = twoVenues();
    expect(venuesOf(story.signal('p'))).toEqual(['binance', 'kraken']);
    story.states.put(told('venue:binance', 'halted'));
    expect(venuesOf(story.signal('q'))).toEqual(['kraken']);
    story.states.put(told('venue:kraken', 'reducing'));
    expect(story.signal('r')).toMatchObject({
      failed: [{ code: 'TRADING_HALTED', facts: { scope: 'venue:binance' } }],
    });
    expect(codes(story.signal('s', { accountId: 'acc-2' }))).toEqual(['TRADING_HALTED']);
  });

  it('a refusal reserves nothing and counts for nothing', () => {
    const story = aTrader();
    const before = story.state;
    story.states.put(told('global', 'halted'));
    story.signal('p');
    expect(story.state).toEqual(before);
  });
});
