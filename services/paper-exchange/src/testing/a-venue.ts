import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decimal } from '@switchyard/money';
import { Exchange } from '../core/exchange.js';
import { instrumentsOf } from '../core/instrument.js';
import { loadMarketShape } from '../core/market-shape.js';
import { levelsOf, Market, type SavedLevel } from '../core/market.js';
import { openAccount } from '../core/open-account.js';
import type { Order, OrderRequest } from '../core/order.js';
import { loadReferencePath } from '../core/reference-path.js';
import type { Refusal } from '../core/refusal.js';
import type { VenueRules } from '../core/rules.js';
import { Store } from '../core/store.js';
import { VenueState } from '../core/venue-state.js';

const paths = { BTC: loadReferencePath('BTC'), ETH: loadReferencePath('ETH'), LTC: loadReferencePath('LTC') };
const shape = loadMarketShape('binance');

/** A core without a server, on a clock that only moves when told. */
export interface AVenue {
  readonly exchange: Exchange;
  readonly folder: string;
  readonly clock: { ms: number };
  place(order: Partial<OrderRequest>): Order | Refusal;
  book(bids: readonly SavedLevel[], asks: readonly SavedLevel[]): void;
  /** What an account has, as `free+locked`. */
  holds(asset: string, accountKey?: string): string;
  /** Stops cleanly and opens the same folder again. */
  reopen(): Promise<AVenue>;
}

/** Some Saturday, in the middle of a tick. */
export const NOON = Date.UTC(2026, 10, 21, 12, 0, 7);

export const aVenue = (
  folder = mkdtempSync(join(tmpdir(), 'paper-')),
  clock = { ms: NOON },
  {
    compactAtBytes = 1_000_000_000,
    keepClosed = 1_000_000,
    rules: changed = {},
  }: {
    readonly compactAtBytes?: number;
    readonly keepClosed?: number;
    readonly rules?: Partial<VenueRules>;
  } = {},
): AVenue => {
  const instruments = new Map(instrumentsOf('binance').map((instrument) => [instrument.symbol, instrument]));
  const market = new Market({ venue: 'binance', seed: '1', shape, paths });
  const state = new VenueState(instruments, market);
  const store = new Store(state, { folder, compactAtBytes, keepClosed });
  const rules: VenueRules = {
    fees: { maker: decimal('0.001'), taker: decimal('0.001') },
    feeIn: 'received',
    clientIds: 'openOnly',
    maxOpenOrders: 200,
    ...changed,
  };
  const exchange = new Exchange({
    state,
    store,
    market,
    rules,
    ids: { order: String, trade: String },
    now: () => clock.ms,
  });
  for (const accountKey of ['alice', 'bob']) {
    openAccount(exchange, { accountKey, secret: 'secret', passphrase: '', balances: { USDT: '100000', BTC: '10' } });
  }
  let ids = state.nextOrderId;
  return {
    exchange,
    folder,
    clock,
    place: (order) =>
      exchange.place(
        {
          accountKey: 'alice',
          clientOrderId: `id-${ids++}`,
          symbol: 'BTCUSDT',
          side: 'buy',
          type: 'limit',
          timeInForce: 'gtc',
          postOnly: false,
          ...order,
        },
        { describe: ({ refused }) => refused },
      ),
    book: (bids, asks) => {
      const btc = instruments.get('BTCUSDT');
      if (btc !== undefined) exchange.setBook(btc, { bids: levelsOf(bids), asks: levelsOf(asks) });
    },
    holds: (asset, accountKey = 'alice') => {
      const held = state.account(accountKey)?.balance(asset);
      return held === undefined ? 'no account' : `${held.free.toFixed()}+${held.locked.toFixed()}`;
    },
    reopen: async () => {
      await exchange.close();
      return aVenue(folder, clock, { compactAtBytes, keepClosed, rules: changed });
    },
  };
};
