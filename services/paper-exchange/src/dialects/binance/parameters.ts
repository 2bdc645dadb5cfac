import { decimal, plain } from '@switchyard/money';
import { readParameters } from '../parameters.js';
import { errors } from './errors.js';

const DECIMAL = /^([0-9]{1,20})(\.[0-9]{1,20})?$/;
const INTEGER = /^[0-9]{1,20}$/;

/** A request's parameters, from query and body together, each parsed or refused with Binance's words. */
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
    if (value === undefined) throw errors.missing(name);
    return value;
  }

  /** A decimal of at most eight places, in its shortest form. */
  decimal(name: string): string | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    const parts = DECIMAL.exec(value);
    if (parts === null) throw errors.illegal(name, '^([0-9]{1,20})(\\.[0-9]{1,20})?$');
    if ((parts[2]?.replace(/0+$/, '').length ?? 0) > 9) throw errors.tooPrecise(name);
    return plain(decimal(value));
  }

  integer(name: string): number | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    if (!INTEGER.test(value)) throw errors.illegal(name, '^[0-9]{1,20}$');
    return Number(value);
  }

  /** A page size, cut to the most that Binance gives. */
  limit(standard: number, most: number): number {
    return Math.max(1, Math.min(this.integer('limit') ?? standard, most));
  }
}
