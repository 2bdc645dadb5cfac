import { describe, expect, it } from '@jest/globals';
import { DatabaseUnavailable } from '@switchyard/persistence';
import fc from 'fast-check';
import { NoTaskAtFault, isolate } from './isolate.js';

const run = async (tasks: readonly string[], poisoned: ReadonlySet<string>) => {
  const done: string[] = [];
  const condemned: string[] = [];
  const work = (ids: readonly string[]): Promise<void> => {
    if (ids.some((id) => poisoned.has(id))) return Promise.reject(new Error('poison'));
    done.push(...ids);
    return Promise.resolve();
  };
  const condemn = (id: string): Promise<void> => Promise.resolve(void condemned.push(id));
  await work(tasks).catch((error: unknown) => isolate(tasks, error, { work, condemn }));
  return { done, condemned };
};

describe('a batch that fails', () => {
  it('is done but for the tasks that fail alone, whichever these are', async () => {
    const tasks = Array.from({ length: 40 }, (_, index) => `task-${index}`);
    await fc.assert(
      fc.asyncProperty(fc.subarray(tasks), async (poisoned) => {
        const { done, condemned } = await run(tasks, new Set(poisoned));
        expect([...condemned].sort()).toEqual([...poisoned].sort());
        expect([...done, ...condemned].sort()).toEqual([...tasks].sort());
      }),
      { numRuns: 50 },
    );
  });

  it('because the database is away condemns nobody', async () => {
    const condemned: string[] = [];
    const isolation = {
      work: () => Promise.reject(new DatabaseUnavailable('away')),
      condemn: (id: string) => Promise.resolve(condemned.push(id)),
    };
    await expect(isolate(['a', 'b'], new Error('poison'), isolation)).rejects.toThrow('away');
    await expect(isolate(['a'], new DatabaseUnavailable('away'), isolation)).rejects.toThrow('away');
    expect(condemned).toEqual([]);
  });

  it('because what is asked of every task fails condemns nobody', async () => {
    const condemned: string[] = [];
    const isolation = {
      work: () => Promise.resolve(),
      condemn: (id: string) => Promise.resolve(condemned.push(id)),
    };
    const failed = new NoTaskAtFault('the guard of the venue', new TypeError('x is undefined'));
    await expect(isolate(['a'], failed, isolation)).rejects.toThrow('the guard of the venue failed');
    expect(condemned).toEqual([]);
  });
});
