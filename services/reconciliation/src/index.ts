import type { ServiceDefinition } from '@switchyard/runtime';
import { AccountsTable } from './adapters/accounts-table.js';
import { reconciliationConfig, type ReconciliationConfig } from './config.js';
import { reconciliationModule } from './reconciliation.module.js';

/** Keeps positions, and compares our books with the venues'. */
export const reconciliation: ServiceDefinition<ReconciliationConfig> = {
  name: 'reconciliation',
  config: reconciliationConfig,
  migrations: new URL('../migrations/', import.meta.url),
  module: reconciliationModule,
  // No order waits for it.
  stage: { paceMs: 50 },
  effects: ({ config: { intervalMs, activeMs, compare } }) =>
    new AccountsTable({ intervalMs, activeMs, settleMs: compare.settleMs }),
};

export type { AccountEffect } from './adapters/accounts-table.js';
export type { ReconciliationConfig } from './config.js';
export { reconciliationStage } from './stage.js';
