import type { Deployment } from '../system/deployment.js';
import { memberOf } from '../system/processes.js';
import type { Observer } from './observer.js';

const LOOK_MS = 1_000;

/** Who has which partitions, as of a moment ago: when a process is killed there is no time to ask. */
export class Owners {
  private partitions: ReadonlyMap<string, readonly number[]> = new Map();
  private timer: NodeJS.Timeout | undefined;
  private looking = false;

  constructor(
    private readonly deployment: Deployment,
    private readonly observer: Observer,
  ) {}

  start(): void {
    this.timer = setInterval(() => void this.look(), LOOK_MS);
  }

  stop(): void {
    clearInterval(this.timer);
  }

  /** @param name of a process */
  of(name: string): readonly number[] {
    const node = this.deployment.node(name);
    return this.partitions.get(`${node.deployment} ${memberOf(node)}`) ?? [];
  }

  private async look(): Promise<void> {
    if (this.looking) return;
    this.looking = true;
    // A database that is away tells nothing; what was known stands.
    this.partitions = await this.observer.owners().catch(() => this.partitions);
    this.looking = false;
  }
}
