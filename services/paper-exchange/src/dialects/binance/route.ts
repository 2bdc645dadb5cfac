import type { Customer } from '../../core/customer.js';
import type { Exchange } from '../../core/exchange.js';
import type { FaultRequest } from '../../core/fault.js';
import type { Instrument } from '../../core/instrument.js';
import type { BinanceError } from './errors.js';
import { errors } from './errors.js';
import type { Parameters } from './parameters.js';

/** One endpoint: what it weighs against the IP's budget, and what it answers. */
export type Route = PublicRoute | SignedRoute;

export interface PublicRoute {
  readonly weight: number | ((parameters: Parameters) => number);
  readonly signed: false;
  readonly answer: (context: PublicContext) => unknown;
}

export interface SignedRoute {
  readonly weight: number;
  readonly signed: true;
  readonly answer: (context: SignedContext) => unknown;
  /** Notes in the ledger an order that came at the wrong time. */
  readonly noteLate?: (context: SignedContext, error: BinanceError) => void;
}

export interface PublicContext {
  readonly exchange: Exchange;
  readonly parameters: Parameters;
}

export interface SignedContext extends PublicContext {
  readonly customer: Customer;
  readonly fault: FaultRequest | undefined;
}

export const instrumentOf = ({ exchange, parameters }: PublicContext, name = 'symbol'): Instrument => {
  const instrument = exchange.instrument(parameters.required(name));
  if (instrument === undefined) throw errors.badSymbol();
  return instrument;
};

/** `symbol`, `symbols` (a JSON array) or, without either, all. */
export const instrumentsAsked = ({ exchange, parameters }: PublicContext): readonly Instrument[] => {
  const list = parameters.text('symbols');
  if (list === undefined && parameters.text('symbol') === undefined) return [...exchange.state.instruments.values()];
  if (list === undefined) return [instrumentOf({ exchange, parameters })];
  let names: unknown;
  try {
    names = JSON.parse(list);
  } catch {
    throw errors.illegal('symbols', '^\\["[A-Z0-9]{1,20}"(,"[A-Z0-9]{1,20}")*\\]$');
  }
  if (!Array.isArray(names)) throw errors.missing('symbols');
  return names.map((name: unknown) => {
    const instrument = typeof name === 'string' ? exchange.instrument(name) : undefined;
    if (instrument === undefined) throw errors.badSymbol();
    return instrument;
  });
};
