import { Catch, HttpException, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { isInfrastructureError } from '@switchyard/persistence';
import { Problem } from './problem.js';

/** Told of what is ours to mend; a logger will do. */
export interface FailureLog {
  error(facts: Readonly<Record<string, unknown>>, message: string): void;
}

interface Request {
  readonly id: string;
  readonly method: string;
  readonly url: string;
}

interface Reply {
  readonly sent: boolean;
  status(code: number): Reply;
  headers(headers: Readonly<Record<string, string>>): Reply;
  send(body: Buffer): unknown;
}

/** Answers every error with problem+json. What we did not expect is logged with the request's id, and told to nobody else. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  readonly #log: FailureLog;

  constructor(log: FailureLog) {
    this.#log = log;
  }

  catch(exception: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<Request>();
    const reply = http.getResponse<Reply>();
    const problem = toProblem(exception);
    if (problem.status >= 500)
      this.#log.error(
        { error: exception, requestId: request.id, method: request.method, path: request.url.split('?', 1)[0] },
        'a request failed',
      );
    if (reply.sent) return;
    reply
      .status(problem.status)
      .headers({ 'content-type': 'application/problem+json', ...problem.options.headers })
      // As bytes: to a text Fastify adds a charset, which this media type does not have.
      .send(Buffer.from(JSON.stringify(problem.body(`urn:switchyard:request:${request.id}`))));
  }
}

/** Any thrown thing as the answer it deserves. */
export const toProblem = (thrown: unknown): Problem => {
  if (thrown instanceof Problem) return thrown;
  if (isInfrastructureError(thrown))
    return new Problem('UNAVAILABLE', 'A part that is needed does not answer; try again.', {
      headers: { 'retry-after': '1' },
      cause: thrown,
    });
  const status = statusOf(thrown);
  return (status === undefined ? undefined : BY_STATUS[status]?.()) ?? unexpected(status, thrown);
};

/** Nest's own exceptions, and Fastify's errors: both know their status. */
const statusOf = (thrown: unknown): number | undefined => {
  if (thrown instanceof HttpException) return thrown.getStatus();
  if (typeof thrown !== 'object' || thrown === null || !('statusCode' in thrown)) return undefined;
  return typeof thrown.statusCode === 'number' ? thrown.statusCode : undefined;
};

const BY_STATUS: Readonly<Record<number, () => Problem>> = {
  400: () => new Problem('BAD_REQUEST', 'The request could not be read: its body must be JSON.'),
  401: () => unauthenticated(),
  403: () => new Problem('FORBIDDEN', 'The token does not allow this.'),
  404: () => new Problem('NOT_FOUND', 'There is nothing here.'),
  405: () => new Problem('BAD_REQUEST', 'This method is not offered here.', { status: 405 }),
  408: () => new Problem('BAD_REQUEST', 'The request took too long to arrive.', { status: 408 }),
  413: () => new Problem('TOO_LARGE', 'The body is larger than is accepted here.'),
  415: () =>
    new Problem('BAD_REQUEST', 'The body must be JSON: send "content-type: application/json".', { status: 415 }),
  503: () =>
    new Problem('UNAVAILABLE', 'A part that is needed does not answer; try again.', {
      headers: { 'retry-after': '1' },
    }),
};

const unexpected = (status: number | undefined, cause: unknown): Problem =>
  status !== undefined && status >= 400 && status < 500
    ? new Problem('BAD_REQUEST', 'The request could not be read.', { status, cause })
    : new Problem('INTERNAL', 'Something here went wrong; it is recorded under the id of this request.', { cause });

export const unauthenticated = (): Problem =>
  new Problem('UNAUTHENTICATED', 'No valid token came with the request: send "Authorization: Bearer <token>".', {
    headers: { 'www-authenticate': 'Bearer' },
  });
