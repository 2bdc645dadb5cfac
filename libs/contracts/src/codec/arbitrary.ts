import fc from 'fast-check';
import { z } from 'zod';
import { decimalString, nonNegativeDecimal, positiveDecimal } from '../events/primitives.js';
import { shapeOf, withoutOptional } from './schema-shape.js';

/** For tests: values that a schema takes, as they would come as JSON. */

const digits = fc.oneof(fc.bigInt(0n, 10n ** 6n), fc.bigInt(0n, 10n ** 30n - 1n), fc.constant(0n));
const decimalText = fc
  .tuple(fc.constantFrom('', '-'), digits, fc.option(fc.stringMatching(/^\d{1,18}$/), { nil: undefined }))
  .map(([sign, whole, fraction]) => `${sign}${whole}${fraction === undefined ? '' : `.${fraction}`}`);
const decimals: readonly z.ZodType[] = [decimalString, positiveDecimal, nonNegativeDecimal];

const instants = fc
  .date({ min: new Date(0), max: new Date('9999-12-31T00:00:00Z'), noInvalidDate: true })
  .chain((date) =>
    fc.constantFrom(
      date.toISOString(),
      date.toISOString().replace(/\.\d+Z$/, 'Z'),
      date.toISOString().replace('Z', '+01:00'),
    ),
  );

const patternsOf = (schema: z.ZodType): readonly RegExp[] =>
  (schema.def as { readonly checks?: readonly z.core.$ZodCheck[] }).checks?.flatMap((check) => {
    const def = check._zod.def as { readonly pattern?: RegExp };
    return def.pattern ? [def.pattern] : [];
  }) ?? [];

const texts = (schema: z.ZodType): fc.Arbitrary<unknown> => {
  const [pattern] = patternsOf(schema);
  return pattern ? fc.stringMatching(pattern) : fc.string({ unit: 'grapheme', maxLength: 24 });
};

const wholeNumbers = (max: number): fc.Arbitrary<number> =>
  fc.oneof(
    fc.integer({ min: 0, max: Math.min(max, 10) }),
    fc.nat().map((n) => Math.min(n, max)),
    fc.constant(max),
  );
const realNumbers = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.double({ min: 0, max: 1, noNaN: true }),
  fc.integer({ min: 0, max: 100 }),
);

const freeForm = fc.dictionary(
  fc.string({ unit: 'grapheme', maxLength: 8 }),
  fc.jsonValue({ maxDepth: 3, stringUnit: 'grapheme' }),
  { maxKeys: 4 },
);

const bare = (schema: z.ZodType): fc.Arbitrary<unknown> => {
  if (schema instanceof z.ZodPipe) return bare(schema.in as z.ZodType);
  if (decimals.includes(schema)) return decimalText;
  const shape = shapeOf(schema);
  switch (shape.kind) {
    case 'text':
      return texts(schema);
    case 'instant':
      return instants;
    case 'boolean':
      return fc.boolean();
    case 'number':
      return shape.integer ? wholeNumbers(Math.min(shape.max, Number.MAX_SAFE_INTEGER)) : realNumbers;
    case 'enum':
      return fc.constantFrom(...shape.values);
    case 'struct':
      return freeForm;
    case 'list':
      return fc.array(accepted(shape.element), { maxLength: 3 });
    case 'tuple':
      return fc.tuple(...shape.items.map(accepted));
    case 'map': {
      const [keys] = patternsOf((schema as z.ZodRecord).keyType as z.ZodType);
      return fc.dictionary(fc.stringMatching(keys ?? /^[A-Z0-9]{1,12}$/), accepted(shape.value), { maxKeys: 3 });
    }
    case 'object': {
      const fields = Object.entries(shape.fields);
      return fc.record(
        Object.fromEntries(fields.map(([name, field]) => [name, accepted(withoutOptional(field).schema)])),
        { requiredKeys: fields.filter(([, field]) => !withoutOptional(field).optional).map(([name]) => name) },
      );
    }
  }
};

const accepted = (schema: z.ZodType): fc.Arbitrary<unknown> =>
  bare(schema).filter((value) => schema.safeParse(value).success);

/** Values of a schema, as the schema makes them: times normalised, unknown fields left out. */
export const arbitraryOf = (schema: z.ZodType): fc.Arbitrary<unknown> =>
  accepted(schema).map((value) => schema.parse(value));
