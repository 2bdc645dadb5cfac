import type { AuditFact, Evidence, Said, VenueRow } from '../check/evidence.js';

type Row = Pick<AuditFact, 'topic' | 'signalId'> & { readonly source?: string; readonly said?: Said };

const ENTRY = { signalId: 'sig-1', orderId: 'child-1', parentOrderId: 'parent-1', clientOrderId: 'client-1' };
const EXIT = { signalId: 'sig-2', orderId: 'child-2', parentOrderId: 'parent-2', clientOrderId: 'client-2' };

const order = ({ orderId, parentOrderId, clientOrderId }: typeof ENTRY, orderVersion: number): Said => ({
  orderId,
  parentOrderId,
  clientOrderId,
  orderVersion,
});

const story = (one: typeof ENTRY, quantity: string): readonly Row[] => {
  const { signalId, orderId, parentOrderId } = one;
  return [
    { topic: 'TradingSignalGenerated', signalId, source: 'signal-validation/3/1' },
    { topic: 'SignalValidated', signalId, source: 'signal-validation/3/1' },
    { topic: 'OrderApproved', signalId, source: 'risk/3/1', said: { parentOrderId, quantity } },
    { topic: 'OrderRouted.binance', signalId, source: 'routing/3/1', said: { orderId, parentOrderId, quantity } },
    { topic: 'OrderPlaced', signalId, source: 'execution-binance/3/1', said: order(one, 1) },
    { topic: 'OrderFilled', signalId, source: 'execution-binance/3/1', said: order(one, 2) },
    { topic: 'OrderCompleted', signalId, source: 'routing/3/1', said: { parentOrderId, status: 'filled' } },
  ];
};

const numbered = (rows: readonly Row[]): readonly AuditFact[] => {
  const last = new Map<string, number>();
  return rows.map(({ topic, signalId, source, said = {} }, i) => {
    const stream = `${source ?? ''} ${topic}`;
    const sequence = (last.get(stream) ?? 0) + 1;
    last.set(stream, sequence);
    return {
      ...{ chain: 3, row: i + 1, topic, userId: 'ann', signalId, eventId: `event-${i + 1}`, source, sequence, said },
      time: `2026-11-21T10:00:${String(i).padStart(2, '0')}.000Z`,
    };
  });
};

const ledgerRow = (
  clientOrderId: string,
  side: 'buy' | 'sell',
  quantity: string,
  fee: readonly [string, string],
  tradeId: string,
): VenueRow => ({
  ...{
    venue: 'binance',
    venueOrderId: `v-${clientOrderId}`,
    clientOrderId,
    accountKey: 'key-ann',
    venueSymbol: 'BTCUSDT',
    side,
    quantity,
  },
  ...{ orderType: 'market', timeInForce: 'gtc', postOnly: false, quoteQuantity: null, limitPrice: null },
  ...{ status: 'filled', receivedAt: '2026-11-21T10:00:04.000Z', refusedWith: null },
  fills: [
    {
      ...{ tradeId, quantity, price: '7000', fee: fee[0], feeCurrency: fee[1] },
      ...{ liquidity: 'taker', at: '2026-11-21T10:00:04.000Z' },
    },
  ],
});

/** One user, an entry and its exit, both filled, all accounts in order; a third signal was refused. */
export const healthyRun = (): Evidence => {
  const ledger = [
    ledgerRow('client-1', 'buy', '0.01', ['0.00001', 'BTC'], 't-1'),
    ledgerRow('client-2', 'sell', '0.00999', ['0.06993', 'USDT'], 't-2'),
  ];
  return {
    offered: ['sig-1', 'sig-2', 'sig-3'].map((signalId) => ({ signalId, userId: 'ann', answer: 'accepted' })),
    audit: numbered([
      ...story(ENTRY, '0.01'),
      ...story(EXIT, '0.00999'),
      { topic: 'TradingSignalGenerated', signalId: 'sig-3', source: 'signal-validation/3/1' },
      {
        topic: 'SignalRejected',
        signalId: 'sig-3',
        source: 'risk/3/1',
        said: { code: 'NOTHING_TO_CLOSE', stage: 'risk' },
      },
    ]),
    copies: [],
    halts: [],
    repeats: [],
    ledger,
    venueBalances: [
      { accountKey: 'key-ann', currency: 'BTC', quantity: '0' },
      { accountKey: 'key-ann', currency: 'USDT', quantity: '99999.86007' },
    ],
    books: {
      executions: ledger.flatMap(({ venue, accountKey, clientOrderId, fills }) =>
        fills.map(({ tradeId, quantity, price, fee, feeCurrency }) => ({
          ...{ venue, accountKey, clientOrderId, tradeId, quantity, price, fee, feeCurrency },
        })),
      ),
      orders: [
        { orderId: 'child-1', clientOrderId: 'client-1', status: 'filled', filledQuantity: '0.01' },
        { orderId: 'child-2', clientOrderId: 'client-2', status: 'filled', filledQuantity: '0.00999' },
      ],
      positions: [
        {
          ...{ accountKey: 'key-ann', base: 'BTC', status: 'closed', quantity: '0.01', dust: '0' },
          openedAt: '2026-11-21T10:00:04.000Z',
        },
      ],
      held: [{ accountKey: 'key-ann', currency: 'BTC', quantity: '0' }],
      balances: [{ accountKey: 'key-ann', currency: 'USDT', quantity: '99999.86007' }],
      countedOn: [{ accountKey: 'key-ann', currency: 'USDT', quantity: '99999.86007' }],
      reserved: [],
    },
    inWork: new Map(),
    trail: [],
  };
};
