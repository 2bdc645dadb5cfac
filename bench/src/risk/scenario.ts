/* eslint-disable @typescript-eslint/no-non-null-assertion -- indices are taken modulo the length. */
import type { AccountPolicy, Limits, Pair, UserPolicy } from '@switchyard/model';
import {
  decide,
  DEFAULT_SETTINGS,
  EMPTY,
  type Environment,
  type RiskCommand,
  type RiskState,
} from '@switchyard/risk-domain';
import { MarketBoard } from '@switchyard/signal';

const START = Date.parse('2026-11-21T12:00:00.000Z');
const PRICES = { 'BTC-USD': '64000', 'ETH-USD': '2400', 'LTC-USD': '90', 'SOL-USD': '160', 'XRP-USD': '1.1' } as const;
export const PAIRS = Object.keys(PRICES) as readonly (keyof typeof PRICES)[];
const VENUES = ['binance', 'kraken', 'coinbase', 'bybit', 'okx', 'alpaca'] as const;
const DOLLAR: Readonly<Record<string, string>> = { binance: 'USDT', bybit: 'USDT', okx: 'USDT' };

/** Five pairs at six venues, books that do not age. */
export const aMarket = (): MarketBoard => {
  const board = new MarketBoard(10_000);
  for (const venue of VENUES) {
    for (const pair of PAIRS) {
      board.put({
        venue,
        pair,
        instrument: {
          venueSymbol: pair,
          base: pair.slice(0, 3),
          quote: DOLLAR[venue] ?? 'USD',
          tickSize: '0.01',
          lotSize: '0.00001',
          minQuantity: '0.00001',
          minNotional: '5',
        },
        fees: { maker: '0.001', taker: '0.002' },
        bids: [[PRICES[pair], '10']],
        asks: [[PRICES[pair], '10']],
        version: 1,
        receivedAt: '2099-01-01T00:00:00.000Z',
      });
    }
  }
  return board;
};

/** A user of the bench: a state that each event is folded into, at a clock that the bench moves. */
export interface Trader {
  readonly userId: string;
  state: RiskState;
  trades: number;
}

const accountsOf = (userId: string, count: number): readonly AccountPolicy[] =>
  VENUES.slice(0, count).map((venue) => ({
    accountId: `${userId}-${venue}`,
    venue,
    mode: 'paper',
    market: 'spot',
    enabled: true,
    usdtAsUsd: true,
    timeZone: 'Europe/Berlin',
  }));

export class Desk {
  nowMs = START;
  private readonly market = aMarket();

  environment(): Environment {
    return { now: new Date(this.nowMs), market: this.market, settings: DEFAULT_SETTINGS };
  }

  tell(trader: Trader, command: RiskCommand, environment = this.environment()): boolean {
    const { state, outcomes } = decide(trader.state, command, environment);
    trader.state = state;
    return outcomes.some(({ type }) => type === 'approved');
  }

  trader(userId: string, accounts: number, limits: Partial<Limits>): Trader {
    const policy: UserPolicy = {
      userId,
      version: 1,
      enabled: true,
      mode: 'paper',
      limits,
      accounts: accountsOf(userId, accounts),
    };
    const trader: Trader = { userId, state: EMPTY, trades: 0 };
    this.tell(trader, { type: 'policyChanged', policy });
    for (const { accountId, venue } of policy.accounts) {
      const totals = { [DOLLAR[venue] ?? 'USD']: '100000' };
      this.tell(trader, { type: 'balanceUpdated', accountId, totals, askedAt: new Date(this.nowMs).toISOString() });
    }
    return trader;
  }

  /** A signal as signal-validation hands it on: an entry of 50 USD, or the exit of the one before it. */
  signal(trader: Trader, side: 'buy' | 'sell', pair: Pair): RiskCommand & { readonly type: 'signalValidated' } {
    const id = `${trader.userId}-${String(trader.trades)}-${side}`;
    return {
      type: 'signalValidated',
      parentOrderId: id,
      signal: {
        signalId: id,
        userId: trader.userId,
        pair,
        side,
        signalType: side === 'buy' ? 'entry' : 'exit',
        tradeId: `${trader.userId}-${String(trader.trades)}`,
        ...(side === 'buy' ? { size: { quote: '50.00' } } : {}),
        orderType: 'market',
        generatedAt: new Date(this.nowMs).toISOString(),
      },
    };
  }

  /** The fill and the completion of the parent that the trader's last signal became. */
  settle(trader: Trader, side: 'buy' | 'sell', pair: keyof typeof PRICES): void {
    const parent = trader.state.parents.at(-1)!;
    const accountId = Object.keys(parent.caps)[0]!;
    const at = new Date(this.nowMs).toISOString();
    this.tell(trader, {
      type: 'orderFilled',
      orderId: `child-of-${parent.parentOrderId}`,
      parentOrderId: parent.parentOrderId,
      accountId,
      venue: accountId.slice(accountId.lastIndexOf('-') + 1),
      pair,
      side,
      quantity: parent.quantity,
      price: PRICES[pair],
      fee: { amount: '0.05', currency: parent.caps[accountId]!.quote },
      cumulativeQuantity: parent.quantity,
      filledAt: at,
    });
    this.tell(trader, {
      type: 'orderCompleted',
      parentOrderId: parent.parentOrderId,
      filledQuantity: parent.quantity,
      completedAt: at,
    });
  }

  /** One round trip: an entry and the exit of it, both filled. */
  trade(trader: Trader): void {
    const pair = PAIRS[trader.trades % PAIRS.length]!;
    for (const side of ['buy', 'sell'] as const) {
      this.nowMs += 1;
      if (!this.tell(trader, this.signal(trader, side, pair))) throw new Error(`a ${side} was refused`);
      this.settle(trader, side, pair);
    }
    trader.trades += 1;
  }
}
