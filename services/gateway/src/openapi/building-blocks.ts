import { z } from 'zod';

/** What the parts of the OpenAPI document are put together from. */
export type Json = Record<string, unknown>;

export interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly parameters?: readonly Json[];
  readonly requestBody?: Json;
  readonly responses: Json;
  readonly security?: readonly Json[];
}

/** By path, then method. */
export type Paths = Readonly<Record<string, Readonly<Record<string, Operation>>>>;

export const jsonSchema = (schema: z.ZodType, io: 'input' | 'output'): Json => {
  const made: Json = { ...z.toJSONSchema(schema, { io, unrepresentable: 'any' }) };
  delete made['$schema'];
  return made;
};

/** A schema that stands under this name in the document; a test follows every reference. */
export const ref = (name: string): Json => ({ $ref: `#/components/schemas/${name}` });

export const queryParameters = (query: z.ZodObject): readonly Json[] => {
  const { properties, required = [] } = jsonSchema(query, 'input') as {
    readonly properties: Readonly<Record<string, Json>>;
    readonly required?: readonly string[];
  };
  return Object.entries(properties).map(([name, { description, ...schema }]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    ...(description === undefined ? {} : { description }),
    schema,
  }));
};

export const pathParameter = (name: string, description: string): Json => ({
  name,
  in: 'path',
  required: true,
  description,
  schema: { type: 'string', maxLength: 128 },
});

export const json = (schema: Json): Json => ({ 'application/json': { schema } });
export const answer = (description: string, schema: Json): Json => ({ description, content: json(schema) });
export const body = (name: string): Json => ({ required: true, content: json(ref(name)) });

const PROBLEM = {
  description: 'What is wrong, as a problem.',
  content: { 'application/problem+json': { schema: ref('Problem') } },
};
export const problems = (...statuses: readonly number[]): Json =>
  Object.fromEntries(statuses.map((status) => [String(status), PROBLEM]));

export const list = (operationId: string, summary: string, query: z.ZodObject, name: string): Operation => ({
  operationId,
  summary,
  parameters: queryParameters(query),
  responses: { '200': answer('A page, newest first.', ref(name)), ...problems(400, 401, 403, 503) },
});
