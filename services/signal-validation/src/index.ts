import type { EffectsPort } from '@switchyard/log';
import type { ServiceContext, ServiceDefinition } from '@switchyard/runtime';
import { validationConfig, type ValidationConfig } from './config.js';
import { FanOutEffects } from './fan-out/fan-out-effects.js';
import { FanOutPages } from './fan-out/fan-out-pages.js';
import { FanOutWorker } from './fan-out/fan-out-worker.js';
import { signalValidationModule } from './signal-validation.module.js';

const workers = new WeakMap<ServiceContext<ValidationConfig>, FanOutWorker>();

/** The stage's effects ring where the worker sleeps: both are parts of one service. */
const workerOf = (context: ServiceContext<ValidationConfig>): FanOutWorker => {
  const { config, db, log, logger, metrics } = context;
  const worker = workers.get(context) ?? new FanOutWorker(new FanOutPages(db, log, config.fanOutPage), logger, metrics);
  workers.set(context, worker);
  return worker;
};

/** Decides whether a signal is worth a risk decision; owns the identity of every signal; copies strategies' signals for those who follow. */
export const signalValidation: ServiceDefinition<ValidationConfig> = {
  name: 'signal-validation',
  config: validationConfig,
  migrations: new URL('../migrations/', import.meta.url),
  module: (context) => signalValidationModule(context, workerOf(context)),
  effects: (context): EffectsPort<never> =>
    new FanOutEffects(() => {
      workerOf(context).wake();
    }),
  // The first stage sets the pace of all that follow: a little slower than theirs, so that none of them waits again.
  stage: { paceMs: 20 },
};

export type { ValidationConfig } from './config.js';
export { signalValidationStage } from './stage.js';
