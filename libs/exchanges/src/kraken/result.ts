import { fields, Nonsense, type Fields } from '../ccxt/fields.js';

/** What an answer without errors is about. */
export const resultOf = (value: unknown): Fields => fields(fields(value, 'answer')['result'], 'result');

/** The only entry of a result that names one thing, whatever name it has there. */
export const onlyEntry = (of: Fields): readonly [name: string, value: unknown] => {
  const [entry, ...more] = Object.entries(of);
  if (entry === undefined || more.length > 0) throw new Nonsense('the result is not about one thing');
  return entry;
};
