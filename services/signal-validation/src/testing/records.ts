import type { AccountPolicyChanged, MarketSnapshot } from '@switchyard/contracts';
import type { LogEvent } from '@switchyard/log';

/** Records of the door as strangers write them, and a user and a market that let a good one through. */
export const NOW = '2026-11-21T02:47:11.000Z';

export const aSignal = () => ({
  signalId: 'sig-1',
  userId: 'user-42',
  pair: 'BTC-USD',
  side: 'buy',
  signalType: 'entry',
  size: { quote: '250.00' },
  strength: 0.8,
  confluenceScore: 4,
  entryPrice: '64000',
  stopLoss: '62900',
  takeProfit: '66500',
  generatedAt: '2026-11-21T02:47:10.123Z',
  metadata: { note: 'free' },
});

export interface RecordPlace {
  readonly key?: string;
  readonly contentType?: string;
  /** Undefined: a stranger wrote it. */
  readonly source?: string;
}

const PLACE = {
  partition: 3,
  id: 'record-1',
  sequence: 0,
  time: NOW,
  causationId: undefined,
  correlationId: undefined,
  traceparent: undefined,
} as const;

export const recordOf = (content: unknown, { key, contentType, source }: RecordPlace = {}): LogEvent => ({
  ...PLACE,
  topic: 'TradingSignalGenerated',
  type: 'TradingSignalGenerated',
  key: key ?? 'user-42',
  source,
  headers: contentType === undefined ? {} : { 'content-type': contentType },
  value: content instanceof Uint8Array ? content : Buffer.from(JSON.stringify(content)),
  get payload(): never {
    throw new Error('the value of a door is looked at, never parsed in trust');
  },
});

export const policyEvent = (payload: AccountPolicyChanged): LogEvent<AccountPolicyChanged> => ({
  ...PLACE,
  topic: 'AccountPolicyChanged',
  type: 'AccountPolicyChanged',
  key: payload.userId,
  source: 'accounts/3/1',
  headers: {},
  value: Buffer.from(JSON.stringify(payload)),
  payload,
});

export const aPolicy = (
  version: number,
  enabled: boolean,
  change: Partial<AccountPolicyChanged> = {},
): AccountPolicyChanged => ({
  userId: 'user-42',
  version,
  enabled,
  mode: 'paper',
  limits: {},
  accounts: [
    {
      accountId: 'acc-1',
      venue: 'binance',
      mode: 'paper',
      market: 'spot',
      enabled: true,
      usdtAsUsd: true,
      timeZone: 'UTC',
    },
  ],
  changedBy: 'admin',
  changedAt: NOW,
  ...change,
});

export const aSnapshot = (): MarketSnapshot => ({
  venue: 'binance',
  pair: 'BTC-USD',
  instrument: {
    venueSymbol: 'BTCUSDT',
    base: 'BTC',
    quote: 'USDT',
    tickSize: '0.01',
    lotSize: '0.00001',
    minQuantity: '0.00001',
    minNotional: '5',
  },
  fees: { maker: '0.001', taker: '0.001' },
  bids: [['63990', '2']],
  asks: [['64010', '2']],
  bookHash: 'hash',
  version: 1,
  receivedAt: NOW,
});
