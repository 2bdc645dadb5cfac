import type { InstrumentKey } from '../instruments.js';
import { mayUse } from '../origin.js';
import { order } from '../contract/scene.js';
import type { Venue, VenueClient } from '../port.js';
import { openVenue } from '../venues.js';
import { okxCapabilities } from './capabilities.js';
import { ScriptedOkx } from './scripted-okx.js';

export const BTC: InstrumentKey = { pair: 'BTC-USDT', venueSymbol: 'BTC-USDT' };
export const KEYS = { apiKey: 'key-of-a-tenant', secret: 'secret-of-a-tenant', passphrase: 'phrase-of-a-tenant' };
export const ORD_ID = '2896576259728695297';

export const PLACE = 'POST /api/v5/trade/order';
export const CANCEL = 'POST /api/v5/trade/cancel-order';
export const AMEND = 'POST /api/v5/trade/amend-order';
export const DETAILS = 'GET /api/v5/trade/order';
export const PENDING = 'GET /api/v5/trade/orders-pending';
export const HISTORY = 'GET /api/v5/trade/orders-history';
export const FILLS = 'GET /api/v5/trade/fills';
export const FILLS_HISTORY = 'GET /api/v5/trade/fills-history';

/** A scripted OKX with one account at it. */
export interface ScriptedScene {
  readonly okx: ScriptedOkx;
  readonly venue: Venue;
  readonly client: VenueClient;
  close(): Promise<void>;
}

export const scriptedScene = async (): Promise<ScriptedScene> => {
  const okx = await ScriptedOkx.start();
  const venue = await openVenue('okx', { origin: okx.origin });
  const use = mayUse('paper', okx.origin, {
    venue: okxCapabilities.origins,
    liveTradingEnabled: false,
    simulatedOrigins: [],
    allowedLiveOrigins: [],
  });
  if (use.kind === 'refused') throw new Error(use.message);
  return {
    okx,
    venue,
    client: venue.client(KEYS, use.permit),
    close: async () => {
      await venue.close();
      await okx.close();
    },
  };
};

/** The row that answers for a new order, a cancel or an amend. */
export const ack = (change: object = {}): object => ({
  clOrdId: order(BTC).clientOrderId,
  ordId: ORD_ID,
  tag: '',
  ts: String(Date.now()),
  sCode: '0',
  sMsg: '',
  ...change,
});

/** The order of `contract/scene.ts`, 0.004 of 0.01 filled, as OKX tells of it. */
export const details = (change: object = {}): object => ({
  instType: 'SPOT',
  instId: 'BTC-USDT',
  ordId: ORD_ID,
  clOrdId: order(BTC).clientOrderId,
  side: 'buy',
  ordType: 'limit',
  sz: '0.01',
  px: '60000',
  accFillSz: '0.004',
  avgPx: '60000',
  state: 'partially_filled',
  cancelSource: '',
  tgtCcy: '',
  fee: '-0.000004',
  feeCcy: 'BTC',
  cTime: String(Date.now()),
  uTime: String(Date.now()),
  ...change,
});

/** A trade of it. */
export const fill = (change: object = {}): object => ({
  instType: 'SPOT',
  instId: 'BTC-USDT',
  ordId: ORD_ID,
  clOrdId: order(BTC).clientOrderId,
  tradeId: '744876980',
  billId: '2900000000000000056',
  side: 'buy',
  fillSz: '0.004',
  fillPx: '60000',
  fee: '-0.000004',
  feeCcy: 'BTC',
  execType: 'T',
  fillTime: String(Date.now()),
  ts: String(Date.now()),
  ...change,
});
