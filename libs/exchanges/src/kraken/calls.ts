import type { AccountCalls } from '../ccxt/account-calls.js';

/** One account's calls at Kraken, by ccxt's names of the endpoints. */
export const CALLS = {
  place: 'privatePostAddOrder',
  cancel: 'privatePostCancelOrder',
  amend: 'privatePostAmendOrder',
  order: 'privatePostQueryOrders',
  open: 'privatePostOpenOrders',
  closed: 'privatePostClosedOrders',
  trades: 'privatePostQueryTrades',
  history: 'privatePostTradesHistory',
  balances: 'privatePostBalanceEx',
  fees: 'privatePostTradeVolume',
} as const;

export type KrakenCalls = AccountCalls<keyof typeof CALLS>;
