import { alpacaSimulated } from '../alpaca/simulated.js';
import { binanceSimulated } from '../binance/simulated.js';
import { bybitSimulated } from '../bybit/simulated.js';
import { krakenSimulated } from '../kraken/simulated.js';
import { okxSimulated } from '../okx/simulated.js';
import type { VenueName } from '../venues.js';
import type { SimulatedVenue } from './simulator-world.js';

/** How the suite meets each venue's simulator. */
export const SIMULATED: Readonly<Record<VenueName, SimulatedVenue>> = {
  binance: binanceSimulated,
  bybit: bybitSimulated,
  kraken: krakenSimulated,
  okx: okxSimulated,
  alpaca: alpacaSimulated,
};
