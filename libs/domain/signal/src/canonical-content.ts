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
  const { defaulted, ...sent } = signal;
  const content: Record<string, unknown> = { ...sent };
  for (const field of DECIMAL_FIELDS) content[field] = canonicalDecimal(sent[field]);
  for (const field of TIME_FIELDS) content[field] = canonicalTime(sent[field]);
  content['size'] = canonicalSize(sent.size);
  for (const field of defaulted ?? []) content[field] = undefined;
  return write(content, false) ?? '{}';
};

const DECIMAL_FIELDS = ['entryPrice', 'stopLoss', 'takeProfit', 'limitPrice', 'stopPrice', 'displayQuantity'] as const;
const TIME_FIELDS = ['generatedAt', 'expireAt'] as const;

const canonicalDecimal = (text: string | null | undefined): string | undefined => {
  if (text === undefined || text === null) return undefined;
  if (!isDecimalString(text)) return text;
  const shortest = text.includes('.') ? text.replace(/\.?0+$/, '') : text;
  return shortest === '-0' ? '0' : shortest;
};

const CANONICAL_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

const canonicalTime = (text: string | null | undefined): string | undefined => {
  if (text === undefined || text === null || CANONICAL_TIME.test(text)) return text ?? undefined;
  const at = new Date(text);
  return Number.isNaN(at.getTime()) ? text : at.toISOString();
};

const canonicalSize = (size: Signal['size'] | null): unknown => {
  if (size === undefined || size === null) return undefined;
  if ('quote' in size) return { quote: canonicalDecimal(size.quote) };
  if ('base' in size) return { base: canonicalDecimal(size.base) };
  return size;
};

/** JSON with sorted keys; undefined where nothing is left to write. */
const write = (value: unknown, keepEmpty: boolean): string | undefined => {
  if (value === null || value === undefined) return undefined;
  if (typeof value !== 'object') return JSON.stringify(value);
  if (Array.isArray(value)) {
    if (value.length === 0 && !keepEmpty) return undefined;
    return `[${value.map((item: unknown) => write(item, keepEmpty) ?? 'null').join(',')}]`;
  }
  const fields = Object.entries(value);
  fields.sort(([one], [other]) => (one < other ? -1 : 1));
  let text = '';
  for (const [key, item] of fields) {
    const written = write(item, keepEmpty || key === 'metadata');
    if (written !== undefined) text += `${text === '' ? '' : ','}${JSON.stringify(key)}:${written}`;
  }
  return text === '' && !keepEmpty ? undefined : `{${text}}`;
};
