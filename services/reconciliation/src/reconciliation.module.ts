import { Module, type DynamicModule } from '@nestjs/common';
import type { ServiceContext } from '@switchyard/runtime';
import { Inquirer } from './adapters/inquirer.js';
import { TermsBoard } from './adapters/terms-board.js';
import type { ReconciliationConfig } from './config.js';
import { AccountsConsumer } from './consumers/accounts.consumer.js';
import { CompareState } from './handlers/compare-state.js';
import { KeepBooks } from './handlers/keep-books.js';
import { reconciliationMetrics, standingDrifts } from './metrics.js';

@Module({})
export class ReconciliationModule {}

export const reconciliationModule = (context: ServiceContext<ReconciliationConfig>): DynamicModule => {
  const { config, db, log, logger } = context;
  const metrics = reconciliationMetrics(context.metrics);
  const { venues, intervalMs, restIntervalMs, lookbackMs } = config;
  standingDrifts(context.metrics, db, venues);
  return {
    module: ReconciliationModule,
    controllers: [AccountsConsumer],
    providers: [
      { provide: TermsBoard, useFactory: () => new TermsBoard(log) },
      { provide: KeepBooks, useFactory: (board: TermsBoard) => new KeepBooks(board, metrics), inject: [TermsBoard] },
      { provide: CompareState, useFactory: () => new CompareState(config.compare, metrics, logger) },
      {
        provide: Inquirer,
        useFactory: () => new Inquirer({ db, log, logger, metrics, venues, intervalMs, restIntervalMs, lookbackMs }),
      },
    ],
  };
};
