import type { z } from 'zod';
import { shapeOf, withoutOptional } from './schema-shape.js';

type Clean = (value: unknown) => unknown;
const asIs: Clean = (value) => value;

type Members = Readonly<Record<string, unknown>>;
const isObject = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const objectCleaner = (fields: readonly (readonly [string, Clean])[]): Clean => {
  const clean = (value: Members): Members => {
    let copy: Record<string, unknown> | undefined;
    for (const [name, cleanPart] of fields) {
      const part = value[name];
      const cleaned = part === null ? undefined : cleanPart(part);
      if (cleaned === part) continue;
      copy ??= { ...value };
      if (part === null) Reflect.deleteProperty(copy, name);
      else copy[name] = cleaned;
    }
    return copy ?? value;
  };
  return (value) => (isObject(value) ? clean(value) : value);
};

const listCleaner =
  (element: Clean): Clean =>
  (value) => {
    if (!Array.isArray(value)) return value;
    const cleaned: readonly unknown[] = value.map(element);
    return cleaned.some((part, i) => part !== value[i]) ? cleaned : value;
  };

const cleanerOf = (schema: z.ZodType): Clean => {
  const shape = shapeOf(withoutOptional(schema).schema);
  if (shape.kind === 'object') {
    return objectCleaner(Object.entries(shape.fields).map(([name, field]) => [name, cleanerOf(field)]));
  }
  if (shape.kind !== 'list') return asIs;
  const element = cleanerOf(shape.element);
  return element === asIs ? asIs : listCleaner(element);
};

const cleaners = new WeakMap<z.ZodType, Clean>();

/**
 * A value without those fields of its schema that are null: at the door, null means absent. The value itself where there are
 * none. Free-form parts (metadata, facts) stay as they are.
 */
export const withoutNulls = (schema: z.ZodType, value: unknown): unknown => {
  let clean = cleaners.get(schema);
  if (!clean) {
    clean = cleanerOf(schema);
    cleaners.set(schema, clean);
  }
  return clean(value);
};
