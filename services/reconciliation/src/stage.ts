import type { ServiceContext } from '@switchyard/runtime';
import { TermsBoard } from './adapters/terms-board.js';
import type { ReconciliationConfig } from './config.js';
import { AccountsConsumer } from './consumers/accounts.consumer.js';
import { CompareState } from './handlers/compare-state.js';
import { KeepBooks } from './handlers/keep-books.js';
import { reconciliationMetrics } from './metrics.js';

/**
 * The stage without a process around it: for a simulation, which brings its own log, store and clock. Its effects are `AccountEffect`s;
 * whoever keeps those accounts asks for their state. `ready` resolves when it may be given its first event.
 */
export const reconciliationStage = ({
  config,
  log,
  logger,
  metrics,
}: Pick<ServiceContext<ReconciliationConfig>, 'config' | 'log' | 'logger' | 'metrics'>) => {
  const board = new TermsBoard(log);
  const counted = reconciliationMetrics(metrics);
  return {
    consumer: new AccountsConsumer(new KeepBooks(board, counted), new CompareState(config.compare, counted, logger)),
    ready: (): Promise<void> => board.onModuleInit(),
  };
};
