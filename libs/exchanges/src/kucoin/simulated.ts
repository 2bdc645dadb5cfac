import { randomUUID } from 'node:crypto';
import type { SimulatedVenue } from '../contract/simulator-world.js';

/** KuCoin as the contract suite meets its simulator. */
export const kucoinSimulated: SimulatedVenue = {
  pair: 'BTC-USDT',
  aliasPair: 'BTC-USD',
  requests: {
    place: { method: 'POST', path: '/api/v1/hf/orders' },
    cancel: { method: 'DELETE', path: '/api/v1/hf/orders/*' },
    read: { method: 'GET', path: '/api/v1/hf/orders/client-order/*' },
  },
  newKeys: () => ({ apiKey: randomUUID(), secret: randomUUID(), passphrase: `phrase-${randomUUID()}` }),
  lacks: [],
};
