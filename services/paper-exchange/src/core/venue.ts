/** The venues of the project, in the order in which the standalone gives them ports. */
export const VENUES = ['binance', 'kraken', 'coinbase', 'bybit', 'okx', 'alpaca', 'kucoin'] as const;

export type VenueName = (typeof VENUES)[number];

/** The assets with a reference path; a venue lists each against its own dollar. */
export const REFERENCE_ASSETS = ['BTC', 'ETH', 'LTC'] as const;

export type ReferenceAsset = (typeof REFERENCE_ASSETS)[number];
