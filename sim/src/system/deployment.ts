import { MemoryLog } from '@switchyard/log';
import type { Judge } from '../check/judge.js';
import type { Seams } from '../defects/defect.js';
import type { Climate } from '../faults/climate.js';
import type { Random } from '../kernel/random.js';
import { SimProcess, type World } from '../kernel/world.js';
import { Broker } from '../log/broker.js';
import { Coordinator } from '../log/coordinator.js';
import { PARTITIONS, SimStage } from '../log/sim-stage.js';
import type { SimVenue } from '../venue/sim-venue.js';
import { newExecutors, type Executors } from './executors.js';
import { SERVICES, type ServiceName } from './services.js';
import { startStage, type StageProcessParts } from './stage-process.js';

export interface DeploymentParts {
  readonly world: World;
  readonly random: Random;
  readonly climate: Climate;
  readonly judge: Judge;
  readonly venue: SimVenue;
  readonly seams: Seams;
}

const REPLICAS = 2;
/** A member that is not heard of for so long is taken for dead. */
const SESSION_MS = 4_000;
const FAULT_EVERY_MS = 1_000;

/** Every service as a deployment runs it: replicas over one log, each group with a database of its own. Whoever dies is started again. */
export class Deployment {
  readonly log: MemoryLog;
  readonly broker: Broker;
  readonly stages: ReadonlyMap<ServiceName, SimStage>;
  readonly executors: Executors;
  readonly #coordinators: ReadonlyMap<ServiceName, Coordinator>;
  readonly #running = new Set<SimProcess>();
  #started = 0;

  constructor(private readonly parts: DeploymentParts) {
    const { world, random, climate, judge } = parts;
    this.log = new MemoryLog({ partitions: PARTITIONS, now: () => new Date() });
    const delays = random.stream('delays');
    this.broker = new Broker(world, random.stream('broker'), () =>
      climate.strikes('delay', climate.rates.delay * 3, delays) ? delays.between(50, 4_000) : delays.between(0.2, 5),
    );
    const names = Object.keys(SERVICES) as ServiceName[];
    this.stages = new Map(names.map((name) => [name, new SimStage(name, this.log, world, judge)]));
    this.#coordinators = new Map(
      [...this.stages].map(([name, stage]) => [name, new Coordinator(world, stage, PARTITIONS)]),
    );
    this.executors = newExecutors(parts, this.stage('execution-binance'));
    world.stop = (process, forMs) => {
      this.#stop(process, forMs);
    };
    world.onKilled = (process) => {
      this.#running.delete(process);
      world.scheduler.inWorld(random.between(100, 4_000), () => {
        this.#start(process.service as ServiceName, process.replica);
      });
    };
  }

  stage(name: ServiceName): SimStage {
    const stage = this.stages.get(name);
    if (stage === undefined) throw new Error(`there is no service ${name}`);
    return stage;
  }

  start(): void {
    for (const name of this.stages.keys())
      for (let replica = 1; replica <= REPLICAS; replica += 1) this.#start(name, replica);
    this.#disturb();
  }

  /** Whoever stands still goes on. */
  resume(): void {
    for (const process of this.#running)
      process.stoppedUntil = Math.min(process.stoppedUntil, this.parts.world.now + 1);
  }

  #start(name: ServiceName, replica: number): void {
    const { world, random, seams, judge } = this.parts;
    this.#started += 1;
    const process = new SimProcess(name, replica, this.#started);
    this.#running.add(process);
    const stage = this.stage(name);
    const coordinator = this.#coordinators.get(name);
    if (coordinator === undefined) throw new Error(`there is no group ${name}`);
    const parts: StageProcessParts = {
      world,
      random: random.stream(process.name),
      broker: this.broker,
      stage,
      coordinator,
      process,
      seams,
      onParked: (group, reason) => {
        judge.violated('G4', `${group} parked a key: ${reason}`);
      },
    };
    world.scheduler.as(process, () => {
      SERVICES[name]({ ...this.parts, deployment: this, process, stage })
        .then((service) => startStage(parts, service))
        .catch((error: unknown) => {
          // As a process that cannot start: it ends, and is started again.
          world.note(process.name, `cannot start: ${String(error)}`);
          void world.kill(process, 'at its start');
        });
    });
  }

  /** Stops processes for a while, and has groups dealt anew. */
  #disturb(): void {
    const { world, climate, random } = this.parts;
    const chance = random.stream('disturb');
    const again = (): void => {
      const running = [...this.#running].sort((a, b) => (a.name < b.name ? -1 : 1));
      const process = running[chance.below(running.length)];
      const forMs = chance.pick([500, 2_000, 6_000, 15_000, 30_000]) * chance.between(0.5, 1);
      if (climate.strikes('stop', climate.rates.stop, chance) && process !== undefined) this.#stop(process, forMs);
      if (climate.strikes('network', climate.rates.network * 0.03, chance))
        climate.outage(chance.between(2_000, 30_000));
      const coordinator = chance.pick([...this.#coordinators.values()]);
      if (climate.strikes('rebalance', climate.rates.rebalance, chance)) coordinator.rebalance();
      world.scheduler.inWorld(FAULT_EVERY_MS, again);
    };
    world.scheduler.inWorld(FAULT_EVERY_MS, again);
  }

  #stop(process: SimProcess, forMs: number): void {
    const { world } = this.parts;
    world.note(process.name, `STOPPED for ${Math.round(forMs)} ms`);
    process.stoppedUntil = world.now + forMs;
    world.scheduler.inWorld(SESSION_MS, () => {
      if (process.alive && process.stoppedUntil > world.now)
        this.#coordinators.get(process.service as ServiceName)?.expire(process.name);
    });
  }
}
