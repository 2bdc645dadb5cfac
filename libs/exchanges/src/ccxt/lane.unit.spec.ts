import { describe, expect, it } from '@jest/globals';
import { Lane, Lanes } from './lane.js';

const soon = (sendBy = Number.POSITIVE_INFINITY) => ({ sendBy });

/** A call that ends when it is told to. */
const held = () => {
  let end: () => void = () => undefined;
  const over = new Promise<void>((resolve) => (end = resolve));
  return { end, call: () => over };
};

describe('one account’s calls where requests are numbered', () => {
  it('go one at a time, in the order in which they came', async () => {
    const lane = new Lane(5_000);
    const seen: string[] = [];
    const call = (name: string) => async () => {
      seen.push(`${name} begins`);
      await Promise.resolve();
      seen.push(`${name} ends`);
    };
    await Promise.all([lane.run(call('a')), lane.run(call('b')), lane.run(call('c'))]);
    expect(seen).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends']);
  });

  it('let an order or a cancel go before questions that wait', async () => {
    const lane = new Lane(5_000);
    const first = held();
    const seen: string[] = [];
    const call = (name: string) => () => Promise.resolve(void seen.push(name));
    const all = [
      lane.run(first.call),
      lane.run(call('question')),
      lane.run(call('order'), soon()),
      lane.run(call('cancel'), soon()),
    ];
    first.end();
    await Promise.all(all);
    expect(seen).toEqual(['order', 'cancel', 'question']);
  });

  it('never begin once sendBy has passed while they waited, and hold up nobody behind them', async () => {
    const lane = new Lane(5_000);
    const first = held();
    let began = 0;
    const running = lane.run(first.call);
    const late = lane.run(() => Promise.resolve(++began), soon(performance.now() + 20));
    expect(await late).toEqual({ kind: 'notSent', reason: 'expired', retryAfterMs: null });
    const next = lane.run(() => Promise.resolve('next'));
    first.end();
    expect(await next).toBe('next');
    await running;
    expect(began).toBe(0);
  });

  it('give up at the deadline, like a request that gets no connection', async () => {
    const lane = new Lane(20);
    const first = held();
    const running = lane.run(first.call);
    expect(await lane.run(() => Promise.resolve())).toMatchObject({ reason: 'noConnection' });
    first.end();
    await running;
  });

  it('go on after one that failed', async () => {
    const lane = new Lane(5_000);
    const failing = lane.run(() => Promise.reject(new Error('a bug')));
    const next = lane.run(() => Promise.resolve('next'));
    await expect(failing).rejects.toThrow('a bug');
    expect(await next).toBe('next');
  });

  it('have rising numbers, however fast they are drawn, in microseconds since 1970', () => {
    const lane = new Lane(5_000);
    const drawn = Array.from({ length: 10_000 }, () => lane.nonce());
    expect(drawn.every((nonce, i) => Number.isSafeInteger(nonce) && nonce > (drawn[i - 1] ?? 0))).toBe(true);
    expect(Math.abs((drawn.at(-1) ?? 0) / 1_000 - Date.now())).toBeLessThan(5_000);
  });

  it('share one lane a key, and no other', () => {
    const lanes = new Lanes(5_000);
    const alice = lanes.of('alice');
    expect(lanes.of('alice')).toBe(alice);
    expect(lanes.of('bob')).not.toBe(alice);
  });
});
