import { decimal, plain, ZERO } from '@switchyard/money';
import { readParameters } from '../parameters.js';
import { errors } from './errors.js';

const DECIMAL = /^[0-9]{1,20}(\.[0-9]{1,20})?$/;
const INTEGER = /^[0-9]{1,16}$/;

/** A request's parameters, out of the query or the JSON body, each parsed or refused with Bybit's words. */
export class Parameters {
  readonly #values: ReadonlyMap<string, string>;

  constructor(query: string, body: string) {
    this.#values = readParameters(query, body);
  }

  /** The text, or `undefined` where it is absent or empty. */
  text(name: string): string | undefined {
    const value = this.#values.get(name);
    return value === '' ? undefined : value;
  }

  required(name: string): string {
    const value = this.text(name);
    if (value === undefined) throw errors.empty(name);
    return value;
  }

  /** A positive decimal in its shortest form. */
  decimal(name: string): string | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    if (!DECIMAL.test(value) || decimal(value).eq(ZERO)) throw errors.invalid(name);
    return plain(decimal(value));
  }

  integer(name: string): number | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    if (!INTEGER.test(value)) throw errors.badParameter(name);
    return Number(value);
  }

  /** A page size. */
  limit(standard: number, most: number): number {
    const limit = this.integer('limit') ?? standard;
    if (limit < 1) throw errors.badParameter('limit');
    return Math.min(limit, most);
  }
}
