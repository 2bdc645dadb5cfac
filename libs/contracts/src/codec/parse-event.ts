import type { z } from 'zod';
import { EVENTS, type EventOf, type EventType } from '../topics.js';
import { withoutNulls } from './nulls.js';

/** One bad field: `{path: 'venues.prefer[0]', problem: 'must be a venue in lower case, such as "kraken"'}`. */
export interface BadField {
  /** Empty where the value as a whole is not what it should be. */
  readonly path: string;
  readonly problem: string;
}

export type ParsedEvent<T extends EventType> =
  | { readonly ok: true; readonly value: EventOf<T> }
  | { readonly ok: false; readonly problems: readonly [BadField, ...BadField[]] };

const KINDS: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  tuple: 'a list',
  object: 'an object',
  record: 'an object',
};

const units = (origin: string): string =>
  origin === 'string' ? ' characters' : origin === 'array' || origin === 'tuple' ? ' entries' : '';

/** Sentences for what the schemas don't word themselves. They quote limits and allowed values, never what was sent. */
const describe: z.core.$ZodErrorMap = (issue) => {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined ? 'is required' : `must be ${KINDS[issue.expected] ?? issue.expected}`;
    case 'invalid_value':
      return issue.input === undefined
        ? 'is required'
        : `must be ${issue.values.length > 1 ? 'one of ' : ''}${issue.values.map((value) => JSON.stringify(value)).join(', ')}`;
    case 'too_small': {
      const least = `${issue.minimum}${units(issue.origin)}`;
      return issue.inclusive === false ? `must be more than ${least}` : `must be at least ${least}`;
    }
    case 'too_big': {
      const most = `${issue.maximum}${units(issue.origin)}`;
      return issue.inclusive === false ? `must be less than ${most}` : `must be at most ${most}`;
    }
    case 'unrecognized_keys':
      return 'has fields that are not known here';
    case 'invalid_format':
    case 'not_multiple_of':
    case 'invalid_union':
    case 'invalid_key':
    case 'invalid_element':
    case 'custom':
      return 'is not valid';
  }
};

const pathOf = (path: readonly PropertyKey[]): string =>
  path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    return text === '' ? String(part) : `${text}.${String(part)}`;
  }, '');

const at = (value: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>((inner, part) => (inner as Record<PropertyKey, unknown> | undefined)?.[part], value);

const badField = (issue: z.core.$ZodIssue, value: unknown): BadField => ({
  path: pathOf(issue.path),
  // A schema's own words ("must be a decimal in a string") are for what is there, but wrong.
  problem: issue.code === 'invalid_type' && at(value, issue.path) === undefined ? 'is required' : issue.message,
});

/**
 * An event's JSON, checked: the value as the schema makes it (times normalised, unknown fields and nulls left out), or every
 * bad field at once. Never throws.
 */
export const parseEvent = <T extends EventType>(type: T, json: unknown): ParsedEvent<T> => {
  const schema: z.ZodType = EVENTS[type].schema;
  const given = withoutNulls(schema, json);
  const result = schema.safeParse(given, { error: describe });
  if (result.success) return { ok: true, value: result.data as EventOf<T> };
  const [first, ...others] = result.error.issues.map((issue) => badField(issue, given));
  return { ok: false, problems: [first ?? { path: '', problem: 'is not valid' }, ...others] };
};
