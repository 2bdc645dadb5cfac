import type { Chunk, JoinRequest, Membership, StoredBatch, Wire } from '@switchyard/log';
import type { Database } from '@switchyard/persistence';
import { Coordinator } from './coordinator.js';
import type { LogHub } from './hub.js';
import { LogReader, placeKey } from './reader.js';

export interface PostgresWireOptions {
  readonly db: Database;
  readonly hub: LogHub;
  /** Name of this process among the members of its groups, the same after a restart. */
  readonly member: string;
  readonly partitions: number;
  /** Looks into the tables at least this often, as the net under the news. */
  readonly pollMs?: number;
  readonly heartbeatMs?: number;
  readonly memberTimeoutMs?: number;
  readonly onError: (error: unknown) => void;
}

/** The log without a broker: readers read the very rows that the stages' transactions stored. */
export class PostgresWire implements Wire {
  readonly name = 'postgres';
  readonly strangers = false;
  readonly readsStore = true;

  constructor(private readonly options: PostgresWireOptions) {}

  async join(request: JoinRequest): Promise<PostgresMembership> {
    const membership = new PostgresMembership(this.options, request);
    await membership.start();
    return membership;
  }
}

export class PostgresMembership implements Membership {
  private readonly reader: LogReader;
  private readonly coordinator: Coordinator;
  /** Events handed out, by place. */
  private readonly out = new Map<string, number>();
  /** Places given back, and when they may be read again. */
  private readonly resting = new Map<string, number>();
  private readonly owned = new Set<number>();
  private readonly unsubscribe: (() => void)[] = [];
  private wake: (() => void) | undefined;
  private awake = true;
  /** When the tables were last asked for everything, by the monotonic clock. */
  private lookedAt = performance.now();
  private left = false;

  constructor(
    private readonly options: PostgresWireOptions,
    private readonly request: JoinRequest,
  ) {
    const topics = new Set(request.topics.map(({ topic }) => topic));
    this.reader = new LogReader(options.db, request.group, topics, 10_000);
    this.coordinator = new Coordinator(
      options.db,
      {
        group: request.group,
        member: options.member,
        partitions: options.partitions,
        heartbeatMs: options.heartbeatMs ?? 2_000,
        memberTimeoutMs: options.memberTimeoutMs ?? 6_000,
      },
      { assigned: (epochs) => this.assigned(epochs), revoked: (partitions) => this.revoked(partitions) },
      options.onError,
    );
    this.unsubscribe.push(
      options.hub.onBatches((batches) => {
        if (this.reader.offer(batches)) this.rouse();
      }),
      options.hub.onWake((names) => {
        if (names !== undefined && [...names].every((name) => !topics.has(name))) return;
        this.reader.lookAgain(names);
        this.rouse();
      }),
    );
  }

  async start(): Promise<void> {
    const { group, topics } = this.request;
    await this.options.db.transaction(async (tx) => {
      // A sweep that began before would not see the subscription, and drop what this group begins with.
      await tx.query("SELECT pg_advisory_xact_lock(hashtext('switchyard:housekeeping'))");
      await tx.query(SUBSCRIBE, [group, topics.map(({ topic }) => topic)]);
    });
    await this.coordinator.start();
  }

  /** Events in this process's memory: waiting, or handed out. */
  get held(): number {
    return [...this.out.values()].reduce((sum, events) => sum + events, this.reader.waitingEvents);
  }

  async take(max: number): Promise<readonly Chunk[]> {
    this.awake = false;
    const now = performance.now();
    // News may be lost, also while there is much of it.
    if (now - this.lookedAt >= this.pollMs) this.lookEverywhere(now);
    for (const [place, until] of this.resting) if (until <= now) this.resting.delete(place);
    const ready = await this.reader.take(max, new Set([...this.out.keys(), ...this.resting.keys()]));
    return ready.map(({ place, events }) => {
      this.out.set(place, events.length);
      const [topic = '', partition = ''] = place.split('\n');
      return { topic, partition: Number(partition), events };
    });
  }

  ready(): Promise<void> {
    if (this.awake || this.left) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.lookEverywhere(performance.now());
        this.rouse();
      }, this.restOrPoll());
      this.wake = () => {
        clearTimeout(timer);
        this.wake = undefined;
        resolve();
      };
    });
  }

  settle({ topic, partition }: Chunk): void {
    this.out.delete(placeKey(topic, partition));
    if (this.reader.waiting) this.rouse();
  }

  giveBack({ topic, partition }: Chunk, why: 'failed' | 'held'): void {
    const place = placeKey(topic, partition);
    this.out.delete(place);
    this.reader.rewind(topic, partition);
    if (why === 'held' && this.owned.has(partition)) this.resting.set(place, performance.now() + GIVEN_BACK_REST_MS);
  }

  publish(batches: readonly StoredBatch[]): Promise<void> {
    this.options.hub.committed(batches);
    return Promise.resolve();
  }

  lag(): Promise<ReadonlyMap<string, number>> {
    return this.reader.lag();
  }

  async leave(): Promise<void> {
    this.left = true;
    for (const stop of this.unsubscribe) stop();
    this.rouse();
    await this.coordinator.stop();
  }

  private async assigned(epochs: ReadonlyMap<number, number>): Promise<void> {
    for (const partition of epochs.keys()) this.owned.add(partition);
    await this.request.assigned(epochs);
    this.reader.own(this.owned);
    this.rouse();
  }

  private async revoked(partitions: readonly number[]): Promise<void> {
    await this.request.revoked(partitions);
    for (const partition of partitions) this.owned.delete(partition);
    this.reader.own(this.owned);
  }

  private rouse(): void {
    this.awake = true;
    this.wake?.();
  }

  private lookEverywhere(now: number): void {
    this.lookedAt = now;
    this.reader.lookAgain();
  }

  private get pollMs(): number {
    return this.options.pollMs ?? 1_000;
  }

  private restOrPoll(): number {
    return this.resting.size > 0 ? Math.min(this.pollMs, GIVEN_BACK_REST_MS) : this.pollMs;
  }
}

/** How long what a runner holds back (a number is missing) rests before it is read again. */
const GIVEN_BACK_REST_MS = 250;

// A group that is new to a topic begins with what the log still holds of each source: what was dropped before is no gap.
const SUBSCRIBE = `
  WITH new AS (
    INSERT INTO log.subscriptions (group_name, topic) SELECT $1, unnest($2::text[]) ON CONFLICT DO NOTHING RETURNING topic
  )
  INSERT INTO log.watermarks (group_name, topic, partition, origin, generation, sequence)
  SELECT DISTINCT ON (h.topic, h.partition, origin.name) $1, h.topic, h.partition, origin.name, origin.generation, coalesce(held.first_sequence - 1, h.last_sequence)
  FROM new
  JOIN log.heads h ON h.topic = new.topic
  CROSS JOIN LATERAL (
    SELECT split_part(h.source, '/', 1) || '/' || split_part(h.source, '/', 2) AS name, split_part(h.source, '/', 3)::int AS generation
  ) origin
  LEFT JOIN LATERAL (
    SELECT b.first_sequence FROM log.batches b
    WHERE b.topic = h.topic AND b.partition = h.partition AND b.source = h.source ORDER BY b.first_sequence LIMIT 1
  ) held ON true
  ORDER BY h.topic, h.partition, origin.name, origin.generation DESC
  ON CONFLICT DO NOTHING`;
