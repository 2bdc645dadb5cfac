import { decimal, isDecimalString, plain, ZERO } from '@switchyard/money';
import { readParameters } from '../parameters.js';
import type { PathParameters } from '../routes.js';
import { errors } from './errors.js';

const INTEGER = /^[0-9]{1,16}$/;

/** A request's parameters, from its path, its query or its JSON body, each parsed or refused with KuCoin's code for it. */
export class Parameters {
  readonly #values: ReadonlyMap<string, string>;

  constructor(query: string, body: string, path: PathParameters = {}) {
    this.#values = new Map([...readParameters(query, body), ...Object.entries(path)]);
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

  /** A positive decimal, in its shortest form. */
  decimal(name: string): string | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    if (!isDecimalString(value) || decimal(value).lte(ZERO)) throw errors.bad(name);
    return plain(decimal(value));
  }

  integer(name: string): number | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    if (!INTEGER.test(value)) throw errors.bad(name);
    return Number(value);
  }

  /** A page size of at most what KuCoin gives. */
  limit(standard: number, most: number): number {
    const value = this.integer('limit') ?? standard;
    if (value < 1 || value > most) throw errors.bad('limit');
    return value;
  }

  flag(name: string): boolean {
    return this.oneOf(name, ['true', 'false']) === 'true';
  }

  /** A text out of a closed list. */
  oneOf<Word extends string>(name: string, words: readonly Word[]): Word | undefined {
    const value = this.text(name);
    const word = words.find((known) => known === value);
    if (value !== undefined && word === undefined) throw errors.bad(name);
    return word;
  }
}
