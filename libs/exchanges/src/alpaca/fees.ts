import { ceilTo, decimal, type DecimalString } from '@switchyard/money';
import { Nonsense } from '../ccxt/fields.js';
import type { FeeRates } from '../instruments.js';

/** By the account's `crypto_tier`, from 1: maker, taker. Source: https://docs.alpaca.markets/docs/crypto-fees (since 2023-03-13). */
const TIERS: readonly (readonly [maker: DecimalString, taker: DecimalString])[] = [
  ['0.0015', '0.0025'],
  ['0.0012', '0.0022'],
  ['0.001', '0.002'],
  ['0.0008', '0.0018'],
  ['0.0005', '0.0015'],
  ['0.0002', '0.0013'],
  ['0.0002', '0.0012'],
  ['0', '0.001'],
];

export const ratesOfTier = (tier: string): FeeRates => {
  const rates = /^[1-8]$/.test(tier) ? TIERS[Number(tier) - 1] : undefined;
  if (rates === undefined) throw new Nonsense('crypto_tier is not a known tier');
  const [maker, taker] = rates;
  return { maker, taker, scope: 'account' };
};

/** Balances have nine places; what is credited is cut to them, so that the fee is rounded up. */
const FEE_GRID = decimal('0.000000001');

/**
 * The fee of a fill. No answer of Alpaca's names it: it is taken from what the trade credits, and told at the end of the day, as one sum.
 * Computed from the account's taker rate, for neither is told who was maker: of an order that rested it is more than was charged.
 */
export const feeOf = (
  {
    side,
    quantity,
    price,
  }: { readonly side: 'buy' | 'sell'; readonly quantity: DecimalString; readonly price: DecimalString },
  venueSymbol: string,
  taker: DecimalString,
): { readonly amount: DecimalString; readonly currency: string } => {
  const [base = '', quote = ''] = venueSymbol.split('/');
  const credited = side === 'buy' ? decimal(quantity) : decimal(quantity).times(decimal(price));
  return {
    amount: ceilTo(credited.times(decimal(taker)), FEE_GRID).toFixed(),
    currency: side === 'buy' ? base : quote,
  };
};
