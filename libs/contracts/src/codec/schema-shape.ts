import { z } from 'zod';

/**
 * What a schema of an event describes, as far as another form of the same event must know it. The kinds here are all that
 * events may be made of: a schema of another kind has no protobuf form, and `shapeOf` throws.
 */
export type Shape =
  | { readonly kind: 'text' | 'instant' | 'boolean' | 'struct' }
  | { readonly kind: 'number'; readonly integer: boolean; readonly max: number }
  | { readonly kind: 'enum'; readonly values: readonly string[] }
  | { readonly kind: 'list'; readonly element: z.ZodType }
  | { readonly kind: 'tuple'; readonly items: readonly z.ZodType[] }
  | { readonly kind: 'map'; readonly value: z.ZodType }
  | { readonly kind: 'object'; readonly fields: Readonly<Record<string, z.ZodType>> };

/** The schema under `.optional()`, and whether there was one. */
export const withoutOptional = (schema: z.ZodType): { readonly schema: z.ZodType; readonly optional: boolean } =>
  schema instanceof z.ZodOptional
    ? { schema: schema.unwrap() as z.ZodType, optional: true }
    : { schema, optional: false };

const isInteger = (schema: z.ZodNumber): boolean => schema.format === 'safeint' || schema.format === 'int32';

export const shapeOf = (schema: z.ZodType): Shape => {
  if (schema instanceof z.ZodPipe) return shapeOf(schema.in as z.ZodType);
  if (schema instanceof z.ZodISODateTime) return { kind: 'instant' };
  if (schema instanceof z.ZodString) return { kind: 'text' };
  if (schema instanceof z.ZodBoolean) return { kind: 'boolean' };
  if (schema instanceof z.ZodNumber) {
    return { kind: 'number', integer: isInteger(schema), max: schema.maxValue ?? Infinity };
  }
  if (schema instanceof z.ZodEnum) return { kind: 'enum', values: schema.options as readonly string[] };
  if (schema instanceof z.ZodArray) return { kind: 'list', element: schema.element as z.ZodType };
  if (schema instanceof z.ZodTuple) return { kind: 'tuple', items: schema.def.items as readonly z.ZodType[] };
  if (schema instanceof z.ZodObject) return { kind: 'object', fields: schema.shape };
  if (schema instanceof z.ZodRecord) {
    const value = schema.valueType as z.ZodType;
    return value instanceof z.ZodUnknown ? { kind: 'struct' } : { kind: 'map', value };
  }
  throw new Error(`Events are not made of "${schema.type}".`);
};
