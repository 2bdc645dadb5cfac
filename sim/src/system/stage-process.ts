import { StageRunner, type EffectsPort, type MemoryTx } from '@switchyard/log';
import { isInfrastructureError } from '@switchyard/persistence';
import type { Random } from '../kernel/random.js';
import type { SimProcess, World } from '../kernel/world.js';
import type { Broker } from '../log/broker.js';
import type { Coordinator } from '../log/coordinator.js';
import { PARTITIONS, type SimStage } from '../log/sim-stage.js';
import { SimStore, type Beside } from '../log/sim-store.js';
import { SimWire } from '../log/sim-wire.js';
import type { Seams } from '../defects/defect.js';
import { handlersOf, watched } from './handlers.js';

export interface StageProcessParts {
  readonly world: World;
  readonly random: Random;
  readonly broker: Broker;
  readonly stage: SimStage;
  readonly coordinator: Coordinator;
  readonly process: SimProcess;
  readonly seams: Seams;
  /** A parked key: in a simulation nothing is poisonous. */
  readonly onParked: (group: string, reason: string) => void;
}

/** What a service's own parts are to its process. */
export interface StageParts {
  readonly consumer: object;
  readonly ready: () => Promise<void>;
  readonly effects?: EffectsPort<MemoryTx>;
  readonly beside?: Beside;
}

/** Starts one stage in its process: the runner of every deployment, over the simulated log and store. */
export const startStage = async (
  parts: StageProcessParts,
  { consumer, ready, effects, beside }: StageParts,
): Promise<void> => {
  const { world, stage, process, seams } = parts;
  const store = new SimStore(world, stage, seams, beside);
  const handlers = handlersOf(consumer).map((handler) => {
    const seamed = seams.handler?.(stage.group, handler) ?? handler;
    const topic = seamed.topic.replace('{venue}', 'binance');
    return watched({ ...seamed, topic }, (event) => {
      store.handling.push(event);
    });
  });
  const runner = new StageRunner({
    stage: { group: stage.group, handlers },
    store,
    wire: new SimWire(parts),
    partitions: PARTITIONS,
    isInfrastructure: isInfrastructureError,
    observer: {
      committed: () => undefined,
      gap: ({ topic, source, found }) => {
        world.note(process.name, `a gap before number ${found} of ${source} on ${topic}`);
      },
      dropped: (event, why) => {
        world.note(process.name, `drops ${event.topic} ${event.source ?? ''} ${event.sequence}: ${why}`);
      },
      parked: (_, reason) => {
        parts.onParked(stage.group, reason);
      },
      paused: (error) => {
        if (!isInfrastructureError(error)) world.note(process.name, `is held up: ${String(error)}`);
      },
      resumed: () => undefined,
      fenced: (partitions) => {
        world.note(process.name, `is fenced off partitions ${partitions.join(', ')}`);
      },
    },
  });
  stage.serve(process, effects, () => {
    runner.wake();
  });
  await ready();
  await runner.start();
};
