import { Module, type DynamicModule } from '@nestjs/common';
import { TradingStateBoard } from '@switchyard/model';
import { FollowedStates, type ServiceContext } from '@switchyard/runtime';
import { HeldExitAlarm } from './adapters/held-exit-alarm.js';
import { MarketPrices } from './adapters/market-prices.js';
import { pricesOf, type RiskConfig } from './config.js';
import { RiskConsumer } from './consumers/risk.consumer.js';
import { DecideRisk } from './handlers/decide-risk.js';
import { waitingMetrics } from './metrics.js';

@Module({})
export class RiskModule {}

export const riskModule = ({ config, db, log, logger, metrics }: ServiceContext<RiskConfig>): DynamicModule => {
  waitingMetrics(metrics, db);
  const states = new TradingStateBoard();
  return {
    module: RiskModule,
    controllers: [RiskConsumer],
    providers: [
      { provide: FollowedStates, useFactory: () => new FollowedStates(log, states) },
      { provide: MarketPrices, useFactory: () => new MarketPrices(log, pricesOf(config)) },
      {
        provide: DecideRisk,
        useFactory: (prices: MarketPrices) => new DecideRisk(config.settings, prices, metrics, states),
        inject: [MarketPrices],
      },
      { provide: HeldExitAlarm, useFactory: () => new HeldExitAlarm({ db, log, logger }) },
    ],
  };
};
