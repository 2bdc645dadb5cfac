import type { ServiceDefinition } from '@switchyard/runtime';
import { riskConfig, type RiskConfig } from './config.js';
import { riskModule } from './risk.module.js';

/** Decides whether and how much a user may trade; owns limits, reservations and holdings. */
export const risk: ServiceDefinition<RiskConfig> = { name: 'risk', config: riskConfig, module: riskModule };
