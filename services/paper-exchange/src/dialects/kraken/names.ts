import type { Instrument } from '../../core/instrument.js';

/** Kraken's short names, and its ids of what it has traded longest: X before a coin, Z before money. */
const SHORT: Readonly<Record<string, string>> = { BTC: 'XBT' };
const IDS: Readonly<Record<string, string>> = { BTC: 'XXBT', ETH: 'XETH', LTC: 'XLTC', USD: 'ZUSD' };

export const shortName = (asset: string): string => SHORT[asset] ?? asset;

export const assetId = (asset: string): string => IDS[asset] ?? asset;

/** A pair's short name, `XBTUSD`; its id is the core's symbol. */
export const shortPair = ({ base, quote }: Instrument): string => shortName(base) + shortName(quote);

export const streamPair = ({ base, quote }: Instrument): string => `${shortName(base)}/${shortName(quote)}`;

/** By id, short name, or `XBT/USD` and `BTC/USD`. */
export const isNamed = (instrument: Instrument, name: string): boolean =>
  [instrument.symbol, shortPair(instrument), streamPair(instrument), `${instrument.base}/${instrument.quote}`].includes(
    name,
  );
