import { createRequire } from 'node:module';
import { describe, expect, it, jest } from '@jest/globals';
import './kafkajs-cures.js';

interface Queue {
  push(request: object): void;
  fulfillRequest(response: object): void;
  throttledUntil: number;
  throttleCheckTimeoutId: unknown;
  checkPendingRequests(): void;
}
const require = createRequire(import.meta.url);
const RequestQueue = require('kafkajs/src/network/requestQueue') as new (options: object) => Queue;

const logger = { debug: jest.fn(), warn: jest.fn(), error: jest.fn(), info: jest.fn() };
const queue = (): Queue =>
  new RequestQueue({ maxInFlightRequests: 1, requestTimeout: 1_000, clientId: 'c', broker: 'b', logger });
const request = (correlationId: number, sendRequest: () => void) => ({
  entry: { correlationId, resolve: () => undefined, reject: () => undefined },
  expectResponse: true,
  sendRequest,
});

describe('the request queue of a connection', () => {
  it('sets no timer while nothing waits', () => {
    const idle = queue();
    idle.checkPendingRequests();
    idle.push(request(1, () => undefined));
    expect(idle.throttleCheckTimeoutId).toBeNull();
  });

  it('sends what waited as soon as there is room', () => {
    const sent: number[] = [];
    const busy = queue();
    for (const id of [1, 2]) busy.push(request(id, () => sent.push(id)));
    expect(sent).toEqual([1]);
    busy.fulfillRequest({ correlationId: 1, size: 0, payload: null });
    expect(sent).toEqual([1, 2]);
  });

  it('sends what a throttling broker held up once its time is over', async () => {
    const throttled = queue();
    throttled.throttledUntil = Date.now() + 30;
    const at = await new Promise<number>((resolve) => {
      throttled.push(
        request(1, () => {
          resolve(Date.now());
        }),
      );
    });
    expect(at).toBeGreaterThanOrEqual(throttled.throttledUntil);
  });
});
