import { describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const PROGRAM = join(import.meta.dirname, '../../dist/main.js');

interface Result {
  readonly events: number;
  readonly violations: number;
  readonly figures: Readonly<Record<string, number>>;
}

/** The run of a million events (`npm run bench -- contamination`), small. */
describe('thousands of events of marked users, some at a venue, all services working', () => {
  it('leave nothing of one user’s at another’s, in no record, row, log line, ledger entry, stream or answer; what is planted there is found', async () => {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [PROGRAM, 'contamination', '--events', '4000', '--users', '40', '--bound', '200'],
      { maxBuffer: 64 * 1024 * 1024 },
    );
    const result = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as Result;
    const { topicRecords, tableRows, ledgerOrders, logLines, streamEvents, answers } = result.figures;
    // Everything was there to be looked at.
    for (const looked of [topicRecords, tableRows]) expect(looked).toBeGreaterThan(4_000);
    for (const looked of [ledgerOrders, logLines, answers]) expect(looked).toBeGreaterThan(20);
    expect(streamEvents).toBeGreaterThan(500);
    expect(result.violations).toBe(0);
    expect(result.figures['planted']).toBe(3);
    expect(result.figures['plantedFound']).toBe(3);
  }, 120_000);
});
