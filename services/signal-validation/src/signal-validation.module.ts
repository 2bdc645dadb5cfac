import { Module, type DynamicModule } from '@nestjs/common';
import { announcer, type ServiceContext } from '@switchyard/runtime';
import { ListedMarkets } from './adapters/listed-markets.js';
import { UndecidedSignals } from './adapters/undecided-signals.js';
import { UndecidedTimer } from './adapters/undecided-timer.js';
import type { ValidationConfig } from './config.js';
import { SignalsConsumer } from './consumers/signals.consumer.js';
import { FanOutWorker } from './fan-out/fan-out-worker.js';
import { ValidateSignals } from './handlers/validate-signals.js';

/** A sweep each few seconds puts at most so many signals to the log again, each admission at most so often: over ten minutes. */
const AGAIN = { maxAgain: 100, maxTries: 6 };

@Module({})
export class SignalValidationModule {}

export const signalValidationModule = (
  { config, db, log, logger, metrics }: ServiceContext<ValidationConfig>,
  fanOut: FanOutWorker,
): DynamicModule => ({
  module: SignalValidationModule,
  controllers: [SignalsConsumer],
  providers: [
    { provide: FanOutWorker, useValue: fanOut },
    { provide: ListedMarkets, useFactory: () => new ListedMarkets(log, config.marketFreshMs) },
    {
      provide: ValidateSignals,
      useFactory: (markets: ListedMarkets) => new ValidateSignals(config, markets.board, metrics),
      inject: [ListedMarkets],
    },
    {
      provide: UndecidedTimer,
      useFactory: () => {
        const announce = announcer(log);
        const wake = (): void => {
          announce('signal-validation', ['TradingSignalGenerated']);
        };
        const undecided = new UndecidedSignals(db, wake, { afterMs: config.undecidedAfterMs, ...AGAIN });
        return new UndecidedTimer(undecided, config.undecidedAfterMs / 2, logger, metrics);
      },
    },
  ],
});
