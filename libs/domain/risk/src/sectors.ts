import type { Currency } from '@switchyard/model';
import { entryOf } from './record.js';

/** Which asset belongs to which sector: data of the deployment, the section `sectors` of its configuration file. */
export interface Sectors {
  /** Sector by asset. */
  readonly of: Readonly<Record<Currency, string>>;
  /** Most percent of equity in a sector that has its own, for users who set none. */
  readonly maxPercent: Readonly<Record<string, number>>;
}

/** The sector of every asset that no sector names. */
export const UNCLASSIFIED = 'unclassified';

export const sectorOf = ({ of }: Sectors, asset: Currency): string => entryOf(of, asset) ?? UNCLASSIFIED;

const ASSETS: Readonly<Record<string, readonly Currency[]>> = {
  currency: ['BTC', 'WBTC', 'LTC', 'BCH', 'BSV', 'XRP', 'XLM', 'XMR', 'ZEC', 'DASH'],
  'smart-contract-platform': [
    ...['ETH', 'WETH', 'SOL', 'ADA', 'AVAX', 'DOT', 'ATOM', 'NEAR', 'ALGO', 'TRX', 'BNB', 'ETC', 'APT', 'SUI', 'TON'],
    ...['MATIC', 'POL', 'ARB', 'OP', 'EOS', 'XTZ', 'ICP', 'HBAR', 'INJ', 'SEI', 'TIA', 'EGLD', 'KAS'],
  ],
  defi: [
    'UNI',
    'AAVE',
    'MKR',
    'SKY',
    'COMP',
    'CRV',
    'SNX',
    'LDO',
    'SUSHI',
    '1INCH',
    'YFI',
    'BAL',
    'DYDX',
    'CAKE',
    'JUP',
  ],
  'culture-and-entertainment': [
    'DOGE',
    'SHIB',
    'PEPE',
    'BONK',
    'WIF',
    'FLOKI',
    'MANA',
    'SAND',
    'AXS',
    'APE',
    'CHZ',
    'TRUMP',
  ],
  computing: ['LINK', 'FIL', 'GRT', 'RENDER', 'AR', 'FET', 'TAO', 'HNT', 'PYTH', 'API3', 'LPT', 'STORJ', 'BAT'],
  stablecoin: ['USDT', 'USDC', 'DAI', 'USDP', 'PYUSD', 'FDUSD', 'TUSD', 'USDG', 'EURC'],
};

/**
 * The larger assets by sectors of the Digital Asset Classification Standard (CoinDesk Indices, 2022 and later). Deployments replace it
 * where they see it otherwise.
 */
export const DEFAULT_SECTORS: Sectors = {
  of: Object.fromEntries(Object.entries(ASSETS).flatMap(([sector, assets]) => assets.map((asset) => [asset, sector]))),
  maxPercent: {},
};
