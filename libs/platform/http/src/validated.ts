import type { PipeTransform } from '@nestjs/common';
import type { z } from 'zod';
import { Problem, type FieldError } from './problem.js';

/** A pipe that checks a body, query or parameters with zod: `@Body(validated(schema)) input: Input`. 400 MALFORMED names every bad field. */
export const validated = <Output>(schema: z.ZodType<Output>): PipeTransform<unknown, Output> => ({
  transform: (value) => check(schema, value),
});

/** The value as the schema makes it, or `Problem` MALFORMED with every bad field. */
export const check = <Output>(schema: z.ZodType<Output>, value: unknown): Output => {
  const result = schema.safeParse(value, { reportInput: false });
  if (result.success) return result.data;
  const errors = fieldErrors(result.error.issues, value);
  throw new Problem(
    'MALFORMED',
    value === undefined || value === null
      ? 'A JSON body is needed.'
      : `${errors.length === 1 ? 'A field is' : `${errors.length} fields are`} missing, of the wrong type or out of range.`,
    { errors },
  );
};

/** Zod's issues as bad fields: one for each field, also for each that should not be there. `value` tells what is missing. */
export const fieldErrors = (issues: readonly z.core.$ZodIssue[], value?: unknown): readonly FieldError[] =>
  issues.flatMap((issue): readonly FieldError[] => {
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map((key) => ({ path: pathOf([...issue.path, key]), problem: 'is not known here' }));
    return [{ path: pathOf(issue.path), problem: problemWith(issue, value) }];
  });

const problemWith = (issue: z.core.$ZodIssue, value: unknown): string => {
  if (issue.path.length > 0 && valueAt(value, issue.path) === undefined) return 'is missing';
  if (issue.code === 'invalid_type' && issue.message.startsWith('Invalid input')) return `must be a ${issue.expected}`;
  if (issue.code === 'invalid_value' && issue.message.startsWith('Invalid'))
    return `must be ${issue.values.length === 1 ? '' : 'one of '}${issue.values.map(String).join(', ')}`;
  return issue.message;
};

const valueAt = (value: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>(
    (inner, key) =>
      typeof inner === 'object' && inner !== null ? (inner as Record<PropertyKey, unknown>)[key] : undefined,
    value,
  );

const pathOf = (path: readonly PropertyKey[]): string => path.map(String).join('.');
