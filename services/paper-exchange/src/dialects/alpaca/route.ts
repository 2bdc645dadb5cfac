import type { Customer } from '../../core/customer.js';
import type { Exchange } from '../../core/exchange.js';
import type { FaultRequest } from '../../core/fault.js';
import type { Instrument } from '../../core/instrument.js';
import type { VenueReply } from '../dialect.js';
import type { PathParameters } from '../routes.js';
import { inOneWord } from './format.js';

export type Parameters = ReadonlyMap<string, string>;

/** One endpoint. An answer that is no `VenueReply` of its own is sent as JSON with 200. */
export type Route =
  | { readonly isPublic: true; readonly answer: (context: PublicContext) => unknown }
  | { readonly isPublic?: false; readonly answer: (context: SignedContext) => unknown };

export interface PublicContext {
  readonly exchange: Exchange;
  readonly parameters: Parameters;
}

export interface SignedContext extends PublicContext {
  readonly customer: Customer;
  readonly path: PathParameters;
  readonly fault: FaultRequest | undefined;
}

/** An answer with a status of its own, without content. */
export class NoContent {
  readonly reply: VenueReply = { status: 204, body: '' };
}

/** `BTC/USD`, or `BTCUSD` as it was written before 2022. */
export const instrumentNamed = (exchange: Exchange, symbol: string): Instrument | undefined =>
  exchange.instrument(symbol) ??
  [...exchange.state.instruments.values()].find((known) => inOneWord(known.symbol) === symbol);

/** A parameter's text, `undefined` where it is absent or empty. */
export const given = (parameters: Parameters, name: string): string | undefined => {
  const value = parameters.get(name);
  return value === '' ? undefined : value;
};
