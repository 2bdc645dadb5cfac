import { decimal, isDecimalString, plain } from '@switchyard/money';
import { readParameters } from '../parameters.js';
import { errors } from './errors.js';

const MAX_LENGTH = 40;

/** A request's parameters, from query, form or JSON, each parsed or refused with Kraken's words. */
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
    if (value === undefined) throw errors.argument(name);
    return value;
  }

  flag(name: string): boolean {
    const value = this.text(name);
    return value === 'true' || value === '1';
  }

  /** A positive decimal in its shortest form. */
  decimal(name: string): string | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    if (value.length > MAX_LENGTH || !isDecimalString(value) || value.startsWith('-')) throw errors.argument(name);
    return plain(decimal(value));
  }

  /** Whole or with a fraction, as times are. */
  number(name: string): number | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    if (!/^\d{1,19}(\.\d{1,9})?$/.test(value)) throw errors.argument(name);
    return Number(value);
  }

  integer(name: string): number | undefined {
    const value = this.number(name);
    if (value !== undefined && !Number.isSafeInteger(value)) throw errors.argument(name);
    return value;
  }

  list(name: string): readonly string[] {
    const value = this.text(name);
    return value === undefined ? [] : value.split(',').map((item) => item.trim());
  }
}
