import type { ServiceDefinition } from '@switchyard/runtime';
import { gatewayConfig, type GatewayConfig } from './config.js';
import { gatewayModule } from './gateway.module.js';

/** The REST door: takes signals in, shows what became of them. */
export const gateway: ServiceDefinition<GatewayConfig> = {
  name: 'gateway',
  config: gatewayConfig,
  migrations: new URL('../migrations/', import.meta.url),
  module: gatewayModule,
  http: true,
};
