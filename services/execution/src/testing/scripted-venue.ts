import {
  VENUES,
  type Answer,
  type Balance,
  type CancelOutcome,
  type ClockReading,
  type Fill,
  type LookupOutcome,
  type NewOrder,
  type OnUsage,
  type OrderRef,
  type OrderState,
  type PlaceLimits,
  type PlaceOutcome,
  type Venue,
  type VenueClient,
  type VenueOrder,
} from '@switchyard/exchanges';
import { decimal, plain, ZERO } from '@switchyard/money';

/** What the venue really has: the truth that the executor's books are compared with. */
export interface LedgerRow {
  readonly venueOrderId: string;
  readonly accountKey: string;
  readonly order: NewOrder;
  state: OrderState;
  fills: Fill[];
}

/** What the venue does with the next order. */
export type PlaceScript = (
  venue: ScriptedVenue,
  order: NewOrder,
  accountKey: string,
  limits: PlaceLimits,
) => Promise<PlaceOutcome>;
export type LookupScript = (venue: ScriptedVenue, ref: OrderRef, accountKey: string) => Promise<LookupOutcome>;
export type CancelScript = (venue: ScriptedVenue, ref: OrderRef, accountKey: string) => Promise<CancelOutcome>;

/** A venue in memory with a ledger, whose next answers a test can write. Unasked, it fills market orders at once and lets limit orders rest. */
export class ScriptedVenue {
  readonly ledger: LedgerRow[] = [];
  readonly places: PlaceScript[] = [];
  readonly lookups: LookupScript[] = [];
  readonly cancels: CancelScript[] = [];
  readonly keysSeen = new Set<string>();
  /** By key: what the venue says of its limits to whoever called with it. */
  readonly tell = new Map<string, OnUsage>();
  /** The next answers to the question for its time. */
  readonly times: (() => Promise<Answer<ClockReading>>)[] = [];
  timeCalls = 0;
  price = '64000';
  fee: Fill['fee'] = { amount: '0.5', currency: 'USDT' };
  balances: Balance[] = [{ asset: 'USDT', free: '1000', locked: '0', total: '1000' }];
  balanceCalls = 0;
  /** What the venue does before it tells balances. */
  onBalances: () => Promise<void> = () => Promise.resolve();
  placeCalls = 0;
  cancelCalls = 0;

  readonly venue: Venue = {
    name: 'binance',
    origin: 'http://127.0.0.1:9',
    capabilities: VENUES.binance.capabilities,
    marketData: {
      instruments: () => Promise.reject(new Error('not asked in these tests')),
      instrument: (pair) =>
        Promise.resolve({
          kind: 'answered',
          value: {
            pair,
            venueSymbol: pair.replace('-', ''),
            base: 'BTC',
            quote: 'USDT',
            quoteAlias: null,
            trading: true,
            tick: '0.01',
            lot: '0.00001',
            minQuantity: '0.00001',
            maxQuantity: null,
            maxMarketQuantity: null,
            minPrice: null,
            maxPrice: null,
            minNotional: null,
            maxNotional: null,
          },
        }),
      book: () => Promise.reject(new Error('not asked in these tests')),
      ticker: () => Promise.reject(new Error('not asked in these tests')),
      trades: () => Promise.reject(new Error('not asked in these tests')),
      serverTime: () => {
        this.timeCalls += 1;
        return (
          this.times.shift()?.() ??
          Promise.resolve({
            kind: 'answered',
            value: { venueTimeMs: Date.now(), offsetMs: 0, errorMs: 1, roundTripMs: 2 },
          })
        );
      },
    },
    client: ({ apiKey }, _, onUsage) => {
      if (onUsage) this.tell.set(apiKey, onUsage);
      return this.#client(apiKey);
    },
    close: () => Promise.resolve(),
  };

  /** Takes an order into the ledger, as an exchange would on receipt. */
  take(
    order: NewOrder,
    accountKey: string,
    { fill = order.orderType === 'market' ? order.quantity : '0' } = {},
  ): LedgerRow {
    const row: LedgerRow = {
      venueOrderId: `v-${this.ledger.length + 1}`,
      accountKey,
      order,
      state: 'placed',
      fills: [],
    };
    this.ledger.push(row);
    if (decimal(fill).gt(ZERO)) this.fill(row, fill);
    return row;
  }

  fill(row: LedgerRow, quantity: string): Fill {
    const fill: Fill = {
      pair: row.order.pair,
      venueSymbol: row.order.venueSymbol,
      tradeId: `t-${this.ledger.indexOf(row) + 1}-${row.fills.length + 1}`,
      venueOrderId: row.venueOrderId,
      side: row.order.side,
      quantity,
      price: this.price,
      fee: this.fee,
      liquidity: 'taker',
      filledAtMs: Date.now(),
    };
    row.fills.push(fill);
    const isFull = filledOf(row) === plain(decimal(row.order.quantity));
    if (isFull) row.state = 'filled';
    else if (row.state === 'placed') row.state = 'partially_filled';
    return fill;
  }

  reportOf(row: LedgerRow): VenueOrder {
    const { order } = row;
    return {
      pair: order.pair,
      venueSymbol: order.venueSymbol,
      venueOrderId: row.venueOrderId,
      clientOrderId: order.clientOrderId,
      side: order.side,
      orderType: order.orderType,
      quantity: order.quantity,
      limitPrice: order.limitPrice,
      stopPrice: order.stopPrice,
      state: row.state,
      filledQuantity: filledOf(row),
      filledQuote: null,
      placedAtMs: Date.now(),
      updatedAtMs: Date.now(),
    };
  }

  accepted(row: LedgerRow): PlaceOutcome {
    return { kind: 'accepted', venueOrderId: row.venueOrderId, order: this.reportOf(row), fills: [...row.fills] };
  }

  /** Ledger rows by client order id: more than one is a doubled order. */
  rowsOf(clientOrderId: string): readonly LedgerRow[] {
    return this.ledger.filter(({ order }) => order.clientOrderId === clientOrderId);
  }

  #client(accountKey: string): VenueClient {
    this.keysSeen.add(accountKey);
    return {
      venue: 'binance',
      place: (order, limits) => {
        this.placeCalls += 1;
        const script = this.places.shift();
        return script
          ? script(this, order, accountKey, limits)
          : Promise.resolve(this.accepted(this.take(order, accountKey)));
      },
      lookup: (ref) => this.lookups.shift()?.(this, ref, accountKey) ?? Promise.resolve(this.find(ref, accountKey)),
      cancel: (ref) => {
        this.cancelCalls += 1;
        return this.cancels.shift()?.(this, ref, accountKey) ?? Promise.resolve(this.cancel(ref, accountKey));
      },
      openOrders: () =>
        Promise.resolve({
          kind: 'answered',
          value: this.ledger
            .filter(
              (row) => row.accountKey === accountKey && (row.state === 'placed' || row.state === 'partially_filled'),
            )
            .map((row) => this.reportOf(row)),
        }),
      orderFills: () => Promise.reject(new Error('not asked in these tests')),
      tradesSince: ({ venueSymbol }) =>
        Promise.resolve({
          kind: 'answered',
          value: {
            fills: this.ledger
              .filter((row) => row.accountKey === accountKey && row.order.venueSymbol === venueSymbol)
              .flatMap(({ fills }) => fills),
            next: null,
          },
        }),
      balances: async () => {
        this.balanceCalls += 1;
        await this.onBalances();
        return { kind: 'answered', value: this.balances };
      },
      fees: () => Promise.reject(new Error('not asked in these tests')),
    };
  }

  /** Cancels what is open of an order, as an exchange would. */
  cancel(ref: OrderRef, accountKey: string): CancelOutcome {
    const row = this.rowsOf(ref.clientOrderId).find((entry) => entry.accountKey === accountKey);
    if (row?.state !== 'placed' && row?.state !== 'partially_filled') return { kind: 'notOpen' };
    row.state = 'cancelled';
    return { kind: 'cancelled', order: null };
  }

  find(ref: OrderRef, accountKey: string): LookupOutcome {
    const row = this.ledger.find(
      (entry) => entry.accountKey === accountKey && entry.order.clientOrderId === ref.clientOrderId,
    );
    return row
      ? { kind: 'found', order: this.reportOf(row), fills: [...row.fills], fillsComplete: true }
      : { kind: 'notFound' };
  }
}

const filledOf = ({ fills }: LedgerRow): string =>
  plain(fills.reduce((sum, { quantity }) => sum.plus(decimal(quantity)), ZERO));

export const unknownOutcome = (reason: 'timeout' | 'connectionLost' = 'timeout'): PlaceOutcome => ({
  kind: 'outcomeUnknown',
  reason,
  message: 'no answer',
  evidence: null,
});

export const couldNotAsk: LookupOutcome = {
  kind: 'couldNotAsk',
  reason: 'timeout',
  message: 'no answer',
  code: null,
  retryAfterMs: null,
  evidence: { httpStatus: 504, body: 'gateway timeout' },
};
