import { randomUUID } from 'node:crypto';
import type { SimulatedVenue } from '../contract/simulator-world.js';

/** OKX as the contract suite meets its simulator. */
export const okxSimulated: SimulatedVenue = {
  pair: 'BTC-USDT',
  aliasPair: 'BTC-USD',
  requests: {
    place: { method: 'POST', path: '/api/v5/trade/order' },
    amend: { method: 'POST', path: '/api/v5/trade/amend-order' },
    cancel: { method: 'POST', path: '/api/v5/trade/cancel-order' },
    read: { method: 'GET', path: '/api/v5/trade/order' },
  },
  newKeys: () => ({ apiKey: randomUUID(), secret: randomUUID(), passphrase: `phrase-${randomUUID()}` }),
  lacks: [],
};
