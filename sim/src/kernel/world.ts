import type { History } from './history.js';
import type { Owner, Scheduler } from './scheduler.js';

/** What becomes of one effect: how long it takes there and back, and what goes wrong with it. */
export interface Verdict {
  readonly thereMs: number;
  readonly backMs: number;
  /** `crashBefore`, `crashAfter`: its process dies. `failsBefore`, `failsAfter`: the connection does; after, the effect was made. */
  /** Its process stands still when the effect is to be made, milliseconds. */
  readonly stopMs?: number | undefined;
  readonly wrong?: 'crashBefore' | 'crashAfter' | 'failsBefore' | 'failsAfter' | undefined;
}

/** Decides what goes wrong, and when. */
export interface Faults {
  at(process: SimProcess, effect: string): Verdict;
}

/** A process of a service: it lives until it is killed, and is never heard of again. */
export class SimProcess implements Owner {
  alive = true;
  stoppedUntil = 0;
  readonly #onDeath: (() => void)[] = [];

  constructor(
    readonly service: string,
    readonly replica: number,
    readonly incarnation: number,
  ) {}

  get name(): string {
    return `${this.service}-${this.replica}#${this.incarnation}`;
  }

  /** Called when it dies, in the same step. */
  onDeath(run: () => void): void {
    this.#onDeath.push(run);
  }

  die(): void {
    this.alive = false;
    for (const run of this.#onDeath) run();
  }
}

/** The connection to a store or to the log broke: what was asked may have been done. Known as such by its SQLSTATE. */
export class ConnectionLost extends Error {
  readonly code = '08006';
  constructor(effect: string) {
    super(`the connection was lost at ${effect}`);
    this.name = 'ConnectionLost';
  }
}

/** What all parts of a simulation share. */
export class World {
  effects = 0;
  crashes = 0;
  failures = 0;
  /** Told when a process was killed. */
  onKilled: (process: SimProcess) => void = () => undefined;
  /** Has a process stand still: SIGSTOP. */
  stop: (process: SimProcess, forMs: number) => void = () => undefined;

  constructor(
    readonly scheduler: Scheduler,
    readonly history: History,
    readonly faults: Faults,
  ) {}

  get now(): number {
    return this.scheduler.now;
  }

  /** The process whose code runs. Throws where none does: only processes have effects. */
  get process(): SimProcess {
    const { owner } = this.scheduler;
    if (!(owner instanceof SimProcess)) throw new Error('an effect outside of every process');
    return owner;
  }

  note(who: string, what: string): void {
    this.history.add(this.now, who, what);
  }

  /**
   * One effect on the world: the way there, the effect in a single step, the way back. Its process may die, or its connection break, before
   * it or after it. Of a process that died nothing resolves any more.
   */
  async effect<T>(name: string, make: () => T | Promise<T>): Promise<T> {
    const { process } = this;
    const { thereMs, backMs, stopMs, wrong } = this.faults.at(process, name);
    this.effects += 1;
    await this.scheduler.pause(thereMs);
    if (stopMs !== undefined) {
      this.stop(process, stopMs);
      await this.scheduler.pause(0);
    }
    if (wrong === 'crashBefore') return this.kill(process, `before ${name}`);
    if (wrong === 'failsBefore') throw this.lost(process, `before ${name}`);
    const made = await make();
    this.note(process.name, name);
    if (wrong === 'crashAfter') return this.kill(process, `after ${name}`);
    await this.scheduler.pause(backMs);
    if (wrong === 'failsAfter') throw this.lost(process, `after ${name}`);
    return made;
  }

  /** `kill -9`: never resolves. */
  kill(process: SimProcess, when: string): Promise<never> {
    if (process.alive) {
      this.crashes += 1;
      this.note(process.name, `KILLED ${when}`);
      process.die();
      this.onKilled(process);
    }
    return new Promise(() => undefined);
  }

  lost(process: SimProcess, when: string): ConnectionLost {
    this.failures += 1;
    this.note(process.name, `CONNECTION LOST ${when}`);
    return new ConnectionLost(when);
  }
}
