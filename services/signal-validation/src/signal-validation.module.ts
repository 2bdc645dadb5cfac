import { Module, type DynamicModule } from '@nestjs/common';
import type { ServiceContext } from '@switchyard/runtime';
import { ListedMarkets } from './adapters/listed-markets.js';
import type { ValidationConfig } from './config.js';
import { SignalsConsumer } from './consumers/signals.consumer.js';
import { ValidateSignals } from './handlers/validate-signals.js';

@Module({})
export class SignalValidationModule {}

export const signalValidationModule = ({ config, log, metrics }: ServiceContext<ValidationConfig>): DynamicModule => ({
  module: SignalValidationModule,
  controllers: [SignalsConsumer],
  providers: [
    { provide: ListedMarkets, useFactory: () => new ListedMarkets(log, config.marketFreshMs) },
    {
      provide: ValidateSignals,
      useFactory: (markets: ListedMarkets) => new ValidateSignals(config, markets.board, metrics),
      inject: [ListedMarkets],
    },
  ],
});
