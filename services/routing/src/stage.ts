import type { ServiceContext } from '@switchyard/runtime';
import type { BookShelf } from './adapters/book-shelf.js';
import { MarketBoard } from './adapters/market-board.js';
import { VenueMemory } from './adapters/venue-memory.js';
import { venuesOf, type RoutingConfig } from './config.js';
import { OrdersConsumer } from './consumers/orders.consumer.js';
import { RouteOrders } from './handlers/route-orders.js';
import { routingMetrics } from './metrics.js';

/**
 * The stage without a process around it: for a simulation, which brings its own log, store and clock. Its effects are the books that it
 * used and `shelf` does not know. `ready` resolves when it may be given its first event.
 */
export const routingStage = ({
  config,
  log,
  logger,
  metrics,
  shelf,
}: Pick<ServiceContext<RoutingConfig>, 'config' | 'log' | 'logger' | 'metrics'> & {
  readonly shelf: Pick<BookShelf, 'isNew'>;
}) => {
  const board = new MarketBoard(log, venuesOf(config));
  const memory = new VenueMemory();
  return {
    consumer: new OrdersConsumer(
      new RouteOrders({ config, board, memory, shelf, metrics: routingMetrics(metrics), logger }),
    ),
    ready: (): Promise<void> => board.onModuleInit(),
  };
};
