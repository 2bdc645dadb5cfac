import { decimal } from '@switchyard/money';
import type { Fees } from '../core/charge.js';
import type { Exchange } from '../core/exchange.js';
import type { VenueName } from '../core/venue.js';
import { binance } from './binance/index.js';
import type { Dialect } from './dialect.js';

/** What makes one venue of the core's exchange: its language and its price list. A new venue is a folder here and a line below. */
export interface VenueKind {
  readonly fees: Fees;
  readonly speak: (exchange: Exchange, options: SpeakOptions) => Dialect;
}

export interface SpeakOptions {
  readonly weightPerMinute?: number | undefined;
}

/** Base tier, no discounts: Binance spot, regular user without BNB (https://www.binance.com/en/fee/trading). */
const BINANCE_FEES: Fees = { maker: decimal('0.001'), taker: decimal('0.001') };

export const SPOKEN: Readonly<Partial<Record<VenueName, VenueKind>>> = {
  binance: { fees: BINANCE_FEES, speak: binance },
};

export const spokenVenues = (): readonly VenueName[] => Object.keys(SPOKEN) as VenueName[];
