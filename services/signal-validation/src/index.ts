import type { ServiceDefinition } from '@switchyard/runtime';
import { validationConfig, type ValidationConfig } from './config.js';
import { signalValidationModule } from './signal-validation.module.js';

/** Decides whether a signal is worth a risk decision; owns the identity of every signal. */
export const signalValidation: ServiceDefinition<ValidationConfig> = {
  name: 'signal-validation',
  config: validationConfig,
  migrations: new URL('../migrations/', import.meta.url),
  module: signalValidationModule,
  // The first stage sets the pace of all that follow: a little slower than theirs, so that none of them waits again.
  stage: { paceMs: 20 },
};

export type { ValidationConfig } from './config.js';
export { signalValidationStage } from './stage.js';
