import type { VenueName } from '../core/venue.js';
import { alpaca } from './alpaca/index.js';
import { binance } from './binance/index.js';
import { bybit } from './bybit/index.js';
import { coinbase } from './coinbase/index.js';
import type { VenueKind } from './dialect.js';
import { kraken } from './kraken/index.js';
import { kucoin } from './kucoin/index.js';
import { okx } from './okx/index.js';

/** Every venue that is spoken: a new one is a folder here and a line below. */
export const SPOKEN: Readonly<Partial<Record<VenueName, VenueKind>>> = {
  binance,
  kraken,
  bybit,
  coinbase,
  okx,
  alpaca,
  kucoin,
};

export const spokenVenues = (): readonly VenueName[] => Object.keys(SPOKEN) as VenueName[];
