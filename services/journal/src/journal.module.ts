import type { DynamicModule } from '@nestjs/common';
import { Module } from '@nestjs/common';
import type { ServiceContext } from '@switchyard/runtime';
import { AuditSealer } from './adapters/audit-sealer.js';
import { SealTimer } from './adapters/seal-timer.js';
import type { JournalConfig } from './config.js';
import { everyTopic } from './consumers/every-topic.js';

@Module({})
export class JournalModule {}

export const journalModule = ({ config, db, log, logger, metrics }: ServiceContext<JournalConfig>): DynamicModule => ({
  module: JournalModule,
  controllers: [everyTopic(config.venues)],
  providers: [
    {
      provide: SealTimer,
      useFactory: () =>
        new SealTimer(new AuditSealer(db, log, config.sealMaxRows), config.sealIntervalMs, logger, metrics),
    },
  ],
});
