import type { ServiceDefinition } from '@switchyard/runtime';
import { shelfOf } from './adapters/book-shelf.js';
import { routingConfig, type RoutingConfig } from './config.js';
import { routingModule } from './routing.module.js';

/** Decides where an approved order goes, follows it, and takes it elsewhere where a venue fails before it got there. */
export const routing: ServiceDefinition<RoutingConfig> = {
  name: 'routing',
  config: routingConfig,
  migrations: new URL('../migrations/', import.meta.url),
  module: routingModule,
  effects: shelfOf,
};

export type { RoutingConfig } from './config.js';
export { routingStage } from './stage.js';
export { storedBooks, type StoredBooks } from './adapters/stored-books.js';
