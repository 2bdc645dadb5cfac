import { decimal, isDecimalString, plain } from '@switchyard/money';
import type { VenueRequest } from '../dialect.js';
import { errors } from './errors.js';

type Members = Readonly<Record<string, unknown>>;

/** What a request asks for: its query, where names may come more than once, and its JSON body. */
export class Asked {
  readonly #query: URLSearchParams;
  readonly #body: Members;

  constructor({ query, body }: Pick<VenueRequest, 'query' | 'body'>) {
    this.#query = new URLSearchParams(query);
    this.#body = bodyOf(body);
  }

  /** A member of the body. */
  member(name: string): unknown {
    return this.#body[name];
  }

  /** A text in the body, or `undefined`. */
  said(name: string): string | undefined {
    const value = this.#body[name];
    return typeof value === 'string' && value !== '' ? value : undefined;
  }

  /** A parameter of the query, or `undefined`. */
  text(name: string): string | undefined {
    const value = this.#query.get(name);
    return value === null || value === '' ? undefined : value;
  }

  /** All values of any of these names, `undefined` where there is none: newer parts of the API have lists where older ones had one. */
  texts(...names: readonly string[]): readonly string[] | undefined {
    const values = names.flatMap((name) => this.#query.getAll(name)).filter((value) => value !== '');
    return values.length === 0 ? undefined : values;
  }

  /** A moment in RFC 3339, as milliseconds. */
  moment(name: string): number | undefined {
    const value = this.text(name);
    const at = value === undefined ? undefined : Date.parse(value);
    if (Number.isNaN(at)) throw errors.invalid(`${name} is not a valid timestamp`);
    return at;
  }

  /** Seconds since the epoch, as milliseconds. */
  seconds(name: string): number | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    if (!/^\d{1,12}$/.test(value)) throw errors.invalid(`${name} is not a valid timestamp`);
    return Number(value) * 1_000;
  }

  /** A page size, cut to the most that is given. */
  limit(standard: number, most: number): number {
    const value = this.text('limit');
    if (value !== undefined && !/^\d{1,9}$/.test(value)) throw errors.invalid('limit is invalid');
    return Math.max(1, Math.min(Number(value ?? standard), most));
  }
}

const bodyOf = (body: string): Members => {
  if (body.trim() === '') return {};
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    throw errors.invalid('invalid JSON');
  }
  return membersOf(value) ?? {};
};

/** An object's members; `undefined` for anything else. */
export const membersOf = (value: unknown): Members | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Members) : undefined;

/** A decimal in a configuration, in its shortest form; `undefined` where it is absent. Numbers are taken as JSON writes them. */
export const decimalIn = (members: Members, name: string): string | undefined => {
  const value = members[name];
  if (value === undefined || value === null || value === '') return undefined;
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  if (!isDecimalString(text) || text.startsWith('-')) throw errors.badConfiguration(`${name} is not a number`);
  return plain(decimal(text));
};
