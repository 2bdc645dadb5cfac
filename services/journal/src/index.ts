import { counter } from '@switchyard/observability';
import type { ServiceContext, ServiceDefinition } from '@switchyard/runtime';
import { JournalEffects } from './adapters/journal-effects.js';
import { NewsBell } from './adapters/news-bell.js';
import { OrderLatency } from './adapters/order-latency.js';
import { journalConfig, type JournalConfig } from './config.js';
import { journalModule } from './journal.module.js';
import { tallyOf } from './monitor/tally-of.js';

/** Records every event in the audit trail and keeps what the gateway lists. */
export const journal: ServiceDefinition<JournalConfig> = {
  name: 'journal',
  config: journalConfig,
  migrations: new URL('../migrations/', import.meta.url),
  module: journalModule,
  // Most of its cost is per transaction, and nobody's order waits for it.
  stage: { lingerMs: 20, idleEvents: 2_000, busyEvents: 5_000 },
  effects: (context) => effectsOf(context),
};

const effectsOf = (context: ServiceContext<JournalConfig>): JournalEffects => {
  const { db, logger, metrics } = context;
  const bell = new NewsBell(db, logger);
  const recorded = counter(metrics, {
    name: 'audit_rows_total',
    help: 'Events written to the audit trail by this process.',
  });
  const [latency, tally] = [new OrderLatency(metrics), tallyOf(context)];
  return new JournalEffects(
    (rows) => {
      recorded.inc(rows);
      bell.ring();
    },
    (event) => {
      latency.saw(event);
      tally.saw(event);
    },
  );
};

export { verifyRows, type Evidence, type EvidenceReader } from './audit/evidence.js';
export { verifyAudit, type AuditFinding, type AuditReader, type AuditVerdict, type StoredRow } from './audit/verify.js';
export { ordersNamed, postgresEvidence, rowsOfSignal, type NamedOrder } from './adapters/postgres-evidence.js';
export { postgresAuditReader } from './adapters/postgres-audit-reader.js';
