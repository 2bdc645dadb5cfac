import { randomUUID } from 'node:crypto';

/** For Nest's `FastifyAdapter`, the same for every service that has REST. */
export const FASTIFY_OPTIONS = {
  /** Bytes; beyond it 413 TOO_LARGE. */
  bodyLimit: 1_048_576,
  /** A client that sends slower than this is cut off, milliseconds. */
  requestTimeout: 30_000,
  /** Longer than a load balancer's usual minute, so that it is never us who close first. */
  keepAliveTimeout: 72_000,
  /** Connections that wait for nothing are closed at shutdown. */
  forceCloseConnections: 'idle' as const,
  genReqId: (): string => randomUUID(),
  routerOptions: { maxParamLength: 256 },
};
