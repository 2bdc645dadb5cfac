import { z } from 'zod';

/**
 * Environment variables as zod sees them: each helper takes the variable's text and gives a value. Units stand in the variable's name
 * (`SWITCHYARD_POLL_INTERVAL_MS`). Without `.default(...)` or `.optional()` a variable must be there. What a helper says of a bad
 * value goes on after the variable's name: "must be ...".
 */

const given = (expectation: string) =>
  z.string({ error: ({ input }) => (input === undefined ? 'is missing' : `must be ${expectation}`) });

/** Quotes a bad value, at a length that fits a line. */
const not = (text: string): string => `, not "${text.length > 40 ? `${text.slice(0, 40)}...` : text}"`;

const checked = <T>(expectation: string, parse: (text: string) => T | undefined, { quoted = true } = {}) =>
  given(expectation).transform((text, context): T => {
    const value = parse(text.trim());
    if (value !== undefined) return value;
    context.addIssue({ code: 'custom', message: `must be ${expectation}${quoted ? not(text) : ''}` });
    return z.NEVER;
  });

export interface Range {
  /** Smallest accepted, default 0. */
  readonly min?: number;
  /** Largest accepted. */
  readonly max?: number;
}

const between = ({ min = 0, max }: Range): string =>
  max === undefined ? `of at least ${min}` : `from ${min} to ${max}`;
const within = (value: number, { min = 0, max = Infinity }: Range): boolean => value >= min && value <= max;

/** A whole number: counts, sizes, milliseconds. */
export const wholeNumber = (range: Range = {}) =>
  checked(`a whole number ${between(range)}`, (text) =>
    /^-?\d{1,15}$/.test(text) && within(Number(text), range) ? Number(text) : undefined,
  );

/** A number that may have a fraction. Never for money, prices or quantities. */
export const fractionalNumber = (range: Range = {}) =>
  checked(`a number ${between(range)}`, (text) =>
    /^-?\d{1,15}(\.\d{1,15})?$/.test(text) && within(Number(text), range) ? Number(text) : undefined,
  );

/** A duration in whole milliseconds: at most a day unless told otherwise. The variable's name ends in `_MS`. */
export const milliseconds = (range: Range = {}) => wholeNumber({ min: 1, max: 86_400_000, ...range });

/** A duration in seconds, fractions allowed: at most a day unless told otherwise. The variable's name ends in `_S`. */
export const seconds = (range: Range = {}) => fractionalNumber({ max: 86_400, ...range });

const FLAGS: Readonly<Record<string, boolean>> = {
  true: true,
  yes: true,
  on: true,
  '1': true,
  false: false,
  no: false,
  off: false,
  '0': false,
};

export const flag = () => checked('true or false', (text) => FLAGS[text.toLowerCase()]);

/** A TCP port; 0 asks the system for a free one. */
export const port = ({ allowZero = true } = {}) => wholeNumber({ min: allowZero ? 0 : 1, max: 65_535 });

/** A URL of one of these schemes. It may hold a password, so a bad one is not printed. */
export const url = (...schemes: readonly string[]) =>
  checked(
    `a URL that starts with ${schemes.map((scheme) => `${scheme}://`).join(' or ')}`,
    (text) => {
      if (!URL.canParse(text)) return undefined;
      const { protocol, host } = new URL(text);
      return schemes.includes(protocol.slice(0, -1)) && host !== '' ? text : undefined;
    },
    { quoted: false },
  );

/** Texts between commas, each without spaces around it, none empty, none twice. */
export const list = (item: { readonly pattern?: RegExp; readonly of?: string } = {}) =>
  checked(`a list of ${item.of ?? 'names'} with commas between them`, (text): readonly string[] | undefined => {
    const items = [...new Set(text.split(',').map((part) => part.trim()))];
    return items.every((part) => part !== '' && (item.pattern?.test(part) ?? true)) ? items : undefined;
  });

/** Some of a closed list, such as venues: `someOf(VENUES, 'venues')`. */
export const someOf = <const T extends string>(values: readonly T[], of: string) =>
  checked(`a list of ${of} (${values.join(', ')}) with commas between them`, (text): readonly T[] | undefined => {
    const items = new Set(text.split(',').map((part) => part.trim()));
    const known = [...items].flatMap((item) => values.find((value) => value === item) ?? []);
    return known.length === items.size ? known : undefined;
  });

export const oneOf = <const T extends string>(...values: readonly T[]) =>
  checked(`one of ${values.join(', ')}`, (text) => values.find((value) => value === text));

export const text = () => checked('a text that is not empty', (value) => (value === '' ? undefined : value));

/** Like `text`; what it holds is never printed. */
export const secret = ({ minLength = 1 } = {}) =>
  checked(`a secret of at least ${minLength} characters`, (value) => (value.length >= minLength ? value : undefined), {
    quoted: false,
  });
