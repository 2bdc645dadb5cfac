export { logContract, type LogFixture, type MemberOptions, type TestMember } from './log-contract.js';
export { delayed } from './delayed-store.js';
export {
  memoryBatch,
  type Documents,
  type MemoryBatch,
  type MemoryBatchOptions,
  type TestEvent,
} from './memory-batch.js';
export { RepeatingWire } from './repeating-wire.js';
export { until } from './until.js';
