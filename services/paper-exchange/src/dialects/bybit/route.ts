import type { Customer } from '../../core/customer.js';
import type { Exchange } from '../../core/exchange.js';
import type { FaultRequest } from '../../core/fault.js';
import type { Instrument } from '../../core/instrument.js';
import { errors, type BybitError } from './errors.js';
import type { Parameters } from './parameters.js';

/** One endpoint and its `result`. */
export type Route = PublicRoute | SignedRoute;

export interface PublicRoute {
  readonly signed: false;
  readonly answer: (context: PublicContext) => unknown;
}

export interface SignedRoute {
  readonly signed: true;
  readonly answer: (context: SignedContext) => unknown;
  /** Notes in the ledger an order that came at the wrong time. */
  readonly noteLate?: (context: SignedContext, error: BybitError) => void;
}

export interface PublicContext {
  readonly exchange: Exchange;
  readonly parameters: Parameters;
}

export interface SignedContext extends PublicContext {
  readonly customer: Customer;
  readonly fault: FaultRequest | undefined;
}

/** Spot is all there is here. */
export const requireSpot = ({ parameters }: PublicContext): void => {
  if (parameters.text('category') !== 'spot') throw errors.illegalCategory();
};

export const instrumentOf = (context: PublicContext): Instrument => {
  requireSpot(context);
  const { exchange, parameters } = context;
  const instrument = exchange.instrument(parameters.required('symbol'));
  if (instrument === undefined) throw errors.badSymbol();
  return instrument;
};

/** The one that was named, or all. */
export const instrumentsAsked = (context: PublicContext): readonly Instrument[] => {
  requireSpot(context);
  if (context.parameters.text('symbol') !== undefined) return [instrumentOf(context)];
  return [...context.exchange.state.instruments.values()];
};
