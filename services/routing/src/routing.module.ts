import { Module, type DynamicModule } from '@nestjs/common';
import type { ServiceContext } from '@switchyard/runtime';
import { shelfOf } from './adapters/book-shelf.js';
import { MarketBoard } from './adapters/market-board.js';
import { Sweeper } from './adapters/sweeper.js';
import type { RoutingConfig } from './config.js';
import { OrdersConsumer } from './consumers/orders.consumer.js';
import { RouteOrders } from './handlers/route-orders.js';
import { routingMetrics } from './metrics.js';

@Module({})
export class RoutingModule {}

export const routingModule = (context: ServiceContext<RoutingConfig>): DynamicModule => {
  const { config, db, log, logger, metrics } = context;
  const parts = { config, shelf: shelfOf(context), metrics: routingMetrics(metrics), logger };
  return {
    module: RoutingModule,
    controllers: [OrdersConsumer],
    providers: [
      { provide: MarketBoard, useFactory: () => new MarketBoard(log) },
      {
        provide: RouteOrders,
        useFactory: (board: MarketBoard) => new RouteOrders({ ...parts, board }),
        inject: [MarketBoard],
      },
      { provide: Sweeper, useFactory: () => new Sweeper(db, config, logger) },
    ],
  };
};
