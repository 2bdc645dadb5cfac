import { describe, expect, it } from '@jest/globals';
import { Test } from '@nestjs/testing';
import type { EventLog } from '@switchyard/log';
import { LatencyProfiler, type Logger } from '@switchyard/observability';
import type { Database } from '@switchyard/persistence';
import { Registry } from 'prom-client';
import { SealTimer } from './adapters/seal-timer.js';
import { journalConfig } from './config.js';
import { recordedTopics } from './consumers/every-topic.js';
import { journal } from './index.js';
import { journalModule } from './journal.module.js';

const silent = { warn: () => undefined, debug: () => undefined } as unknown as Logger;
const emptyDb = { query: () => Promise.resolve({ rows: [], rowCount: 0 }) } as unknown as Database;
const context = () => ({
  name: journal.name,
  config: journalConfig.parse({}),
  logger: silent,
  metrics: new Registry(),
  profiler: new LatencyProfiler(),
  db: emptyDb,
  log: {} as EventLog<never>,
});

describe('the journal service', () => {
  it('compiles its real module, seals while it runs and stops', async () => {
    const made = context();
    const module = await Test.createTestingModule({ imports: [journalModule(made) as never] }).compile();
    await module.init();
    expect(module.get(SealTimer)).toBeInstanceOf(SealTimer);
    await module.close();
    expect(await made.metrics.metrics()).toContain('switchyard_audit_sealing_failing 0');
  });

  it('names every bad variable at once', () => {
    const { error } = journalConfig.safeParse({
      SWITCHYARD_VENUES: 'nowhere',
      SWITCHYARD_JOURNAL_SEAL_INTERVAL_MS: 'x',
    });
    expect(error!.issues.map(({ path }) => path[0])).toEqual([
      'SWITCHYARD_VENUES',
      'SWITCHYARD_JOURNAL_SEAL_INTERVAL_MS',
    ]);
  });

  it('records every topic but the books and its own seals', () => {
    const topics = recordedTopics(['binance', 'kraken']);
    expect(topics).toEqual(
      expect.arrayContaining(['TradingSignalGenerated', 'OrderRouted.binance', 'OrderRouted.kraken']),
    );
    expect(topics).not.toContain('MarketSnapshot');
    expect(topics).not.toContain('AuditRecorded');
  });
});
