import { afterEach, describe, expect, it } from '@jest/globals';
import { createServer, type Server } from 'node:http';
import { isTraceparent, newTraceparent, spanFor, startTracing, type Tracing } from './index.js';

interface OtlpSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly status: { readonly code?: number; readonly message?: string };
}
interface OtlpBody {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly { key: string; value: { stringValue: string } }[] };
    readonly scopeSpans: readonly { readonly scope: { name: string }; readonly spans: readonly OtlpSpan[] }[];
  }[];
}

let collector: Server | undefined;
let tracing: Tracing | undefined;
afterEach(async () => {
  await tracing?.shutdown();
  tracing = undefined;
  await new Promise((resolve) => {
    if (collector === undefined) resolve(undefined);
    else collector.close(resolve);
  });
  collector = undefined;
});

const collect = async (): Promise<{ readonly endpoint: string; readonly bodies: OtlpBody[] }> => {
  const bodies: OtlpBody[] = [];
  const server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => (text += chunk.toString()));
    request.on('end', () => {
      bodies.push(JSON.parse(text) as OtlpBody);
      response.setHeader('content-type', 'application/json').end('{}');
    });
  });
  collector = server;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { endpoint: `http://127.0.0.1:${(server.address() as { port: number }).port}`, bodies };
};

describe('a trace', () => {
  it('goes from step to step by traceparent and reaches the collector as one', async () => {
    const { endpoint, bodies } = await collect();
    tracing = await startTracing({ service: 'standalone', endpoint });
    const root = newTraceparent();
    const validated = spanFor('validate', root, { kind: 'consumer', service: 'signal-validation' });
    const placed = spanFor('place', validated.traceparent, { attributes: { venue: 'binance' } });
    placed.end({ error: 'VENUE_REFUSED' });
    validated.end();
    await tracing.shutdown();

    const resources = bodies.flatMap(({ resourceSpans }) => resourceSpans);
    expect(resources[0]?.resource.attributes).toContainEqual({
      key: 'service.name',
      value: { stringValue: 'standalone' },
    });
    const scopes = resources.flatMap(({ scopeSpans }) => scopeSpans);
    expect(scopes.map(({ scope }) => scope.name).sort()).toEqual(['signal-validation', 'standalone']);
    const spans = scopes.flatMap(({ spans }) => spans);
    const [first, second] = [spans.find(({ name }) => name === 'validate'), spans.find(({ name }) => name === 'place')];
    expect(new Set(spans.map(({ traceId }) => traceId))).toEqual(new Set([root.slice(3, 35)]));
    expect(first?.parentSpanId).toBe(root.slice(36, 52));
    expect(second?.parentSpanId).toBe(first?.spanId);
    expect(second?.status).toMatchObject({ code: 2, message: 'VENUE_REFUSED' });
  });

  it('begins anew where what came in is no traceparent', async () => {
    const { endpoint } = await collect();
    tracing = await startTracing({ service: 'a', endpoint });
    const span = spanFor('step', 'nonsense');
    expect(isTraceparent(span.traceparent ?? '')).toBe(true);
    span.end();
  });

  it('passes through unchanged while tracing is off', async () => {
    tracing = await startTracing({ service: 'a', endpoint: undefined });
    const root = newTraceparent();
    expect(spanFor('step', root).traceparent).toBe(root);
    expect(spanFor('step', undefined).traceparent).toBeUndefined();
  });

  it('has an id of its own each time', () => {
    const made = Array.from({ length: 1_000 }, newTraceparent);
    expect(made.every(isTraceparent)).toBe(true);
    expect(new Set(made).size).toBe(1_000);
  });

  it('that no collector takes does not hold up the end of the program', async () => {
    tracing = await startTracing({ service: 'a', endpoint: 'http://127.0.0.1:1', flushTimeoutMs: 200 });
    spanFor('step', undefined).end();
    const began = performance.now();
    await tracing.shutdown();
    expect(performance.now() - began).toBeLessThan(2_000);
  });
});
