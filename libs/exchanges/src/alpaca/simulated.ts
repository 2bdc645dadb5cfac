import { randomUUID } from 'node:crypto';
import type { SimulatedVenue } from '../contract/simulator-world.js';

/** Alpaca as the contract suite meets its simulator. */
export const alpacaSimulated: SimulatedVenue = {
  pair: 'BTC-USD',
  aliasPair: null,
  requests: {
    place: { method: 'POST', path: '/v2/orders' },
    cancel: { method: 'DELETE', path: '/v2/orders/*' },
    read: { method: 'GET', path: '/v2/orders:by_client_order_id' },
  },
  newKeys: () => ({ apiKey: `PK${randomUUID()}`, secret: `secret-${randomUUID()}` }),
  lacks: ['stop_limit'],
};
