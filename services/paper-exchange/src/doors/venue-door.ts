import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { Faults, RequestFault } from '../core/fault.js';
import type { Dialect, VenueReply, VenueRequest } from '../dialects/dialect.js';
import type { Metrics } from './metrics.js';

/** Where customers come in: every path that is no door of ours is the venue's own, with whatever faults are on. */
export interface VenueDoor {
  readonly dialect: Dialect;
  readonly faults: Faults;
  readonly metrics: Metrics;
  readonly log: Logger | undefined;
  /** Sockets of those who are left hanging. */
  readonly hanging: Set<() => void>;
}

const GARBAGE =
  '<!DOCTYPE html><html><head><title>Service unavailable</title></head><body>Please try again.</body></html>';

const venueRequest = (request: FastifyRequest): VenueRequest => {
  const url = request.raw.url ?? '/';
  const mark = url.indexOf('?');
  return {
    method: request.method,
    path: mark < 0 ? url : url.slice(0, mark),
    query: mark < 0 ? '' : url.slice(mark + 1),
    body: typeof request.body === 'string' ? request.body : '',
    headers: request.headers,
    ip: request.ip,
  };
};

const send = (reply: FastifyReply, { status, headers = {}, body }: VenueReply): FastifyReply =>
  reply.code(status).headers(headers).type('application/json;charset=UTF-8').send(body);

/** Promises a whole body and writes half of it. */
const sendHalf = (reply: FastifyReply, { headers = {}, body }: VenueReply, written?: () => void): void => {
  const bytes = Buffer.from(body);
  reply.hijack();
  reply.raw.writeHead(200, {
    ...headers,
    'content-type': 'application/json;charset=UTF-8',
    // An answer without content has no half: it is cut off before its first byte.
    'content-length': Math.max(bytes.length, 1),
  });
  reply.raw.write(bytes.subarray(0, Math.ceil(bytes.length / 2)), written);
};

const reset = (reply: FastifyReply): FastifyReply => {
  reply.hijack();
  reply.raw.socket?.resetAndDestroy();
  return reply;
};

export const venueDoor = (app: FastifyInstance, { dialect, faults, metrics, log, hanging }: VenueDoor): void => {
  const hang = (reply: FastifyReply, ms: number | undefined): FastifyReply => {
    reply.hijack();
    const letGo = (): void => {
      clearTimeout(timer);
      hanging.delete(letGo);
      reply.raw.socket?.destroy();
    };
    const timer = ms === undefined ? undefined : setTimeout(letGo, ms);
    hanging.add(letGo);
    reply.raw.once('close', letGo);
    return reply;
  };

  /** Faults that keep the request from taking effect; `undefined` lets it through. */
  const before = (reply: FastifyReply, fault: RequestFault | undefined): FastifyReply | undefined => {
    switch (fault?.fault) {
      case 'down':
      case 'reset_before':
        return reset(reply);
      case 'http_500':
        return send(reply, dialect.failure('internal'));
      case 'http_429':
        return send(reply.header('retry-after', fault.retryAfterS ?? 1), dialect.failure('rate_limit'));
      case 'reset_after':
      case 'hang_after':
      case 'http_504_after':
      case 'empty_200':
      case 'html_200':
      case 'truncated_200':
      case 'cut_200':
      case 'stall_200':
      case 'slow':
      case 'refuse':
      case 'duplicate_fill':
      case 'late_fill':
      case undefined:
        return undefined;
    }
  };

  /** The reply, lost or spoilt. */
  const after = (reply: FastifyReply, answer: VenueReply, fault: RequestFault | undefined): FastifyReply => {
    switch (fault?.fault) {
      case 'reset_after':
        return reset(reply);
      case 'hang_after':
        return hang(reply, fault.ms);
      case 'http_504_after':
        return send(reply, dialect.failure('timeout'));
      case 'empty_200':
        return send(reply, { ...answer, status: 200, body: '' });
      case 'html_200':
        return reply.code(200).type('text/html').send(GARBAGE);
      case 'truncated_200':
        return send(reply, { ...answer, status: 200, body: answer.body.slice(0, Math.ceil(answer.body.length / 2)) });
      case 'cut_200':
        sendHalf(reply, answer, () => reply.raw.socket?.destroy());
        return reply;
      case 'stall_200':
        sendHalf(reply, answer);
        return hang(reply, fault.ms);
      case 'down':
      case 'reset_before':
      case 'http_500':
      case 'http_429':
      case 'slow':
      case 'refuse':
      case 'duplicate_fill':
      case 'late_fill':
      case undefined:
        return send(reply, answer);
    }
  };

  app.all('/*', async (request, reply) => {
    const asked = venueRequest(request);
    const { delayMs, fault } = faults.any
      ? faults.strike({ path: asked.path, method: asked.method, ...target(dialect, asked) })
      : NO_FAULT;
    if (fault !== undefined) metrics.fault(fault.fault);
    if (delayMs > 0) await new Promise((waited) => setTimeout(waited, delayMs));
    const struck = before(reply, fault);
    if (struck !== undefined) return struck;
    const started = performance.now();
    let answer: VenueReply;
    try {
      answer = await dialect.handle(fault === undefined ? asked : { ...asked, fault });
    } catch (error) {
      log?.error({ err: error, method: asked.method, path: asked.path }, 'a request could not be answered');
      answer = dialect.failure('internal');
    }
    metrics.request(asked.method, answer.status, (performance.now() - started) / 1_000);
    return after(reply, answer, fault);
  });
};

const NO_FAULT = { delayMs: 0, fault: undefined } as const;

const target = (dialect: Dialect, request: VenueRequest) => {
  const { accountKey, clientOrderId } = dialect.identify(request);
  return { accountKey, clientOrderId };
};
