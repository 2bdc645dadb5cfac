import { randomFillSync } from 'node:crypto';
import type * as Otel from '@opentelemetry/api';

/**
 * One trace from a signal to its fill: each step continues from the `traceparent` (W3C) that came with its cause, and what it emits
 * carries its own. Nothing of OpenTelemetry is loaded, and a span costs a function call, until `startTracing` was called.
 */
export interface Tracing {
  /** Sends what is left, and waits a while for that. */
  shutdown(): Promise<void>;
}

export interface TracingOptions {
  /** `service.name` of everything this process sends. */
  readonly service: string;
  /** Base URL of an OTLP/HTTP collector, `http://collector:4318`; absent or empty: tracing stays off. */
  readonly endpoint: string | undefined;
  /** How long a collector that does not answer is waited for, at an export and at `shutdown`. Default 5,000. */
  readonly flushTimeoutMs?: number;
}

export type SpanKind = 'internal' | 'server' | 'client' | 'producer' | 'consumer';

export interface SpanOptions {
  readonly kind?: SpanKind;
  /** The service that does it, where a process runs several. */
  readonly service?: string;
  readonly attributes?: Readonly<Record<string, string | number | boolean>>;
  /** When it began, if not now: milliseconds since the epoch. */
  readonly startedAt?: number;
}

export interface Span {
  /** What this step's events and requests carry; when tracing is off what came in, unchanged. */
  readonly traceparent: string | undefined;
  end(outcome?: { readonly error?: string; readonly endedAt?: number }): void;
}

interface Active {
  readonly api: typeof Otel;
  readonly provider: Otel.TracerProvider;
  readonly service: string;
}

let active: Active | undefined;

/** Starts sending spans to an endpoint. One a process; a second call before `shutdown` throws. */
export const startTracing = async ({ service, endpoint, flushTimeoutMs = 5_000 }: TracingOptions): Promise<Tracing> => {
  if (endpoint === undefined || endpoint === '') return { shutdown: () => Promise.resolve() };
  if (active !== undefined) throw new Error('Tracing has been started already.');
  const [api, { NodeSDK }, { OTLPTraceExporter }] = await Promise.all([
    import('@opentelemetry/api'),
    import('@opentelemetry/sdk-node'),
    import('@opentelemetry/exporter-trace-otlp-http'),
  ]);
  const sdk = new NodeSDK({
    serviceName: service,
    traceExporter: new OTLPTraceExporter({
      url: `${endpoint.replace(/\/$/, '')}/v1/traces`,
      timeoutMillis: flushTimeoutMs,
    }),
    // Metrics go to Prometheus and logs to standard output; spans are made by us, per event and not per library call.
    metricReaders: [],
    logRecordProcessors: [],
    instrumentations: [],
    autoDetectResources: false,
  });
  sdk.start();
  const mine = { api, provider: api.trace.getTracerProvider(), service };
  active = mine;
  return {
    shutdown: async () => {
      if (active === mine) active = undefined;
      await Promise.race([
        // A collector that does not answer costs spans, never the shutdown.
        sdk.shutdown().catch(() => undefined),
        new Promise((resolve) => setTimeout(resolve, flushTimeoutMs).unref()),
      ]);
      api.trace.disable();
      api.context.disable();
      api.propagation.disable();
    },
  };
};

const POOL = Buffer.alloc(24 * 256);
let used = POOL.length;

/** A new trace's root, sampled: for what enters without one. */
export const newTraceparent = (): string => {
  if (used === POOL.length) {
    randomFillSync(POOL);
    used = 0;
  }
  const id = POOL.toString('hex', used, used + 24);
  used += 24;
  return `00-${id.slice(0, 32)}-${id.slice(32)}-01`;
};

const TRACEPARENT = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

/** Whether a header from outside may be continued. */
export const isTraceparent = (text: string): boolean => TRACEPARENT.test(text);

/** Begins a span that continues from `traceparent`; without a valid one, or without one, it begins a trace. */
export const spanFor = (name: string, traceparent: string | undefined, options: SpanOptions = {}): Span =>
  active === undefined ? new PassedOn(traceparent) : begin(active, name, traceparent, options);

class PassedOn implements Span {
  readonly traceparent: string | undefined;
  constructor(traceparent: string | undefined) {
    this.traceparent = traceparent;
  }
  end(): void {
    // Nothing was begun.
  }
}

const begin = (
  { api, provider, service }: Active,
  name: string,
  traceparent: string | undefined,
  options: SpanOptions,
): Span => {
  const parent =
    traceparent === undefined || !isTraceparent(traceparent)
      ? api.ROOT_CONTEXT
      : api.trace.setSpanContext(api.ROOT_CONTEXT, {
          traceId: traceparent.slice(3, 35),
          spanId: traceparent.slice(36, 52),
          traceFlags: Number.parseInt(traceparent.slice(53), 16),
          isRemote: true,
        });
  const span = provider.getTracer(options.service ?? service).startSpan(
    name,
    {
      kind: api.SpanKind[(options.kind ?? 'internal').toUpperCase() as Uppercase<SpanKind>],
      attributes: { ...options.attributes },
      ...(options.startedAt === undefined ? {} : { startTime: options.startedAt }),
    },
    parent,
  );
  const { traceId, spanId, traceFlags } = span.spanContext();
  return {
    traceparent: `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`,
    end: ({ error, endedAt } = {}) => {
      if (error !== undefined) span.setStatus({ code: api.SpanStatusCode.ERROR, message: error });
      span.end(endedAt);
    },
  };
};
