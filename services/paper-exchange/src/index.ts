export { CannotStart, startPaperExchange, type PaperExchange, type PaperExchangeOptions } from './paper-exchange.js';
export { VENUES, type VenueName } from './core/venue.js';
export type { LedgerFill, LedgerRow } from './core/ledger.js';
export type { FaultName, FaultRequest } from './core/fault.js';
