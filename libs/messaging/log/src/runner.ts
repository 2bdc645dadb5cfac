import { SILENT, type StageObserver } from './observer.js';
import type { Stage } from './stage.js';
import { Publisher } from './publisher.js';
import { Fenced, type ParkedEvent, type StageStore, type Stored } from './store.js';
import { decide, likelyReads, type Work, type WorkResult } from './transaction.js';
import type { Chunk, Membership, Wire, WireTopic } from './wire.js';

export interface RunnerOptions {
  readonly stage: Stage;
  readonly store: StageStore;
  readonly wire: Wire;
  /** The same for every topic but dead letters. */
  readonly partitions: number;
  readonly observer?: StageObserver;
  readonly now?: () => Date;
  /** Whether an error says that the database or the broker is away, rather than that an event is bad. */
  readonly isInfrastructure: (error: unknown) => boolean;
  /** Events in one transaction: while there is little to do, and under load. */
  readonly idleEvents?: number;
  readonly busyEvents?: number;
  /**
   * How long to let events gather before they are taken, while there are few: 0 for stages on an order's way, some milliseconds for readers
   * whose cost is mostly per transaction. Default 0.
   */
  readonly lingerMs?: number;
  /**
   * While there are few events, transactions begin at least this far apart: what comes meanwhile shares the next one. An event that comes
   * to a stage at rest waits for nothing. A transaction costs more than its events; on busy cores fewer of them are sooner done. Default 0.
   */
  readonly paceMs?: number;
  /** Wait before the first retry, doubled up to 32 times that. */
  readonly retryMs?: number;
}

/**
 * Runs a stage: takes what waits on all its partitions into one transaction, publishes what came of it, and takes again.
 *
 * 1. One transaction at a time. Nothing new is begun before everything of the last one is confirmed by the log.
 * 2. An infrastructure error pauses and repeats the same work; it parks nobody.
 * 3. A deterministic error is bisected down to the event that causes it; that event's key is parked, everything else goes on.
 * 4. A fenced partition's work is forgotten: another member does it.
 */
export class StageRunner {
  private readonly epochs = new Map<number, number>();
  private readonly publisher: Publisher;
  private readonly observer: StageObserver;
  private membership: Membership | undefined;
  private loop: Promise<void> | undefined;
  private busy: Promise<unknown> = Promise.resolve();
  private stopping = false;
  private fatal: Error | undefined;
  private pausedSince: number | undefined;
  private turnSince: number | undefined;
  private releaseWanted = true;
  private nextReleaseLook = 0;
  private woken = false;
  private interrupt: (() => void) | undefined;
  private waiting: Promise<void> | undefined;
  private hurry: (() => void) | undefined;
  private limit: number;
  private readonly patience: ReadonlyMap<string, number>;
  /** Taken, but waiting for company. */
  private gathered: readonly Chunk[] = [];
  private gatherUntil = Number.POSITIVE_INFINITY;

  constructor(private readonly options: RunnerOptions) {
    this.observer = options.observer ?? SILENT;
    this.limit = options.idleEvents ?? 500;
    this.publisher = new Publisher(options.store, 1_000);
    this.patience = new Map(options.stage.handlers.map(({ topic, patienceMs = 0 }) => [topic, patienceMs]));
  }

  async start(): Promise<void> {
    const { stage, wire, partitions } = this.options;
    const topics: WireTopic[] = stage.handlers.map(({ topic, numbering }) => ({
      topic,
      compacted: numbering === 'compacted',
      partitions: topic.endsWith('.dlt') ? 1 : partitions,
    }));
    this.membership = await wire.join({
      group: stage.group,
      topics,
      assigned: (epochs) => this.assigned(epochs),
      revoked: (lost) => this.revoked(lost),
      broken: (error) => {
        this.fatal = error;
      },
    });
    this.loop = this.run(this.membership);
  }

  /** Ends after the transaction under way. */
  async stop(): Promise<void> {
    this.stopping = true;
    this.hurry?.();
    await this.membership?.leave();
    await this.loop;
    await this.publisher.noteWhenIdle().catch(() => undefined);
  }

  /** Undefined while all is well, else a sentence. */
  get problem(): string | undefined {
    if (this.fatal !== undefined) return this.fatal.message;
    if (this.turnSince !== undefined && performance.now() - this.turnSince > STUCK_MS) {
      return `the present transaction has been under way for ${Math.round((performance.now() - this.turnSince) / 1000)} s`;
    }
    if (this.pausedSince === undefined) return undefined;
    return `waiting for the database or the log for ${Math.round((performance.now() - this.pausedSince) / 1000)} s`;
  }

  /** Whether the runner can't go on by itself any more. */
  get broken(): boolean {
    return this.fatal !== undefined;
  }

  get owned(): readonly number[] {
    return [...this.epochs.keys()].sort((a, b) => a - b);
  }

  /** Somebody appended to our shards, or asked for a release: look at the next turn. */
  wake(): void {
    this.publisher.lookNow();
    this.releaseWanted = true;
    this.woken = true;
    this.interrupt?.();
  }

  lag(): Promise<ReadonlyMap<string, number>> {
    return this.membership?.lag() ?? Promise.resolve(new Map());
  }

  private async assigned(epochs: ReadonlyMap<number, number>): Promise<void> {
    if (!this.options.wire.readsStore) await this.publisher.take([...epochs.keys()]);
    for (const [partition, epoch] of epochs) this.epochs.set(partition, epoch);
    this.wake();
  }

  private async revoked(partitions: readonly number[]): Promise<void> {
    for (const partition of partitions) this.epochs.delete(partition);
    // Before waiting: by the time a slow turn ends, the same shards may have been assigned here again.
    this.publisher.drop(partitions);
    const lost = this.gathered.filter(({ partition }) => partitions.includes(partition));
    this.gathered = this.gathered.filter((chunk) => !lost.includes(chunk));
    for (const chunk of lost) this.membership?.giveBack(chunk, 'failed');
    await this.busy;
  }

  private async run(membership: Membership): Promise<void> {
    let failures = 0;
    while (!this.stopping && this.fatal === undefined) {
      try {
        const turn = this.turn(membership);
        this.busy = turn.catch(() => undefined);
        const begunAt = performance.now();
        this.turnSince = begunAt;
        const worked = await turn.finally(() => {
          this.turnSince = undefined;
        });
        if (failures > 0) this.resumed();
        failures = 0;
        if (worked === 0) await this.idle(membership);
        if (worked < FEW) await this.linger();
        if (worked > 0 && worked < FEW) await this.pace(begunAt);
      } catch (error) {
        failures += 1;
        const wait = (this.options.retryMs ?? 100) * 2 ** Math.min(failures - 1, 5);
        this.pausedSince ??= performance.now();
        this.publisher.lookNow();
        this.observer.paused(error, wait);
        await this.rest(membership, wait);
      }
    }
  }

  /** After a failed turn. What others append to this stage's shards is published all the same: it may be the fills of orders. */
  private async rest(membership: Membership, ms: number): Promise<void> {
    const until = performance.now() + ms;
    for (let left = ms; left > 0 && !this.stopping; left = until - performance.now()) {
      let timer: NodeJS.Timeout | undefined;
      const over = new Promise<void>((resolve) => (timer = setTimeout(resolve, left)));
      const woken = new Promise<void>((resolve) => (this.interrupt = resolve));
      if (!this.woken) await Promise.race([over, woken]);
      if (this.woken && !this.options.wire.readsStore) {
        // Should that fail too, the next turn meets the same and says so.
        const failed = await this.publisher.publishAppended(membership).then(
          () => false,
          () => true,
        );
        if (failed) await over;
      } else if (this.woken) await over;
      clearTimeout(timer);
      this.woken = false;
    }
  }

  /** Until there is something to take, or somebody wakes the runner: what it has to publish or to release need not wait for the wire. */
  private async idle(membership: Membership): Promise<void> {
    this.waiting ??= membership.ready().finally(() => {
      this.waiting = undefined;
    });
    const woken = new Promise<void>((resolve) => {
      this.interrupt = resolve;
    });
    if (!this.woken) {
      let timer: NodeJS.Timeout | undefined;
      const due = new Promise<void>((resolve) => {
        if (this.gathered.length > 0) timer = setTimeout(resolve, Math.max(0, this.gatherUntil - performance.now()));
      });
      await Promise.race([this.waiting, woken, due]);
      clearTimeout(timer);
    }
    this.woken = false;
  }

  private async linger(): Promise<void> {
    const { lingerMs = 0 } = this.options;
    if (lingerMs > 0 && !this.stopping) await new Promise((resolve) => setTimeout(resolve, lingerMs));
  }

  private async pace(begunAt: number): Promise<void> {
    const left = begunAt + (this.options.paceMs ?? 0) - performance.now();
    if (left <= 0 || this.stopping) return;
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.hurry = resolve;
      timer = setTimeout(resolve, left);
    });
    clearTimeout(timer);
  }

  private resumed(): void {
    this.pausedSince = undefined;
    this.observer.resumed();
  }

  /** One round. @returns how many events it took; 0 if there was nothing to do */
  private async turn(membership: Membership): Promise<number> {
    if (!this.options.wire.readsStore) await this.publisher.publishAppended(membership);
    const released = await this.takeReleased();
    const taken = await membership.take(this.limit);
    // Only now: what was revoked meanwhile is no longer among it.
    const chunks = [...this.gathered, ...taken];
    if (released.length === 0 && this.mayGather(chunks)) {
      this.gathered = chunks;
      return 0;
    }
    this.gathered = [];
    this.gatherUntil = Number.POSITIVE_INFINITY;
    if (chunks.length === 0 && released.length === 0) {
      await this.publisher.noteWhenIdle();
      return 0;
    }
    const events = chunks.reduce((sum, chunk) => sum + chunk.events.length, 0);
    this.limit = events >= this.limit ? (this.options.busyEvents ?? 1_500) : (this.options.idleEvents ?? 500);
    const round: Round = { membership, held: new Set(), stuck: new Set(), handled: new Map() };
    try {
      await this.work(round, { chunks, released });
    } catch (error) {
      // What is committed but not published is published before anything new is taken; it is not decided again.
      for (const chunk of chunks) giveBack(round, chunk, 'failed');
      throw error;
    }
    for (const chunk of chunks) {
      if (round.held.has(placeOf(chunk))) giveBack(round, chunk, 'held');
      else membership.settle(chunk);
    }
    return events + released.length;
  }

  /** Whether all of it can wait, and has not waited long. */
  private mayGather(chunks: readonly Chunk[]): boolean {
    if (chunks.length === 0 || this.stopping) return false;
    const now = performance.now();
    let events = 0;
    for (const { topic, events: ofTopic } of chunks) {
      this.gatherUntil = Math.min(this.gatherUntil, now + (this.patience.get(topic) ?? 0));
      events += ofTopic.length;
    }
    return events < FEW && now < this.gatherUntil;
  }

  private async work(round: Round, work: Work): Promise<void> {
    const { store, stage, partitions, wire, now } = this.options;
    const owned = this.stillDue(round, work);
    if (owned.chunks.length === 0 && owned.released.length === 0) return;
    const startedAt = performance.now();
    const epochs = new Map(partitionsOf(owned).map((partition) => [partition, this.epochs.get(partition) ?? -1]));
    const noting = this.publisher.toNote(epochs.keys());
    const context = {
      stage,
      partitions,
      strangers: wire.strangers,
      observer: this.observer,
      now: now?.() ?? new Date(),
    };
    let result: WorkResult | undefined;
    let stored: Stored;
    try {
      stored = await store.transact(
        epochs,
        async (tx) => {
          result = await decide(tx, owned, noting, context);
          return result.changes;
        },
        likelyReads(stage, owned),
      );
    } catch (error) {
      if (error instanceof Fenced) return this.fenced(round, owned, error, epochs);
      if (this.options.isInfrastructure(error)) throw error;
      return this.bisect(round, owned, error);
    }
    this.publisher.wasNoted(noting);
    for (const chunk of owned.chunks) {
      const place = placeOf(chunk);
      if (result?.gapped.has(chunk) === true) round.held.add(place);
      else if (!round.held.has(place)) round.handled.set(place, (round.handled.get(place) ?? 0) + chunk.events.length);
    }
    if (wire.readsStore) await round.membership.publish(stored.batches);
    else await this.publisher.publish(round.membership, stored.lastBatch, stored.batches);
    for (const failed of result?.changes.releaseFailed ?? []) round.stuck.add(keyOf(failed));
    this.observer.committed({
      events: result?.handled ?? 0,
      outgoing: stored.batches.reduce((sum, batch) => sum + batch.records.length, 0),
      milliseconds: performance.now() - startedAt,
    });
  }

  /** What was revoked while it waited is another's; what follows a released event that failed again waits with it. */
  private stillDue(round: Round, work: Work): Work {
    const mine = (partition: number): boolean => this.epochs.has(partition);
    for (const chunk of work.chunks) if (!mine(chunk.partition)) round.held.add(placeOf(chunk));
    return {
      ...work,
      // Behind a part with a number missing the rest may be handled, but reading goes on from before it.
      chunks: work.chunks
        .filter(({ partition }) => mine(partition))
        .map((chunk) => (round.held.has(placeOf(chunk)) ? unplaced(chunk) : chunk)),
      released: work.released.filter(({ event }) => mine(event.partition) && !round.stuck.has(keyOf(event))),
    };
  }

  private async fenced(round: Round, work: Work, error: Fenced, used: ReadonlyMap<number, number>): Promise<void> {
    this.observer.fenced(error.partitions);
    // Claimed again meanwhile, it is ours under another epoch.
    for (const partition of error.partitions)
      if (this.epochs.get(partition) === used.get(partition)) this.epochs.delete(partition);
    await this.work(round, work);
  }

  /** Halves the work until a single event fails alone; that one is parked. */
  private async bisect(round: Round, work: Work, error: unknown): Promise<void> {
    const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    const events = [...work.chunks.flatMap((chunk) => chunk.events), ...work.released.map(({ event }) => event)];
    const [only] = events;
    if (only === undefined || work.poison?.buried === true) throw error;
    if (work.poison !== undefined) return this.work(round, { ...work, poison: { event: only, reason, buried: true } });
    if (events.length === 1) return this.work(round, { ...work, poison: { event: only, reason } });
    for (const half of halves(work)) await this.work(round, half);
  }

  private async takeReleased(): Promise<readonly ParkedEvent[]> {
    // Whoever asks for a release may be another program, which wakes nobody here.
    if (!this.releaseWanted && performance.now() < this.nextReleaseLook) return [];
    this.nextReleaseLook = performance.now() + RELEASE_LOOK_MS;
    const released = await this.options.store.releasable(this.owned, 500);
    this.releaseWanted = released.length > 0;
    return released;
  }
}

/** What one turn's transactions find out for those after them. */
interface Round {
  readonly membership: Membership;
  /** Topics and partitions that must be read again: another's by now, or with a number missing. */
  readonly held: Set<string>;
  /** Keys whose release failed again. */
  readonly stuck: Set<string>;
  /** How many of a chunk's events are committed, from its first one on, by topic and partition. */
  readonly handled: Map<string, number>;
}

const giveBack = ({ membership, handled }: Round, chunk: Chunk, why: 'failed' | 'held'): void => {
  membership.giveBack(chunk, why, handled.get(placeOf(chunk)) ?? 0);
};

const keyOf = ({ partition, key }: { readonly partition: number; readonly key: string }): string =>
  `${partition}\n${key}`;

/** How often to look for released keys when nobody said so. */
const RELEASE_LOOK_MS = 5_000;

/** A turn that takes longer is not slow, it hangs. */
const STUCK_MS = 60_000;

/** With fewer events than this in a transaction, its fixed cost outweighs them. */
const FEW = 200;

const placeOf = ({ topic, partition }: Chunk): string => `${topic}\n${partition}`;

const unplaced = ({ topic, partition, events }: Chunk): Chunk => ({ topic, partition, events });

const partitionsOf = ({ chunks, released }: Work): readonly number[] =>
  [...new Set([...chunks.map(({ partition }) => partition), ...released.map(({ event }) => event.partition)])].sort(
    (a, b) => a - b,
  );

/** Splits by shard first, then by event; released events stay together with their partition. */
const halves = (work: Work): readonly Work[] => {
  const partitions = partitionsOf(work);
  if (partitions.length > 1) {
    const low = new Set(partitions.slice(0, Math.ceil(partitions.length / 2)));
    const part = (inLow: boolean): Work => ({
      chunks: work.chunks.filter(({ partition }) => low.has(partition) === inLow),
      released: work.released.filter(({ event }) => low.has(event.partition) === inLow),
    });
    return [part(true), part(false)];
  }
  if (work.released.length > 0 && work.chunks.length > 0)
    return [
      { ...work, chunks: [] },
      { ...work, released: [] },
    ];
  if (work.released.length > 1) return work.released.map((one) => ({ chunks: [], released: [one] }));
  if (work.chunks.length > 1) return work.chunks.map((chunk) => ({ chunks: [chunk], released: [] }));
  return work.chunks.flatMap((chunk) => halvesOf(chunk).map((half) => ({ chunks: [half], released: [] })));
};

/** Each part has the position after its own last event: what is stored must not skip what has not been handled. */
const halvesOf = ({ topic, partition, events, positionAfter }: Chunk): readonly Chunk[] => {
  const middle = Math.ceil(events.length / 2);
  const part = (from: number, to: number): Chunk => ({
    topic,
    partition,
    events: events.slice(from, to),
    ...(positionAfter !== undefined && {
      position: positionAfter(to),
      positionAfter: (count: number) => positionAfter(from + count),
    }),
  });
  return [part(0, middle), part(middle, events.length)];
};
