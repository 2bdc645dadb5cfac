import type { Customer } from '../../core/customer.js';
import type { Exchange } from '../../core/exchange.js';
import type { FaultRequest } from '../../core/fault.js';
import type { Instrument } from '../../core/instrument.js';
import { errors } from './errors.js';
import { isNamed } from './names.js';
import type { Parameters } from './parameters.js';

export type Route = PublicRoute | PrivateRoute;

export interface PublicRoute {
  readonly signed: false;
  readonly answer: (context: PublicContext) => unknown;
}

export interface PrivateRoute {
  readonly signed: true;
  readonly answer: (context: PrivateContext) => unknown;
  /** Notes in the ledger an order that came out of turn. */
  readonly note?: (context: PrivateContext, refusedWith: string) => void;
}

export interface PublicContext {
  readonly exchange: Exchange;
  readonly parameters: Parameters;
}

export interface PrivateContext extends PublicContext {
  readonly customer: Customer;
  readonly fault: FaultRequest | undefined;
}

export const instrumentNamed = ({ exchange }: PublicContext, name: string): Instrument => {
  const instrument = [...exchange.state.instruments.values()].find((one) => isNamed(one, name));
  if (instrument === undefined) throw errors.unknownPair();
  return instrument;
};

export const instrumentAsked = (context: PublicContext): Instrument =>
  instrumentNamed(context, context.parameters.required('pair'));

/** `pair`, a list with commas, or without it all. */
export const instrumentsAsked = (context: PublicContext): readonly Instrument[] => {
  const names = context.parameters.list('pair');
  return names.length === 0
    ? [...context.exchange.state.instruments.values()]
    : names.map((name) => instrumentNamed(context, name));
};
