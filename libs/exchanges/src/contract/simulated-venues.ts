import { alpacaSimulated } from '../alpaca/simulated.js';
import { binanceSimulated } from '../binance/simulated.js';
import { bybitSimulated } from '../bybit/simulated.js';
import { krakenSimulated } from '../kraken/simulated.js';
import { kucoinSimulated } from '../kucoin/simulated.js';
import { coinbaseSimulated } from '../coinbase/simulated.js';
import { okxSimulated } from '../okx/simulated.js';
import type { VenueName } from '../venues.js';
import type { SimulatedVenue } from './simulator-world.js';

/** How the suite meets each venue's simulator. */
export const SIMULATED: Readonly<Record<VenueName, SimulatedVenue>> = {
  binance: binanceSimulated,
  alpaca: alpacaSimulated,
  bybit: bybitSimulated,
  kraken: krakenSimulated,
  coinbase: coinbaseSimulated,
  okx: okxSimulated,
  kucoin: kucoinSimulated,
};
