import { randomUUID } from 'node:crypto';
import type { SimulatedVenue } from '../contract/simulator-world.js';

/** Bybit as the contract suite meets its simulator. */
export const bybitSimulated: SimulatedVenue = {
  pair: 'BTC-USDT',
  aliasPair: 'BTC-USD',
  requests: {
    place: { method: 'POST', path: '/v5/order/create' },
    amend: { method: 'POST', path: '/v5/order/amend' },
    cancel: { method: 'POST', path: '/v5/order/cancel' },
    read: { method: 'GET', path: '/v5/order/realtime' },
  },
  newKeys: () => ({ apiKey: `key-${randomUUID()}`, secret: `secret-${randomUUID()}` }),
  lacks: [],
};
