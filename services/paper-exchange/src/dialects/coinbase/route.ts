import type { Customer } from '../../core/customer.js';
import type { Exchange } from '../../core/exchange.js';
import type { FaultRequest } from '../../core/fault.js';
import type { Instrument } from '../../core/instrument.js';
import type { PathParameters } from '../routes.js';
import type { Asked } from './asked.js';
import { errors } from './errors.js';

/** One endpoint: what it answers to anyone, or to a customer. */
export type Route =
  | { readonly signed: false; readonly answer: (context: PublicContext) => unknown }
  | { readonly signed: true; readonly answer: (context: SignedContext) => unknown };

export interface PublicContext {
  readonly exchange: Exchange;
  readonly asked: Asked;
  readonly path: PathParameters;
}

export interface SignedContext extends PublicContext {
  readonly customer: Customer;
  readonly fault: FaultRequest | undefined;
}

/** The product that the path or the query names. */
export const productOf = ({ exchange, asked, path }: PublicContext): Instrument => {
  const name = path['product_id'] ?? asked.text('product_id');
  if (name === undefined) throw errors.invalid('product_id must be provided');
  const instrument = exchange.instrument(name);
  if (instrument === undefined) throw errors.unknownProduct();
  return instrument;
};

/** `product_ids`, or without them all. */
export const productsOf = ({ exchange, asked }: PublicContext): readonly Instrument[] => {
  const all = [...exchange.state.instruments.values()];
  const names = asked.texts('product_ids', 'product_id');
  return names === undefined ? all : all.filter(({ symbol }) => names.includes(symbol));
};

/** One page of rows, newest first, and where the next begins: behind the last one's number. */
export const pageOf = <T>(
  rows: readonly T[],
  numberOf: (row: T) => number,
  { asked, most }: { readonly asked: Asked; readonly most: number },
): { readonly rows: readonly T[]; readonly cursor: string; readonly hasNext: boolean } => {
  const behind = asked.text('cursor');
  if (behind !== undefined && !/^\d{1,15}$/.test(behind)) throw errors.invalid('cursor is invalid');
  const left = behind === undefined ? rows : rows.filter((row) => numberOf(row) < Number(behind));
  const page = left.slice(0, asked.limit(100, most));
  const hasNext = page.length < left.length;
  const last = page.at(-1);
  return { rows: page, hasNext, cursor: hasNext && last !== undefined ? String(numberOf(last)) : '' };
};
