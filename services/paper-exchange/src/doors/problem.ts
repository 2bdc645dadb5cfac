import type { FastifyReply } from 'fastify';
import type { z } from 'zod';

/** RFC 9457, with a stable code and, for bad input, every bad field. */
export const problem = (
  reply: FastifyReply,
  status: number,
  code: string,
  detail: string,
  errors: readonly { readonly field: string; readonly message: string }[] = [],
): FastifyReply =>
  reply
    .code(status)
    .type('application/problem+json')
    .send({ type: 'about:blank', title: TITLES[status] ?? 'Error', status, code, detail, errors });

const TITLES: Readonly<Record<number, string>> = { 400: 'Bad Request', 404: 'Not Found', 409: 'Conflict' };

export const invalid = (reply: FastifyReply, error: z.ZodError): FastifyReply => {
  const errors = error.issues.flatMap((issue) =>
    // An unknown field is named as itself, not as a problem of the object around it.
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => ({ field: [...issue.path, key].join('.'), message: 'is not known here' }))
      : [{ field: issue.path.join('.') || 'body', message: issue.message }],
  );
  return problem(
    reply,
    400,
    'INVALID_INPUT',
    errors.map(({ field, message }) => `${field}: ${message}`).join('; '),
    errors,
  );
};

/** The body as JSON; `undefined` is no JSON. An empty body is an empty object. */
export const jsonOf = (body: unknown): { readonly value: unknown } | undefined => {
  if (typeof body !== 'string' || body.trim() === '') return { value: {} };
  try {
    return { value: JSON.parse(body) };
  } catch {
    return undefined;
  }
};
