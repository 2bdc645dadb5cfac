import type { ServiceContext } from '@switchyard/runtime';
import { ListedMarkets } from './adapters/listed-markets.js';
import type { ValidationConfig } from './config.js';
import { SignalsConsumer } from './consumers/signals.consumer.js';
import { ValidateSignals } from './handlers/validate-signals.js';

/**
 * The stage without a process around it: for a simulation, which brings its own log, store and clock. `ready` resolves when it may be
 * given its first event.
 */
export const signalValidationStage = ({
  config,
  log,
  metrics,
}: Pick<ServiceContext<ValidationConfig>, 'config' | 'log' | 'metrics'>) => {
  const markets = new ListedMarkets(log, config.marketFreshMs);
  return {
    consumer: new SignalsConsumer(new ValidateSignals(config, markets.board, metrics)),
    ready: (): Promise<void> => markets.onModuleInit(),
  };
};
