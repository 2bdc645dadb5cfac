import { Problem } from '@switchyard/http';
import { Agent, request } from 'undici';

export interface PassedRequest {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: string | undefined;
  readonly requestId: string;
}

export interface PassedAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

const REQUEST_HEADERS = ['authorization', 'accept', 'traceparent', 'if-match', 'idempotency-key'] as const;
const ANSWER_HEADERS = [
  'content-type',
  'location',
  'retry-after',
  'www-authenticate',
  'etag',
  'cache-control',
] as const;

/** Passes requests on to the accounts service over a few kept connections. Only headers that mean something there go along. */
export class AccountsProxy {
  private readonly agent = new Agent({
    connections: 32,
    connect: { timeout: 2_000 },
    // A change is answered when every stage has stored it.
    headersTimeout: 30_000,
    bodyTimeout: 10_000,
  });

  constructor(private readonly baseUrl: string) {}

  /** Throws `Problem` UNAVAILABLE where accounts does not answer. */
  async pass({ method, path, headers, body, requestId }: PassedRequest): Promise<PassedAnswer> {
    try {
      const answer = await request(new URL(path, this.baseUrl), {
        dispatcher: this.agent,
        method: method as 'GET',
        headers: {
          ...picked(REQUEST_HEADERS, headers),
          'x-request-id': requestId,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body }),
      });
      return {
        status: answer.statusCode,
        headers: picked(ANSWER_HEADERS, answer.headers),
        body: Buffer.from(await answer.body.arrayBuffer()),
      };
    } catch (cause) {
      throw new Problem('UNAVAILABLE', 'The accounts service does not answer at the moment; try again.', {
        headers: { 'retry-after': '1' },
        cause,
      });
    }
  }

  close(): Promise<void> {
    return this.agent.close();
  }
}

const picked = (
  names: readonly string[],
  headers: Readonly<Record<string, string | readonly string[] | undefined>>,
): Record<string, string> =>
  Object.fromEntries(
    names.flatMap((name) => {
      const value = headers[name];
      return typeof value === 'string' ? [[name, value]] : [];
    }),
  );
