import type { Customer } from '../../core/customer.js';
import type { Exchange } from '../../core/exchange.js';
import type { FaultRequest } from '../../core/fault.js';
import type { Instrument } from '../../core/instrument.js';
import { errors, type KucoinError } from './errors.js';
import type { Parameters } from './parameters.js';

/** One endpoint: what its `data` holds. */
export type Route = PublicRoute | SignedRoute;

export interface PublicRoute {
  readonly signed: false;
  readonly answer: (context: PublicContext) => unknown;
}

export interface SignedRoute {
  readonly signed: true;
  readonly answer: (context: SignedContext) => unknown;
  /** Notes in the ledger an order that came at the wrong time. */
  readonly noteLate?: (context: SignedContext, error: KucoinError) => void;
}

export interface PublicContext {
  readonly exchange: Exchange;
  readonly parameters: Parameters;
}

export interface SignedContext extends PublicContext {
  readonly customer: Customer;
  readonly fault: FaultRequest | undefined;
  /** The time that the request is signed with. */
  readonly timestamp: string;
}

export const instrumentOf = ({ exchange, parameters }: PublicContext): Instrument => {
  const instrument = exchange.instrument(parameters.required('symbol'));
  if (instrument === undefined) throw errors.badSymbol();
  return instrument;
};
