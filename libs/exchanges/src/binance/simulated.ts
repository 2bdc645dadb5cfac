import { randomUUID } from 'node:crypto';
import type { SimulatedVenue } from '../contract/simulator-world.js';

/** Binance as the contract suite meets its simulator. */
export const binanceSimulated: SimulatedVenue = {
  pair: 'BTC-USDT',
  aliasPair: 'BTC-USD',
  requests: {
    place: { method: 'POST', path: '/api/v3/order' },
    cancel: { method: 'DELETE', path: '/api/v3/order' },
    read: { method: 'GET', path: '/api/v3/order' },
  },
  newKeys: () => ({ apiKey: `key-${randomUUID()}`, secret: `secret-${randomUUID()}` }),
  lacks: ['stop', 'stop_limit'],
};
