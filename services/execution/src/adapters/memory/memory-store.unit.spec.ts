import type { ExecutionStore } from '../../ports/execution-store.js';
import { VENUE } from '../../testing/routed-order.js';
import { storeContract } from '../../testing/store-contract/index.js';
import { MemoryExecutionDatabase } from './memory-database.js';
import type { MemoryExecutionStore } from './memory-store.js';

storeContract('memory', () => {
  let startedAt = Date.now();
  const database = new MemoryExecutionDatabase({ venue: VENUE, now: () => (startedAt += 1) });
  let clients = 0;
  return Promise.resolve({
    client: () => Promise.resolve(database.client(`client-${(clients += 1)}`)),
    guard: () => Promise.resolve(database.client(`client-${(clients += 1)}`).guard),
    kill: (client: ExecutionStore) => {
      (client as MemoryExecutionStore).crash();
      return Promise.resolve();
    },
    events: () => Promise.resolve(database.events.map(({ type }) => type)),
    reset: () => {
      database.clear();
      return Promise.resolve();
    },
  });
});
