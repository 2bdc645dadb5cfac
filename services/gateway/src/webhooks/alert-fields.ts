import type { BadField } from '@switchyard/contracts';

/** One thing an alert says, under the name that its author gave it. */
export interface AlertField {
  readonly name: string;
  /** A text; from JSON also what stands there, numbers as `JsonNumber`. */
  readonly value: unknown;
}

/** What an alert says: fields by their plain names (`plainName`), and the words of a sentence. */
export interface Alert {
  readonly fields: ReadonlyMap<string, AlertField>;
  readonly words: readonly string[];
  /** The sentence, where it is one; else undefined. */
  readonly sentence: string | undefined;
}

export type AlertReading =
  { readonly ok: true; readonly alert: Alert } | { readonly ok: false; readonly errors: readonly BadField[] };

/** A number of JSON as it was written: a price never becomes a binary float on its way (G7). */
export class JsonNumber {
  constructor(readonly text: string) {}
}

/** `Stop_Loss`, `stop loss` and `stopLoss` are one name. */
export const plainName = (name: string): string => name.toLowerCase().replaceAll(/[^a-z0-9]/g, '');

const MOST_FIELDS = 200;
const LONGEST_SENTENCE = 2_000;

/**
 * The text of an alert, in the forms that people use:
 *
 * - a JSON object;
 * - `KEY=VALUE` or `key: value`, with semicolons, bars or line ends between them;
 * - a sentence: `BUY BTCUSD q=0.01 sl=63000`, `EXIT LONG BINANCE:BTCUSDT`, and what TradingView writes itself for an order of a strategy
 *   (`... order buy @ 0.01 filled on BTCUSD. New strategy position is 0.01`).
 *
 * Never throws; the time it takes grows with the length of the text alone.
 *
 * @param isKnown whether a plain name is one that means something here: `stop loss: 63000` is a field, `my idea: buy` is not
 */
export const readAlert = (text: string, isKnown: (name: string) => boolean): AlertReading => {
  const trimmed = text.replace(/^\uFEFF/, '').trim();
  if (trimmed === '') return bad('', 'is empty: the alert needs a message');
  if (trimmed.startsWith('{')) return readJson(trimmed);
  if (trimmed.startsWith('[')) return bad('', 'must be one alert, not a list');
  return readText(trimmed, isKnown);
};

const bad = (path: string, problem: string): AlertReading => ({ ok: false, errors: [{ path, problem }] });

interface Source {
  readonly source?: string;
}

const readJson = (text: string): AlertReading => {
  let parsed: unknown;
  try {
    // The third argument holds the text that was parsed.
    const keepNumbers = (_key: string, value: unknown, context?: Source): unknown =>
      typeof value === 'number' ? new JsonNumber(context?.source ?? String(value)) : value;
    parsed = JSON.parse(text, keepNumbers);
  } catch {
    return bad('', 'is not valid JSON: put quotes around every placeholder, such as "price": "{{close}}"');
  }
  const sent = Object.entries(parsed as Readonly<Record<string, unknown>>);
  const fields = new Map<string, AlertField>();
  const errors: BadField[] = [];
  for (const [name, value] of sent) {
    if (value === null || value === '') continue;
    add({ name, value }, fields, errors);
  }
  return settled(fields, [], undefined, errors);
};

/** TradingView's own message for an order of a strategy. */
const ORDER_FILLED = /\border (buy|sell) @ (\S+) filled on (\S+?)\. New strategy position is (\S+)$/i;

const readText = (text: string, isKnown: (name: string) => boolean): AlertReading => {
  const fields = new Map<string, AlertField>();
  const errors: BadField[] = [];
  const words: string[] = [];
  const [, action, contracts, ticker, position] = ORDER_FILLED.exec(text) ?? [];
  if (action !== undefined) {
    const said = { action, contracts, ticker, positionSize: position };
    for (const [name, value] of Object.entries(said)) add({ name, value }, fields, errors);
    return settled(fields, [], sentenceOf(text), errors);
  }
  for (const part of text.split(/[;\n\r|]/)) {
    const segment = part.trim();
    if (segment === '') continue;
    const field = fieldOf(segment, isKnown);
    if (field === undefined) {
      // One by one: a call can't take as many arguments as a hostile text has words.
      // A comma parts words, and not the digits of a number.
      for (const word of segment.split(/,?\s+|,(?!\d)|,$/)) if (word !== '') words.push(word);
    } else if (field.value !== '') add(field, fields, errors);
  }
  const rest = inline(words, fields, errors);
  for (const word of rest) {
    if (BARE_NUMBER.test(word))
      errors.push({ path: '', problem: `${word} could be anything: say what it is, such as quantity=${word}` });
    if (TURNS_ROUND.test(word)) errors.push({ path: '', problem: `"${word}" may mean that nothing is to be traded` });
  }
  return settled(fields, rest, words.length === 0 ? undefined : sentenceOf(text), errors);
};

const BARE_NUMBER = /^[-+$]?\d[\d.,]{0,40}%?$/;
const TURNS_ROUND = /^(no|not|never|don['’]?t|cancel|cancell?ed|skip|skipped|ignore|ignored|failed|rejected)$/i;

const sentenceOf = (text: string): string => text.slice(0, LONGEST_SENTENCE).toWellFormed().replaceAll('\0', '');

const KEY = /^[A-Za-z][A-Za-z0-9 _.-]{0,63}$/;

/** `KEY=VALUE` or `key: value`; a name of several words must be one that is known, else it is a sentence. */
const fieldOf = (segment: string, isKnown: (name: string) => boolean): (AlertField & { value: string }) | undefined => {
  const at = segment.search(/[=:]/);
  if (at < 1) return undefined;
  const name = segment.slice(0, at).trim();
  if (!KEY.test(name)) return undefined;
  const rest = segment.slice(at + 1);
  // BINANCE:BTCUSDT is a symbol, and so may anything be that a chart is named after.
  const symbol = segment[at] === ':' && rest !== '' && !/^\s/.test(rest);
  if (!isKnown(plainName(name)) && (symbol || name.includes(' '))) return undefined;
  const value = rest.trim();
  const quoted = /^"([^"]*)"$/.exec(value)?.[1] ?? /^'([^']*)'$/.exec(value)?.[1];
  return { name, value: quoted ?? value };
};

/** `q=0.01` within a sentence, `@ 64000`, and `sl 63000`: fields. What remains are words. */
const inline = (words: readonly string[], fields: Map<string, AlertField>, errors: BadField[]): readonly string[] => {
  const rest: string[] = [];
  const leaves = words.some((word) => /^(exit|close|flat)/i.test(word));
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? '';
    const next = words[i + 1] ?? '';
    const equals = word.indexOf('=');
    const glued = /^@(\d\S*)$/.exec(word)?.[1];
    if (equals > 0) add({ name: word.slice(0, equals), value: word.slice(equals + 1) }, fields, errors);
    else if (glued !== undefined) add({ name: 'price', value: glued }, fields, errors);
    else if (/^(@|at|price)$/i.test(word) && /^\d/.test(next))
      add({ name: 'price', value: words[++i] }, fields, errors);
    else if (/^(sl|tp)$/i.test(word) && /^\d/.test(next)) {
      // Whoever leaves says at which stop; whoever enters says where it will be.
      if (leaves) rest.push(word);
      add({ name: leaves ? 'exitPrice' : word, value: words[++i] }, fields, errors);
    } else rest.push(word);
  }
  return rest;
};

const add = (field: AlertField, fields: Map<string, AlertField>, errors: BadField[]): void => {
  const plain = plainName(field.name);
  const before = fields.get(plain);
  if (before !== undefined)
    errors.push({ path: field.name, problem: `is given twice, the first time as ${before.name}` });
  else fields.set(plain, field);
};

const settled = (
  fields: ReadonlyMap<string, AlertField>,
  words: readonly string[],
  sentence: string | undefined,
  errors: readonly BadField[],
): AlertReading => {
  if (fields.size > MOST_FIELDS || words.length > MOST_FIELDS)
    return bad('', `must not hold more than ${MOST_FIELDS} fields or words`);
  const unfilled = [...fields.values()].flatMap(({ name, value }) =>
    typeof value === 'string' && value.includes('{{')
      ? [
          {
            path: name,
            problem: 'was not filled in by TradingView: placeholders of strategies work in their alerts only',
          },
        ]
      : [],
  );
  const all = [...errors, ...unfilled, ...(words.some((word) => word.includes('{{')) ? [UNFILLED_WORD] : [])];
  return all.length > 0 ? { ok: false, errors: all.slice(0, 50) } : { ok: true, alert: { fields, words, sentence } };
};

const UNFILLED_WORD = { path: '', problem: 'holds a placeholder that TradingView did not fill in' };
