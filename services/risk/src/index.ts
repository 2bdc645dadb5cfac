import type { ServiceDefinition } from '@switchyard/runtime';
import { riskConfig, type RiskConfig } from './config.js';
import { HeldExitsTable } from './adapters/held-exits-table.js';
import { riskModule } from './risk.module.js';

/** Decides whether and how much a user may trade; owns limits, reservations and holdings. */
export const risk: ServiceDefinition<RiskConfig> = {
  name: 'risk',
  config: riskConfig,
  migrations: new URL('../migrations/', import.meta.url),
  module: riskModule,
  effects: () => new HeldExitsTable(),
};

export { heldExitDue, type DueExit } from './adapters/held-exit-alarm.js';
export type { HeldExitsEffect } from './adapters/held-exits-table.js';
export type { RiskConfig } from './config.js';
export { riskStage } from './stage.js';
