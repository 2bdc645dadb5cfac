import { order } from '../contract/scene.js';
import type { InstrumentKey } from '../instruments.js';
import { mayUse } from '../origin.js';
import type { Credentials, Venue, VenueClient } from '../port.js';
import { openVenue } from '../venues.js';
import { bybitCapabilities } from './capabilities.js';
import { ScriptedBybit } from './scripted-bybit.js';

export const BTC: InstrumentKey = { pair: 'BTC-USDT', venueSymbol: 'BTCUSDT' };
export const KEYS: Credentials = { apiKey: 'key-of-alice-0123456789', secret: 'secret-of-alice-0123456789' };
/** The client order id of every order here. */
export const OURS = order(BTC).clientOrderId;

export const PLACE = 'POST /v5/order/create';
export const CANCEL = 'POST /v5/order/cancel';
export const AMEND = 'POST /v5/order/amend';
export const ORDERS = 'GET /v5/order/realtime';
export const PAST = 'GET /v5/order/history';
export const TRADES = 'GET /v5/execution/list';

/** A scripted Bybit and one client of it. */
export interface ScriptedScene {
  readonly bybit: ScriptedBybit;
  readonly venue: Venue;
  readonly client: VenueClient;
  close(): Promise<void>;
}

export const scriptedScene = async (): Promise<ScriptedScene> => {
  const bybit = await ScriptedBybit.start();
  const venue = await openVenue('bybit', { origin: bybit.origin, transport: { deadlineMs: 5_000 } });
  const rules = { liveTradingEnabled: false, simulatedOrigins: [], allowedLiveOrigins: [] };
  const use = mayUse('paper', bybit.origin, { ...rules, venue: bybitCapabilities.origins });
  if (use.kind === 'refused') throw new Error(use.message);
  return {
    bybit,
    venue,
    client: venue.client(KEYS, use.permit),
    close: async () => {
      await venue.close();
      await bybit.close();
    },
  };
};

/** An acknowledgement of `order(BTC)`. */
export const acknowledgement = (change: object = {}) => ({
  orderId: '2100000000000000256',
  orderLinkId: OURS,
  ...change,
});

/** `order(BTC)` as Bybit tells of it: a limit buy of 0.01 at 60,000 that has filled 0.004. */
export const orderRow = (change: object = {}) => ({
  orderId: '2100000000000000256',
  orderLinkId: OURS,
  symbol: 'BTCUSDT',
  price: '60000.0',
  qty: '0.010000',
  marketUnit: '',
  side: 'Buy',
  orderStatus: 'PartiallyFilled',
  cancelType: 'UNKNOWN',
  rejectReason: 'EC_NoError',
  avgPrice: '60000',
  leavesQty: '0.006000',
  cumExecQty: '0.004000',
  cumExecValue: '240',
  timeInForce: 'GTC',
  orderType: 'Limit',
  stopOrderType: '',
  triggerPrice: '0',
  createdTime: String(Date.now() - 1_000),
  updatedTime: String(Date.now()),
  ...change,
});

/** The trade that filled it. */
export const tradeRow = (change: object = {}) => ({
  symbol: 'BTCUSDT',
  orderId: '2100000000000000256',
  orderLinkId: OURS,
  side: 'Buy',
  execId: '2290000000000000001',
  execPrice: '60000.0',
  execQty: '0.004000',
  execFee: '0.000004',
  feeCurrency: 'BTC',
  execType: 'Trade',
  isMaker: true,
  execTime: String(Date.now()),
  ...change,
});

export const listed = (...rows: readonly object[]) => ({ category: 'spot', list: rows, nextPageCursor: '' });
