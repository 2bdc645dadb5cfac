import { decimal, plain, type DecimalString } from '@switchyard/money';
import { TradingStateBoard, type AccountPolicy, type Pair, type Signal, type UserPolicy } from '@switchyard/model';
import { MarketBoard, type Snapshot } from '@switchyard/signal';
import type { OrderCompleted, OrderFilled, Outcome, RiskCommand } from '../commands.js';
import { decide } from '../decide.js';
import { DEFAULT_SETTINGS, type RiskSettings } from '../settings.js';
import { EMPTY, type RiskState } from '../state.js';

/** One user at risk, told as a story: each call is one command, at a clock that the test moves. */
export const START = Date.parse('2026-11-21T10:00:00.000Z');

export const anAccount = (change: Partial<AccountPolicy> = {}): AccountPolicy => ({
  accountId: 'acc-1',
  venue: 'binance',
  mode: 'paper',
  market: 'spot',
  enabled: true,
  usdtAsUsd: true,
  timeZone: 'UTC',
  ...change,
});

export const aPolicy = (change: Partial<UserPolicy> = {}): UserPolicy => ({
  userId: 'user-42',
  version: 1,
  enabled: true,
  mode: 'paper',
  limits: { tradesPerSecond: 1_000, burst: 1_000, maxSectorPercent: 1_000 },
  accounts: [anAccount()],
  ...change,
});

export const aSnapshot = (venue: string, pair: Pair, price: string, change: Partial<Snapshot> = {}): Snapshot => ({
  venue,
  pair,
  instrument: {
    venueSymbol: pair.replace('-', ''),
    base: pair.slice(0, pair.indexOf('-')),
    quote: venue === 'binance' ? 'USDT' : 'USD',
    tickSize: '0.01',
    lotSize: '0.00001',
    minQuantity: '0.00001',
    minNotional: '5',
  },
  fees: { maker: '0.001', taker: '0.001' },
  bids: [[price, '100']],
  asks: [[price, '100']],
  version: 1,
  receivedAt: '2099-01-01T00:00:00.000Z',
  ...change,
});

export interface Scenario {
  state: RiskState;
  nowMs: number;
  /** How far the clock that decisions go by is off. */
  skewMs: number;
  readonly market: MarketBoard;
  readonly states: TradingStateBoard;
  tell(command: RiskCommand): readonly Outcome[];
  policy(change?: Partial<UserPolicy>): void;
  balance(totals: Readonly<Record<string, DecimalString>>, accountId?: string, askedAtMs?: number): void;
  /** The first outcome. */
  signal(parentOrderId: string, change?: Partial<Signal>): Outcome | undefined;
  /** All outcomes, those of exits that waited included. */
  signalled(parentOrderId: string, change?: Partial<Signal>): readonly Outcome[];
  fill(parentOrderId: string, change: Partial<OrderFilled>): readonly Outcome[];
  complete(parentOrderId: string, filledQuantity: DecimalString, change?: Partial<OrderCompleted>): readonly Outcome[];
}

export const scenario = (settings: Partial<RiskSettings> = {}): Scenario => {
  const market = new MarketBoard(10_000);
  for (const venue of ['binance', 'kraken']) {
    market.put(aSnapshot(venue, 'BTC-USD', '50000'));
    market.put(aSnapshot(venue, 'ETH-USD', '2000'));
    market.put(aSnapshot(venue, 'LTC-USD', '100'));
    market.put(aSnapshot(venue, 'XRP-USD', '1'));
  }
  const cumulative = new Map<string, string>();
  const at = (): string => new Date(story.nowMs).toISOString();
  const story: Scenario = {
    state: EMPTY,
    nowMs: START,
    skewMs: 0,
    market,
    states: new TradingStateBoard(),
    tell: (command) => {
      const environment = {
        now: new Date(story.nowMs + story.skewMs),
        market,
        states: story.states,
        settings: { ...DEFAULT_SETTINGS, ...settings },
      };
      const decision = decide(story.state, command, environment);
      story.state = decision.state;
      return decision.outcomes;
    },
    policy: (change) => {
      story.tell({ type: 'policyChanged', policy: aPolicy(change) });
    },
    balance: (totals, accountId = 'acc-1', askedAtMs = story.nowMs) => {
      story.tell({ type: 'balanceUpdated', accountId, totals, askedAt: new Date(askedAtMs).toISOString() });
    },
    signal: (parentOrderId, change) => story.signalled(parentOrderId, change)[0],
    signalled: (parentOrderId, change = {}) =>
      story.tell({
        type: 'signalValidated',
        parentOrderId,
        signal: {
          signalId: `signal-of-${parentOrderId}`,
          userId: 'user-42',
          pair: 'BTC-USD',
          side: 'buy',
          signalType: 'entry',
          generatedAt: at(),
          ...change,
        },
      }),
    fill: (parentOrderId, change) => {
      const orderId = change.orderId ?? `child-of-${parentOrderId}`;
      const quantity = change.quantity ?? '1';
      const sum = plain(decimal(cumulative.get(orderId) ?? '0').plus(decimal(quantity)));
      cumulative.set(orderId, sum);
      return story.tell({
        type: 'orderFilled',
        orderId,
        parentOrderId,
        accountId: 'acc-1',
        venue: 'binance',
        pair: 'BTC-USD',
        side: 'buy',
        quantity,
        price: '50000',
        fee: { amount: '0', currency: 'USDT' },
        cumulativeQuantity: sum,
        filledAt: at(),
        ...change,
      });
    },
    complete: (parentOrderId, filledQuantity, change = {}) =>
      story.tell({ type: 'orderCompleted', parentOrderId, filledQuantity, completedAt: at(), ...change }),
  };
  return story;
};

/** A user with one account of 100,000 USDT. */
export const aTrader = (change: Partial<UserPolicy> = {}, settings: Partial<RiskSettings> = {}): Scenario => {
  const story = scenario(settings);
  story.policy(change);
  story.balance({ USDT: '100000' });
  return story;
};
