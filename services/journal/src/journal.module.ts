import type { DynamicModule } from '@nestjs/common';
import { Module } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import type { ServiceContext } from '@switchyard/runtime';
import { AuditSealer } from './adapters/audit-sealer.js';
import { SealTimer } from './adapters/seal-timer.js';
import type { JournalConfig } from './config.js';
import { everyTopic } from './consumers/every-topic.js';
import { LiveMonitor } from './monitor/live-monitor.js';
import { MonitorTimer } from './monitor/monitor-timer.js';
import { tallyOf } from './monitor/tally-of.js';

@Module({})
export class JournalModule {}

export const journalModule = (context: ServiceContext<JournalConfig>): DynamicModule => ({
  module: JournalModule,
  controllers: [everyTopic(context.config.venues)],
  providers: [
    {
      provide: SealTimer,
      useFactory: () => {
        const { config, db, log, logger, metrics } = context;
        return new SealTimer(new AuditSealer(db, log, config.sealMaxRows), config.sealIntervalMs, logger, metrics);
      },
    },
    {
      provide: MonitorTimer,
      useFactory: () => {
        const { config, db, log, logger, metrics } = context;
        const monitor = new LiveMonitor(db, log, tallyOf(context), config.monitor, randomUUID());
        return new MonitorTimer(monitor, config.monitorIntervalMs, logger, metrics);
      },
    },
  ],
});
