import { describe, expect, it } from '@jest/globals';
import { AdmissionBatcher } from './admission-batcher.js';
import type { AdmissibleSignal, AdmissionOutcome } from './signal-admission.js';

const signal = (id: string, bytes = 10): AdmissibleSignal =>
  ({ eventId: id, value: Buffer.alloc(bytes) }) as unknown as AdmissibleSignal;

class Door {
  readonly calls: string[][] = [];
  answer: ((outcomes?: Error) => void) | undefined;

  admit = (signals: readonly AdmissibleSignal[]): Promise<readonly AdmissionOutcome[]> => {
    this.calls.push(signals.map(({ eventId }) => eventId));
    return new Promise((resolve, reject) => {
      this.answer = (error) => {
        if (error === undefined)
          resolve(signals.map(({ eventId }) => (eventId.startsWith('old') ? 'same' : 'admitted')));
        else reject(error);
      };
    });
  };
}

const turn = (): Promise<unknown> => new Promise(setImmediate);

describe('admission of signals that come together', () => {
  it('takes what waits in one call, and gives each its own answer', async () => {
    const door = new Door();
    const batcher = new AdmissionBatcher(door, 100);
    const first = batcher.admit(signal('a'));
    await turn();
    const others = ['b', 'old-c', 'd'].map((id) => batcher.admit(signal(id)));
    door.answer!();
    expect(await first).toBe('admitted');
    await turn();
    expect(door.calls).toEqual([['a'], ['b', 'old-c', 'd']]);
    door.answer!();
    expect(await Promise.all(others)).toEqual(['admitted', 'same', 'admitted']);
  });

  it('tells everyone of a call that failed, and goes on', async () => {
    const door = new Door();
    const batcher = new AdmissionBatcher(door, 100);
    const lost = Promise.allSettled([batcher.admit(signal('a')), batcher.admit(signal('b'))]);
    await turn();
    door.answer!(new Error('gone'));
    expect((await lost).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    const next = batcher.admit(signal('c'));
    await turn();
    door.answer!();
    expect(await next).toBe('admitted');
  });

  it('says that it is busy beyond what may wait', async () => {
    const door = new Door();
    const batcher = new AdmissionBatcher(door, 2);
    const waiting = [batcher.admit(signal('a')), batcher.admit(signal('b'))];
    await expect(batcher.admit(signal('c'))).rejects.toMatchObject({ code: 'INTAKE_BUSY', status: 429 });
    await turn();
    door.answer!();
    await Promise.all(waiting);
  });

  it('keeps a call small when signals are large', async () => {
    const door = new Door();
    const batcher = new AdmissionBatcher(door, 100);
    const all = Array.from({ length: 6 }, (_, i) => batcher.admit(signal(String(i), 900_000)));
    await turn();
    expect(door.calls[0]).toHaveLength(4);
    door.answer!();
    await turn();
    door.answer!();
    expect(await Promise.all(all)).toHaveLength(6);
  });
});
