import type { ServiceDefinition } from '@switchyard/runtime';
import { accountsModule } from './accounts.module.js';
import { accountsConfig, type AccountsConfig } from './config.js';
import { StateReportsTable } from './trading-state/state-reports.consumer.js';

/** Users, their tokens, limits and exchange accounts; tells every stage of each change. */
export const accounts: ServiceDefinition<AccountsConfig> = {
  name: 'accounts',
  config: accountsConfig,
  migrations: new URL('../migrations/', import.meta.url),
  module: accountsModule,
  effects: () => new StateReportsTable(),
  http: true,
};

export { AccountsSetup } from './accounts-setup.js';
export type { ConnectAccount } from './exchange-accounts.js';
export type { CreateUser } from './users.js';
export { POLICY_ACKNOWLEDGEMENT, type PolicyAcknowledgement } from './policy/policy-acknowledgement.js';
