import type { VenueClient } from '@switchyard/exchanges';
import {
  executionConfig,
  ExecutionMetrics,
  MemoryExecutionDatabase,
  newVenueExecutor,
  type Clock,
  type ExecutionStore,
  type MemoryTransaction,
  type StoreFaults,
  type StoreStep,
} from '@switchyard/execution-service';
import type { EffectsPort, MemoryTx } from '@switchyard/log';
import type { Judge } from '../check/judge.js';
import type { SimProcess } from '../kernel/world.js';
import type { SimStage } from '../log/sim-stage.js';
import { simAccess } from '../venue/sim-access.js';
import { simClient } from '../venue/sim-client.js';
import type { DeploymentParts } from './deployment.js';
import { historyLogger, METRICS } from './services.js';
import type { StageParts } from './stage-process.js';
import { changed, throughUnits } from './through.js';

/** The executors of a venue: their common database, and what starts one in its process. */
export interface Executors {
  readonly database: MemoryExecutionDatabase;
  start(process: SimProcess): Promise<StageParts>;
}

const STAGE = '/stage';

export const newExecutors = (parts: DeploymentParts, stage: SimStage): Executors => {
  const { world, climate, random, judge, venue, seams } = parts;
  const config = executionConfig('binance').parse({});
  const database = new MemoryExecutionDatabase({
    venue: 'binance',
    now: () => Date.now(),
    append: (tx, events) => {
      tx.onCommit(() => {
        stage.append(events);
      });
    },
    faults: storeFaults(parts),
  });
  const network = random.stream('network');

  const clientOf = (accountKey: string): VenueClient => {
    const client = simClient(
      {
        world,
        random: network,
        venue,
        weather: () => climate.weather(),
        peril: () => climate.peril(network),
        deadlineMs: config.deadlineMs,
        sendWithinMs: config.sendWithinMs,
        windowMs: config.venueWindowMs,
        offsetMs: () => venue.skewMs,
        onWrite: ({ clientOrderId }) => {
          const intents = [...database.table('orders').values()];
          if (!intents.some((intent) => intent.clientOrderId === clientOrderId))
            judge.violated('G2', `the request of ${clientOrderId} leaves before its intent is stored`);
        },
      },
      accountKey,
    );
    return seams.client?.(client) ?? client;
  };

  return {
    database,
    start: async (process) => {
      const client = database.client(process.name);
      const stageClient = database.client(`${process.name}${STAGE}`);
      process.onDeath(() => {
        client.crash();
        stageClient.crash();
      });
      const { executor, consumer, intake } = newVenueExecutor<MemoryTransaction>({
        config,
        store: underItsLease(seams.executionStore?.(client, database) ?? client, database, judge),
        unitOf: (tx) => seams.intake?.(tx.unit) ?? tx.unit,
        guardStore: client.guard,
        access: simAccess(venue, clientOf),
        keys: {
          versionOf: () => Promise.resolve(1),
          open: (_, accountId) => Promise.resolve({ version: 1, credentials: { apiKey: accountId, secret: 'secret' } }),
        },
        log: stage.memory,
        clock: CLOCK,
        logger: historyLogger(world, process),
        metrics: new ExecutionMetrics(METRICS, 'binance'),
        owner: process.name,
      });
      const both = inOneCommit(intake, () => stageClient.begin());
      await executor.start();
      return { consumer, ready: () => Promise.resolve(), ...both };
    },
  };
};

/** Looks at what the executor's transactions hold: an order under another lease than it was asked for under would be stored by a stale worker. */
const underItsLease = (store: ExecutionStore, database: MemoryExecutionDatabase, judge: Judge): ExecutionStore =>
  throughUnits(store, (unit) =>
    changed(unit, {
      lockHeld: async (held) => {
        const locked = await unit.lockHeld(held);
        for (const { orderId, epoch } of held) {
          // Its own lease may be of this very transaction; one that others see and that is higher is a successor's.
          const current = database.table('orders').get(orderId)?.leaseEpoch ?? 0;
          if (locked.get(orderId)?.epoch === epoch && current > Number(epoch))
            judge.violated(
              'G6',
              `what was learned of ${orderId} under lease ${epoch} is stored under lease ${current}`,
            );
        }
        return locked;
      },
      // The claim holds the task's row: whoever marked it did so before.
      intend: (intents, owner) => {
        for (const { routed, status } of intents)
          if (status === 'executing' && database.table('tasks').get(routed.orderId)?.cancelReason !== undefined)
            judge.violated('G2', `${routed.orderId} is to be sent, and somebody wants it gone`);
        return unit.intend(intents, owner);
      },
    }),
  );

/**
 * The stage's transaction and the executor's are one: what the intake wrote is committed in the step in which the log commits, and undone
 * with it.
 */
const inOneCommit = (
  intake: EffectsPort<MemoryTransaction>,
  begin: () => MemoryTransaction,
): Required<Pick<StageParts, 'effects' | 'beside'>> => {
  let open: MemoryTransaction | undefined;
  const end = async (how: 'commit' | 'rollback'): Promise<void> => {
    const transaction = open;
    open = undefined;
    await transaction?.[how]();
  };
  const effects: EffectsPort<MemoryTx> = {
    apply: async (_, given) => {
      const transaction = begin();
      open = transaction;
      await intake.apply(transaction, given);
      // It awaits none of its statements: one that failed is heard of here, before anything is committed.
      await transaction
        .ask('last statement', () => undefined)
        .catch((error: unknown) => {
          throw transaction.causeOf(error) as Error;
        });
    },
  };
  return { effects, beside: { committed: () => end('commit'), undone: () => end('rollback') } };
};

/** Each statement and each commit of the executor is an effect: it takes its time, and its process may die before it or after it. */
const storeFaults = ({ world, climate }: DeploymentParts): StoreFaults => {
  const verdicts = new WeakMap<StoreStep, ReturnType<typeof climate.at>>();
  // The stage's own commit is where its transaction ends; the statements before it are effects like any.
  const isStages = ({ client, kind }: StoreStep): boolean => kind === 'commit' && client.endsWith(STAGE);
  return {
    before: async (step) => {
      if (isStages(step)) return;
      const { process } = world;
      const verdict = climate.at(process, `${step.kind} ${step.name}`);
      verdicts.set(step, verdict);
      world.effects += 1;
      await world.scheduler.pause(verdict.thereMs);
      if (verdict.wrong === 'crashBefore') await world.kill(process, `before ${step.name}`);
      if (verdict.wrong === 'failsBefore') throw world.lost(process, `before ${step.name}`);
    },
    after: async (step) => {
      if (isStages(step)) return;
      const { process } = world;
      const verdict = verdicts.get(step);
      world.note(process.name, `${step.kind} ${step.name}`);
      if (verdict?.wrong === 'crashAfter') await world.kill(process, `after ${step.name}`);
      await world.scheduler.pause(verdict?.backMs ?? 0);
      if (verdict?.wrong === 'failsAfter') throw world.lost(process, `after ${step.name}`);
    },
  };
};

/** Simulated: these are the process's globals, which are. */
const CLOCK: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  random: () => Math.random(),
  after: (ms, run) => {
    const timer = setTimeout(run, ms);
    return () => {
      clearTimeout(timer);
    };
  },
};
