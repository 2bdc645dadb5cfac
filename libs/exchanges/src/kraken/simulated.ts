import { randomBytes } from 'node:crypto';
import type { SimulatedVenue } from '../contract/simulator-world.js';

/** Kraken as the contract suite meets its simulator. */
export const krakenSimulated: SimulatedVenue = {
  pair: 'BTC-USD',
  aliasPair: null,
  requests: {
    place: { method: 'POST', path: '/0/private/AddOrder' },
    amend: { method: 'POST', path: '/0/private/AmendOrder' },
    cancel: { method: 'POST', path: '/0/private/CancelOrder' },
    read: { method: 'POST', path: '/0/private/OpenOrders' },
  },
  newKeys: () => ({ apiKey: randomBytes(42).toString('base64'), secret: randomBytes(64).toString('base64') }),
  lacks: ['stop', 'stop_limit'],
};
