/** A currency's canonical code: `BTC`, `USD`, `USDT`. USD and USDT are different currencies, always. */
export type Currency = string;

/** A canonical pair, `BASE-QUOTE`: `BTC-USD`. Venues' own symbols never leave an adapter. */
export type Pair = `${string}-${string}`;

const PAIR = /^[A-Z0-9]{1,12}-[A-Z0-9]{1,12}$/;

export const parsePair = (text: string): Pair | undefined => (PAIR.test(text) ? (text as Pair) : undefined);
export const baseOf = (pair: Pair): Currency => pair.slice(0, pair.indexOf('-'));
export const quoteOf = (pair: Pair): Currency => pair.slice(pair.indexOf('-') + 1);
