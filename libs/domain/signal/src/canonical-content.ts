import { isDecimalString } from '@switchyard/money';
import type { Signal } from '@switchyard/model';

/**
 * What was sent, in the one form that the content hash is taken of: two spellings of the same signal are the same text.
 *
 * 1. Keys are sorted at every depth; null and absent are the same.
 * 2. Decimals lose their trailing zeros, times become RFC 3339 in UTC with milliseconds.
 * 3. A list or an object that holds nothing is absent: protobuf can't tell the two apart. Metadata is the sender's own and keeps its empties.
 * 4. Fields the door filled in (`defaulted`), and that list itself, are left out, so that a retry without them is the same signal.
 */
export const canonicalContent = (signal: Signal): string => {
  const { defaulted } = signal;
  let text = '';
  for (const [field, label, write] of FIELDS) {
    const value: unknown = signal[field];
    if (value === undefined || value === null || defaulted?.includes(field) === true) continue;
    const written = write(value as never);
    if (written !== undefined) text += `${text === '' ? '' : ','}${label}${written}`;
  }
  return `{${text}}`;
};

type Writer = (value: never) => string | undefined;

const quoted = (text: string): string => JSON.stringify(text);
const plainly = (value: boolean | number): string => JSON.stringify(value);
const decimally = (text: string): string => quoted(canonicalDecimal(text));
const timely = (text: string): string => quoted(canonicalTime(text));
const sizely = (size: NonNullable<Signal['size']>): string | undefined => {
  if ('quote' in size) return `{"quote":${decimally(size.quote)}}`;
  if ('base' in size) return `{"base":${decimally(size.base)}}`;
  return sorted(size, false);
};
const decimals = ({ base, quote }: NonNullable<Signal['maxSize']>): string | undefined => {
  const parts = [
    ...(base === undefined ? [] : [`"base":${decimally(base)}`]),
    ...(quote === undefined ? [] : [`"quote":${decimally(quote)}`]),
  ];
  return parts.length === 0 ? undefined : `{${parts.join(',')}}`;
};
const listing = (value: object): string | undefined => sorted(value, false);
const noted = (value: object): string | undefined => sorted(value, true);

/** How each field is written. A field of the contract that is missing here does not compile. */
const WRITERS = {
  accountId: quoted,
  confidence: plainly,
  confluenceScore: plainly,
  copyOf: quoted,
  displayQuantity: decimally,
  entryPrice: decimally,
  execution: listing,
  expireAt: timely,
  generatedAt: timely,
  limitPrice: decimally,
  maxSize: decimals,
  metadata: noted,
  mode: quoted,
  orderType: quoted,
  pair: quoted,
  postOnly: plainly,
  reduceOnly: plainly,
  side: quoted,
  signalId: quoted,
  signalType: quoted,
  size: sizely,
  stopLoss: decimally,
  stopPrice: decimally,
  strategy: quoted,
  strategyId: quoted,
  strength: plainly,
  takeProfit: decimally,
  timeInForce: quoted,
  tradeId: quoted,
  userId: quoted,
  venues: listing,
} as const satisfies Record<Exclude<keyof Signal, 'defaulted'>, Writer>;

const FIELDS = (Object.keys(WRITERS) as (keyof typeof WRITERS)[])
  .sort()
  .map((field) => [field, `${quoted(field)}:`, WRITERS[field] as Writer] as const);

const canonicalDecimal = (text: string): string => {
  if (!text.includes('.') || !isDecimalString(text)) return text === '-0' ? '0' : text;
  const shortest = text.replace(/\.?0+$/, '');
  return shortest === '-0' ? '0' : shortest;
};

const CANONICAL_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

const canonicalTime = (text: string): string => {
  if (CANONICAL_TIME.test(text)) return text;
  const at = new Date(text);
  return Number.isNaN(at.getTime()) ? text : at.toISOString();
};

/** JSON with sorted keys at every depth; undefined where nothing is left to write. */
const sorted = (value: unknown, keepEmpty: boolean): string | undefined => {
  if (value === null || value === undefined) return undefined;
  if (typeof value !== 'object') return JSON.stringify(value);
  if (Array.isArray(value)) {
    if (value.length === 0 && !keepEmpty) return undefined;
    return `[${value.map((item: unknown) => sorted(item, keepEmpty) ?? 'null').join(',')}]`;
  }
  const fields = value as Readonly<Record<string, unknown>>;
  let text = '';
  for (const key of Object.keys(fields).sort()) {
    const written = sorted(fields[key], keepEmpty);
    if (written !== undefined) text += `${text === '' ? '' : ','}${quoted(key)}:${written}`;
  }
  return text === '' && !keepEmpty ? undefined : `{${text}}`;
};
