import type { Customer } from '../../core/customer.js';
import type { Exchange } from '../../core/exchange.js';
import type { FaultRequest } from '../../core/fault.js';
import type { Instrument } from '../../core/instrument.js';
import { errors, type OkxError } from './errors.js';
import type { Parameters } from './parameters.js';

/** One endpoint: what it answers, as the rows of `data`. */
export type Route = PublicRoute | SignedRoute;

export interface PublicRoute {
  readonly signed: false;
  readonly answer: (context: PublicContext) => readonly unknown[];
}

export interface SignedRoute {
  readonly signed: true;
  readonly answer: (context: SignedContext) => readonly unknown[];
  /** Whether the answer tells when the gateway had the request and when it let it go (`inTime`, `outTime`). */
  readonly timed?: true;
  /** Whether the request may carry an expiry of its own (`expTime`). */
  readonly mayExpire?: true;
  /** Notes in the ledger an order that came at the wrong time. */
  readonly noteLate?: (context: SignedContext, error: OkxError) => void;
}

export interface PublicContext {
  readonly exchange: Exchange;
  readonly parameters: Parameters;
}

export interface SignedContext extends PublicContext {
  readonly customer: Customer;
  readonly fault: FaultRequest | undefined;
}

export const instrumentOf = ({ exchange, parameters }: PublicContext): Instrument => {
  const instrument = exchange.instrument(parameters.required('instId'));
  if (instrument === undefined) throw errors.badSymbol();
  return instrument;
};

const MARKETS = ['SPOT', 'MARGIN', 'SWAP', 'FUTURES', 'OPTION'] as const;

/** Whether a question is about spot: of the other markets there is nothing here. */
export const asksSpot = ({ parameters }: PublicContext): boolean =>
  (parameters.oneOf('instType', MARKETS) ?? 'SPOT') === 'SPOT';
