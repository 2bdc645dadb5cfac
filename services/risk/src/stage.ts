import { TradingStateBoard } from '@switchyard/model';
import { FollowedStates, type ServiceContext } from '@switchyard/runtime';
import { MarketPrices } from './adapters/market-prices.js';
import { pricesOf, type RiskConfig } from './config.js';
import { RiskConsumer } from './consumers/risk.consumer.js';
import { DecideRisk } from './handlers/decide-risk.js';

/**
 * The stage without a process around it: for a simulation, which brings its own log, store and clock. Its effects are `HeldExitsEffect`s;
 * whoever keeps those exits appends `heldExitDue` when one is due. `ready` resolves when it may be given its first event.
 */
export const riskStage = ({ config, log, metrics }: Pick<ServiceContext<RiskConfig>, 'config' | 'log' | 'metrics'>) => {
  const prices = new MarketPrices(log, pricesOf(config));
  const states = new TradingStateBoard();
  return {
    consumer: new RiskConsumer(new DecideRisk(config.settings, prices, metrics, states)),
    ready: async (): Promise<void> => {
      await prices.onModuleInit();
      await new FollowedStates(log, states).onModuleInit();
    },
  };
};
