import type { VenueName } from '@switchyard/exchanges';
import { lengthOf, sentenceOf, type Fault, type VenueFault } from '../plan/fault.js';
import type { Wound } from '../recovery.js';
import type { Deployment } from '../system/deployment.js';
import type { Owners } from './owners.js';

/** Carries faults out, each with its end, as many at once as the plan wants. */
export class Injector {
  private readonly healing = new Set<Promise<void>>();
  private readonly venueFaults = new Map<VenueFault, true>();
  private arming: Promise<void> = Promise.resolve();

  constructor(
    private readonly deployment: Deployment,
    private readonly owners: Owners,
    private readonly say: (line: string) => void,
  ) {}

  /** Resolves when the fault can be carried out: the database, and of the brokers one at a time, must be up to be killed. */
  async ready(fault: Fault): Promise<void> {
    const { postgres, kafka } = this.deployment;
    const isReady = (): boolean =>
      fault.kind === 'killPostgres'
        ? postgres.state === 'running'
        : fault.kind !== 'killBroker' || kafka === undefined || kafka.away.length === 0;
    while (!isReady()) await pause(100);
  }

  /** Hurts at once; what lasts heals by itself. */
  inflict(fault: Fault): Wound {
    const wound = { at: Date.now(), fault, partitions: this.partitionsOf(fault) };
    const healed = this.carryOut(fault)
      .catch((error: unknown) => {
        this.say(`could not: ${sentenceOf(fault)}: ${error instanceof Error ? error.message : String(error)}`);
      })
      .finally(() => this.healing.delete(healed));
    this.healing.add(healed);
    return wound;
  }

  /** Resolves when everything that was hurt has been healed. */
  async healed(): Promise<void> {
    await Promise.all(this.healing);
    await Promise.all([...this.deployment.venues.values()].map((door) => door.clearFaults()));
  }

  private partitionsOf(fault: Fault): readonly number[] {
    if (fault.kind !== 'kill') return [];
    return [...new Set(fault.processes.flatMap((name) => this.owners.of(name)))].sort((a, b) => a - b);
  }

  private async carryOut(fault: Fault): Promise<void> {
    const { deployment } = this;
    switch (fault.kind) {
      case 'kill':
        for (const name of fault.processes) deployment.node(name).process.kill();
        return;
      case 'pause': {
        const resume = deployment.node(fault.process).process.pause();
        await pause(fault.forMs);
        resume();
        return;
      }
      case 'cut': {
        const heal = deployment.cut(fault.process, fault.from, fault.venue, fault.how);
        await pause(fault.forMs);
        heal();
        return;
      }
      case 'killPostgres':
        await deployment.postgres.kill();
        await pause(fault.forMs);
        await deployment.postgres.restart();
        return;
      case 'killBroker': {
        const { kafka } = deployment;
        const leader = await kafka?.leaderOf('TradingSignalGenerated', fault.partition);
        if (kafka === undefined || leader === undefined || leader < 1) throw new Error('nobody leads that partition');
        await kafka.kill(leader);
        await pause(fault.forMs);
        await kafka.restart(leader);
        return;
      }
      case 'venue':
        this.venueFaults.set(fault, true);
        await this.arm();
        await pause(lengthOf(fault));
        this.venueFaults.delete(fault);
        await this.arm();
    }
  }

  /** A venue clears all of its faults or none: those that go on are set again, one change after the other. */
  private arm(): Promise<void> {
    this.arming = this.arming
      .catch(() => undefined)
      .then(async () => {
        for (const [venue, door] of this.deployment.venues) {
          await door.clearFaults();
          for (const { venues, fault, probability, reach, ms } of this.venueFaults.keys()) {
            if (!venues.includes(venue)) continue;
            const path = reach === 'all' ? '/*' : (ORDER_PATHS[venue] ?? '/*');
            await door.arm({ fault, probability, match: { path }, ...(ms === undefined ? {} : { ms }) });
          }
        }
      });
    return this.arming;
  }
}

/** Where a venue takes orders and tells of them; a prefix where it ends in `*`. */
const ORDER_PATHS: Readonly<Partial<Record<VenueName, string>>> = {
  binance: '/api/v3/order',
  kraken: '/0/private/*',
  coinbase: '/api/v3/brokerage/orders*',
  bybit: '/v5/order/*',
  okx: '/api/v5/trade/order',
  alpaca: '/v2/orders*',
};

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
