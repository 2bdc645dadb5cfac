import { createMetrics, type Logger } from '@switchyard/observability';
import { reconciliation, reconciliationStage } from '@switchyard/reconciliation-service';
import { risk, riskStage } from '@switchyard/risk-service';
import { routing, routingStage } from '@switchyard/routing-service';
import { signalValidation, signalValidationStage } from '@switchyard/signal-validation-service';
import type { SimProcess, World } from '../kernel/world.js';
import type { SimStage } from '../log/sim-stage.js';
import { askAboutAccounts, askedAccountsTable } from './asked-accounts.js';
import type { Deployment, DeploymentParts } from './deployment.js';
import { heldExitsTable, ringHeldExits } from './held-exits.js';
import type { StageParts } from './stage-process.js';

export type ServiceName = 'signal-validation' | 'risk' | 'routing' | 'execution-binance' | 'reconciliation';

export interface ServiceParts extends DeploymentParts {
  readonly deployment: Deployment;
  readonly process: SimProcess;
  readonly stage: SimStage;
}

/** Counted, and read by nobody: nothing depends on it. */
export const METRICS = createMetrics({ service: 'sim', process: false });

/** What each service's process is made of. Its configuration is its defaults. */
export const SERVICES: Readonly<Record<ServiceName, (parts: ServiceParts) => Promise<StageParts>>> = {
  'signal-validation': ({ stage }) =>
    Promise.resolve(signalValidationStage({ config: VALIDATION, log: stage.memory, metrics: METRICS })),
  risk: ({ stage, world }) => {
    ringHeldExits(world, stage);
    return Promise.resolve({
      ...riskStage({ config: RISK, log: stage.memory, metrics: METRICS }),
      effects: heldExitsTable,
    });
  },
  routing: ({ stage, world, process }) =>
    Promise.resolve(
      routingStage({
        config: ROUTING,
        log: stage.memory,
        metrics: METRICS,
        logger: historyLogger(world, process),
        shelf: { isNew: () => false },
      }),
    ),
  'execution-binance': ({ deployment, process }) => deployment.executors.start(process),
  reconciliation: ({ stage, world, process }) => {
    askAboutAccounts(world, stage);
    const logger = historyLogger(world, process);
    return Promise.resolve({
      ...reconciliationStage({ config: RECONCILIATION, log: stage.memory, metrics: METRICS, logger }),
      effects: askedAccountsTable,
    });
  },
};

const VALIDATION = signalValidation.config.parse({});
const RISK = risk.config.parse({});
const ROUTING = routing.config.parse({});
const RECONCILIATION = reconciliation.config.parse({});

/** A service's log, from warnings on, is part of the history. */
export const historyLogger = (world: World, process: SimProcess): Logger => {
  const silent = (): void => undefined;
  const tell =
    (level: string) =>
    (...given: readonly unknown[]): void => {
      const [facts, message] = typeof given[0] === 'string' ? [{}, given[0]] : given;
      const { err } = (facts ?? {}) as { readonly err?: unknown };
      world.note(process.name, `${level}: ${String(message)}${err instanceof Error ? ` (${err.message})` : ''}`);
    };
  const logger = {
    trace: silent,
    debug: silent,
    info: silent,
    warn: tell('warns'),
    error: tell('error'),
    fatal: tell('fatal'),
  };
  return { ...logger, child: () => logger } as unknown as Logger;
};
