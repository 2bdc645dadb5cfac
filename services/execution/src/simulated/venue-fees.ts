import { VENUES } from '@switchyard/exchanges';
import type { FeeCurrency } from './wallet.js';

/** As the venue itself does it, so that a simulated account holds what a real one would. Venues without an adapter: of what is received. */
export const feeCurrencyOf = (venue: string): FeeCurrency => {
  const capabilities = Object.hasOwn(VENUES, venue) ? VENUES[venue as keyof typeof VENUES].capabilities : undefined;
  return capabilities?.feeCurrency.startsWith('quote') === true ? 'quote' : 'received';
};
