import type { Chunk, JoinRequest, LogEvent, Membership, StoredBatch, Wire } from '@switchyard/log';
import type { Random } from '../kernel/random.js';
import type { SimProcess, World } from '../kernel/world.js';
import { placeKey, type Broker, type Place } from './broker.js';
import type { Coordinator, Member } from './coordinator.js';
import type { SimStage } from './sim-stage.js';

export interface WireParts {
  readonly world: World;
  readonly random: Random;
  readonly broker: Broker;
  readonly coordinator: Coordinator;
  readonly stage: SimStage;
  readonly process: SimProcess;
  readonly seams: WireSeams;
}

/** Where a planted defect may reach into the log's transport. */
export interface WireSeams {
  /** Whether this send, to so many places, leaves one of them out and says nothing. */
  readonly loses?: (places: number) => boolean;
}

/** The log as a distributed deployment has it: stored batches are sent to brokers, consumers read on from the offsets that are stored. */
export class SimWire implements Wire {
  readonly name = 'simulated';
  readonly strangers = true;
  readonly readsStore = false;

  constructor(private readonly parts: WireParts) {}

  join(request: JoinRequest): Promise<Membership> {
    const membership = new SimMembership(this.parts, request);
    const { world, coordinator, process, random } = this.parts;
    coordinator.join(membership);
    // The dead say nothing: they are missed when their session is over.
    process.onDeath(() => {
      world.scheduler.inWorld(random.between(500, 5_000), () => {
        coordinator.leave(membership);
      });
    });
    return Promise.resolve(membership);
  }
}

const HELD_REST_MS = 50;
const REJOIN_MS = 500;

class SimMembership implements Membership, Member {
  readonly name: string;
  readonly #owned = new Set<number>();
  /** Next offset by place. */
  readonly #next = new Map<string, number>();
  /** Where the chunk that is out begins. */
  readonly #out = new Map<string, number>();
  readonly #wanted = new Map<string, Place>();
  #wake: (() => void) | undefined;
  #told: Promise<void> = Promise.resolve();
  #left = false;

  constructor(
    private readonly parts: WireParts,
    private readonly request: JoinRequest,
  ) {
    const { process, broker } = parts;
    this.name = process.name;
    broker.onRecords((topic, partition) => {
      if (process.alive && this.#owned.has(partition) && this.#reads(topic)) this.#want({ topic, partition });
    });
  }

  async take(max: number): Promise<readonly Chunk[]> {
    const { world, broker } = this.parts;
    if (this.#wanted.size === 0) return [];
    await world.effect('fetch', () => undefined);
    const chunks: Chunk[] = [];
    let room = Math.min(max, 1 + this.parts.random.below(20));
    for (const [key, place] of [...this.#wanted]) {
      if (room <= 0) break;
      if (this.#out.has(key) || !this.#owned.has(place.partition)) continue;
      const offset = this.#next.get(key) ?? 0;
      const events = broker.read(place.topic, place.partition, offset, room);
      if (events.length === 0) {
        this.#wanted.delete(key);
        continue;
      }
      this.#out.set(key, offset);
      this.#next.set(key, offset + events.length);
      room -= events.length;
      chunks.push(chunkOf(place, offset, events));
    }
    return chunks;
  }

  ready(): Promise<void> {
    if (this.#left || [...this.#wanted.keys()].some((key) => !this.#out.has(key))) return Promise.resolve();
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  settle({ topic, partition }: Chunk): void {
    this.#out.delete(placeKey(topic, partition));
  }

  giveBack({ topic, partition }: Chunk, why: 'failed' | 'held', handled = 0): void {
    const key = placeKey(topic, partition);
    const offset = this.#out.get(key);
    this.#out.delete(key);
    if (offset === undefined || !this.#owned.has(partition)) return;
    this.#next.set(key, offset + (this.#isDoor(topic) ? handled : 0));
    if (why === 'failed') this.#want({ topic, partition });
    else {
      this.#wanted.delete(key);
      setTimeout(() => {
        if (this.#owned.has(partition)) this.#want({ topic, partition });
      }, HELD_REST_MS);
    }
  }

  /** Brokers are several: each place is a request of its own, and any of them may fail while others succeed. */
  async publish(batches: readonly StoredBatch[]): Promise<void> {
    const { world, broker } = this.parts;
    const places = new Map<string, StoredBatch[]>();
    for (const batch of batches) {
      const key = placeKey(batch.topic, batch.partition);
      places.set(key, [...(places.get(key) ?? []), batch]);
    }
    const sent = this.parts.seams.loses?.(places.size) === true ? [...places].slice(1) : [...places];
    await Promise.all(
      sent.map(([key, ofPlace]) =>
        world.effect(`send ${key}`, () => {
          for (const batch of ofPlace) broker.append(batch);
        }),
      ),
    );
  }

  lag(): Promise<ReadonlyMap<string, number>> {
    return Promise.resolve(new Map());
  }

  async leave(): Promise<void> {
    this.#left = true;
    this.parts.coordinator.leave(this);
    this.#wake?.();
    await this.#told;
  }

  gain(epochs: ReadonlyMap<number, number>): void {
    this.#tell(async () => {
      await this.request.assigned(epochs);
      for (const partition of epochs.keys()) {
        this.#owned.add(partition);
        for (const { topic } of this.request.topics) this.#begin({ topic, partition });
      }
    });
  }

  lose(partitions: readonly number[]): void {
    this.#tell(async () => {
      for (const partition of partitions) {
        this.#owned.delete(partition);
        for (const [key, place] of this.#wanted) if (place.partition === partition) this.#wanted.delete(key);
      }
      await this.request.revoked(partitions);
      if (!this.parts.coordinator.has(this) && !this.#left)
        setTimeout(() => {
          this.parts.coordinator.join(this);
        }, REJOIN_MS);
    });
  }

  /** As its own code, a while later, one after the other: until it hears of it, a former owner goes on. */
  #tell(run: () => Promise<void>): void {
    const { world, process, random } = this.parts;
    const afterMs = random.chance(0.2) ? random.between(0, 2_000) : random.between(0, 20);
    world.scheduler.as(process, () => {
      this.#told = this.#told
        .then(() => world.scheduler.pause(afterMs))
        .then(run)
        .catch(() => {
          // Its connection broke while it was told: it is dealt anew.
          this.parts.coordinator.leave(this);
          setTimeout(() => {
            if (!this.#left) this.parts.coordinator.join(this);
          }, REJOIN_MS);
        });
    });
  }

  /** Reads on from what is stored, or from a little before. */
  #begin(place: Place): void {
    const { stage, random } = this.parts;
    const key = placeKey(place.topic, place.partition);
    const stored = stage.position(place.topic, place.partition);
    const back = random.chance(0.3) ? random.below(6) : 0;
    this.#out.delete(key);
    this.#next.set(key, Math.max(0, stored - back));
    this.#want(place);
  }

  #want(place: Place): void {
    this.#wanted.set(placeKey(place.topic, place.partition), place);
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }

  #reads(topic: string): boolean {
    return this.request.topics.some((wanted) => wanted.topic === topic);
  }

  #isDoor(topic: string): boolean {
    return topic === 'TradingSignalGenerated';
  }
}

const chunkOf = ({ topic, partition }: Place, offset: number, events: readonly LogEvent[]): Chunk => ({
  topic,
  partition,
  events,
  position: String(offset + events.length),
  positionAfter: (count) => String(offset + count),
});
