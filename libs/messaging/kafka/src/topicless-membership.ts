import type { JoinRequest, Membership, StoredBatch } from '@switchyard/log';
import type { Coordinator } from '@switchyard/log-postgres';
import { Signal } from './signal.js';

/**
 * A member of a group that reads nothing and only publishes: Kafka has no group without topics, so the database deals the shards to the
 * members, as it does for the Postgres log.
 */
export class TopiclessMembership implements Membership {
  /** Events in this process's memory. */
  readonly held = 0;
  private readonly news = new Signal();
  private left = false;

  private constructor(private readonly publishing: Pick<Membership, 'publish'> & { close(): Promise<void> }) {}

  private coordinator: Coordinator | undefined;

  static async join(
    publishing: Pick<Membership, 'publish'> & { close(): Promise<void> },
    coordinator: (callbacks: Pick<JoinRequest, 'assigned' | 'revoked'>) => Coordinator,
    request: JoinRequest,
  ): Promise<TopiclessMembership> {
    const membership = new TopiclessMembership(publishing);
    membership.coordinator = coordinator({
      assigned: async (epochs) => {
        await request.assigned(epochs);
        membership.news.fire();
      },
      revoked: (partitions) => request.revoked(partitions),
    });
    await membership.coordinator.start();
    return membership;
  }

  take(): Promise<readonly []> {
    return Promise.resolve([]);
  }

  ready(): Promise<void> {
    if (this.left) return Promise.resolve();
    return this.news.wait(LOOK_MS);
  }

  settle(): void {
    // Nothing is handed out.
  }

  giveBack(): void {
    // Nothing is handed out.
  }

  publish(batches: readonly StoredBatch[]): Promise<void> {
    return this.publishing.publish(batches);
  }

  lag(): Promise<ReadonlyMap<string, number>> {
    return Promise.resolve(new Map());
  }

  async leave(): Promise<void> {
    this.left = true;
    this.news.fire();
    await this.coordinator?.stop();
    await this.publishing.close();
  }
}

/** What others appended is looked for at least this often. */
const LOOK_MS = 1_000;
