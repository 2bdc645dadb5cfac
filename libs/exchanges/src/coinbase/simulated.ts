import { randomUUID } from 'node:crypto';
import type { SimulatedVenue } from '../contract/simulator-world.js';
import { coinbaseKeysOf } from './keys.js';

/** Coinbase as the contract suite meets its simulator. */
export const coinbaseSimulated: SimulatedVenue = {
  pair: 'BTC-USD',
  aliasPair: null,
  requests: {
    place: { method: 'POST', path: '/api/v3/brokerage/orders' },
    amend: { method: 'POST', path: '/api/v3/brokerage/orders/edit' },
    cancel: { method: 'POST', path: '/api/v3/brokerage/orders/batch_cancel' },
    read: { method: 'GET', path: '/api/v3/brokerage/orders/historical/*' },
  },
  newKeys: () => coinbaseKeysOf(randomUUID()),
  lacks: ['stop_limit'],
};
