import { order } from '../contract/scene.js';
import type { InstrumentKey } from '../instruments.js';
import { mayUse } from '../origin.js';
import type { Venue, VenueClient } from '../port.js';
import type { Usage } from '../rates.js';
import type { VenueOptions } from '../ccxt/open-venue.js';
import { openVenue } from '../venues.js';
import { krakenCapabilities } from './capabilities.js';
import { result, ScriptedKraken, type Answer } from './scripted-kraken.js';

export const BTC: InstrumentKey = { pair: 'BTC-USD', venueSymbol: 'XXBTZUSD' };
export const KEYS = {
  apiKey: 'key-of-alice',
  secret: Buffer.from('a secret of alice, long enough').toString('base64'),
};
export const TXID = 'OUF4EM-FRGI2-MQMWZD';
export const OTHER_TXID = 'OAAAAA-BBBBB-CCCCCC';
export const TRADE = 'TCCCTY-WE2O6-P3NB37';
/** In Kraken's unit, seconds. */
export const NOW = Date.now() / 1_000;

/** A scripted Kraken with one account at it. */
export interface ScriptedScene {
  readonly kraken: ScriptedKraken;
  readonly venue: Venue;
  readonly client: VenueClient;
  /** What the client told of its rates and of shut doors. */
  readonly usages: readonly Usage[];
  close(): Promise<void>;
}

/** A client of the same account, by default; `onUsage` hears of its rates. */
export const clientAt = (venue: Venue, keys = KEYS, onUsage?: (usage: Usage) => void): VenueClient => {
  const use = mayUse('paper', venue.origin, {
    venue: krakenCapabilities.origins,
    liveTradingEnabled: false,
    simulatedOrigins: [],
    allowedLiveOrigins: [],
  });
  if (use.kind === 'refused') throw new Error(use.message);
  return venue.client(keys, use.permit, onUsage);
};

export const scriptedScene = async (transport: VenueOptions['transport'] = {}): Promise<ScriptedScene> => {
  const kraken = await ScriptedKraken.start();
  const venue = await openVenue('kraken', { origin: kraken.origin, transport });
  const usages: Usage[] = [];
  return {
    kraken,
    venue,
    client: clientAt(venue, KEYS, (usage) => usages.push(usage)),
    usages,
    close: async () => {
      await venue.close();
      await kraken.close();
    },
  };
};

/** What an order is acknowledged with. */
export const placed = (change: object = {}): Answer =>
  result({ descr: { order: 'buy 0.01000000 XBTUSD @ limit 60000.0' }, txid: [TXID], ...change });

/** The order of `contract/scene.ts`, 0.004 of 0.01 filled, as Kraken tells of it. */
export const ORDER = {
  refid: null,
  userref: null,
  cl_ord_id: order(BTC).clientOrderId,
  status: 'open',
  opentm: NOW,
  starttm: 0,
  expiretm: 0,
  descr: {
    pair: 'XBTUSD',
    type: 'buy',
    ordertype: 'limit',
    price: '60000.0',
    price2: '0',
    leverage: 'none',
    order: 'buy 0.01000000 XBTUSD @ limit 60000.0',
    close: '',
  },
  vol: '0.01000000',
  vol_exec: '0.00400000',
  cost: '240.00000',
  fee: '0.96000',
  price: '60000.0',
  stopprice: '0.00000',
  limitprice: '0.00000',
  misc: '',
  oflags: 'fciq',
  trades: [TRADE],
};

/** Its trade. */
export const FILL = {
  ordertxid: TXID,
  postxid: 'TKH2SE-M7IF5-CFI7LT',
  pair: 'XXBTZUSD',
  time: NOW,
  type: 'buy',
  ordertype: 'limit',
  price: '60000.00000',
  cost: '240.00000',
  fee: '0.96000',
  vol: '0.00400000',
  margin: '0.00000',
  misc: '',
  trade_id: 74_625_834,
  maker: true,
};

export const open = (change: object = {}): Answer => result({ open: { [TXID]: { ...ORDER, ...change } } });
export const queried = (change: object = {}): Answer => result({ [TXID]: { ...ORDER, ...change } });
export const trades = (change: object = {}): Answer => result({ [TRADE]: { ...FILL, ...change } });
