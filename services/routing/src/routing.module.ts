import { Module, type DynamicModule } from '@nestjs/common';
import type { ServiceContext } from '@switchyard/runtime';
import { shelfOf } from './adapters/book-shelf.js';
import { MarketBoard } from './adapters/market-board.js';
import { StrandedOrders } from './adapters/stranded-orders.js';
import { Sweeper } from './adapters/sweeper.js';
import { VenueMemory } from './adapters/venue-memory.js';
import { venuesOf, type RoutingConfig } from './config.js';
import { OrdersConsumer } from './consumers/orders.consumer.js';
import { RouteOrders } from './handlers/route-orders.js';
import { routingMetrics } from './metrics.js';

@Module({})
export class RoutingModule {}

export const routingModule = (context: ServiceContext<RoutingConfig>): DynamicModule => {
  const { config, db, log, logger, metrics } = context;
  const venues = venuesOf(config);
  const own = routingMetrics(metrics);
  const parts = { config, shelf: shelfOf(context), memory: new VenueMemory(), metrics: own, logger };
  const stranded = {
    db,
    isRemoved: venues.isRemoved,
    logger,
    told: (counts: ReadonlyMap<string, number>) => {
      own.stranded.reset();
      for (const [venue, count] of counts) own.stranded.set({ venue }, count);
    },
  };
  return {
    module: RoutingModule,
    controllers: [OrdersConsumer],
    providers: [
      { provide: MarketBoard, useFactory: () => new MarketBoard(log, venues) },
      {
        provide: RouteOrders,
        useFactory: (board: MarketBoard) => new RouteOrders({ ...parts, board }),
        inject: [MarketBoard],
      },
      { provide: StrandedOrders, useFactory: () => new StrandedOrders(stranded) },
      { provide: Sweeper, useFactory: () => new Sweeper(db, config, logger) },
    ],
  };
};
