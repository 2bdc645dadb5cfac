import type { JoinRequest } from '@switchyard/log';
import type { Database } from '@switchyard/persistence';
import { tieLog } from './log-settings.js';

export interface CoordinatorOptions {
  readonly group: string;
  /** A member that comes back under the same name takes its partitions back at once. */
  readonly member: string;
  readonly partitions: number;
  readonly heartbeatMs: number;
  /** A member not seen for this long is gone. */
  readonly memberTimeoutMs: number;
}

/**
 * Deals a group's partitions to its members: partition p goes to the p-modulo-nth of the living ones, in the order of their names.
 * Members may disagree for a heartbeat; that is harmless, since taking a partition raises its epoch, and the one before can store nothing
 * from then on.
 */
export class Coordinator {
  private readonly owned = new Map<number, number>();
  private timer: NodeJS.Timeout | undefined;
  private beating: Promise<void> = Promise.resolve();
  private left = false;

  constructor(
    private readonly db: Database,
    private readonly options: CoordinatorOptions,
    private readonly callbacks: Pick<JoinRequest, 'assigned' | 'revoked'>,
    private readonly onError: (error: unknown) => void,
  ) {}

  /** Creates the shards' rows, checks the partition count, and takes what is due. */
  async start(): Promise<void> {
    const { group, partitions } = this.options;
    await tieLog(this.db, partitions);
    await this.db.query(
      'INSERT INTO log.shards (deployment, partition) SELECT $1, generate_series(0, $2 - 1) ON CONFLICT DO NOTHING',
      [group, partitions],
    );
    await this.beat();
    this.schedule();
  }

  async stop(): Promise<void> {
    this.left = true;
    clearTimeout(this.timer);
    await this.beating;
    await this.callbacks.revoked([...this.owned.keys()]);
    const { group, member } = this.options;
    await this.db
      .query('DELETE FROM log.members WHERE group_name = $1 AND member = $2', [group, member])
      .catch(this.onError);
  }

  private schedule(): void {
    this.timer = setTimeout(() => {
      this.beating = this.beat()
        .catch(this.onError)
        .then(() => {
          if (!this.left) this.schedule();
        });
    }, this.options.heartbeatMs);
    this.timer.unref();
  }

  private async beat(): Promise<void> {
    const { group, member, memberTimeoutMs } = this.options;
    const { rows } = await this.db.query<{ member: string }>(HEARTBEAT, [group, member, memberTimeoutMs]);
    const living = [...new Set([...rows.map((row) => row.member), member])].sort();
    const share = this.shareOf(living.indexOf(member), living.length);
    const stolen = await this.stolen();
    const surplus = [...this.owned.keys()].filter((partition) => !share.has(partition) || stolen.has(partition));
    if (surplus.length > 0) {
      await this.callbacks.revoked(surplus);
      for (const partition of surplus) this.owned.delete(partition);
    }
    await this.claim([...share].filter((partition) => !this.owned.has(partition)));
  }

  /** What somebody else has had since, taking this member for dead: our epoch there is over, even if the partition is due to us again. */
  private async stolen(): Promise<ReadonlySet<number>> {
    if (this.owned.size === 0) return new Set();
    const { rows } = await this.db.query<{ partition: number }>(STOLEN, [
      this.options.group,
      [...this.owned.keys()],
      [...this.owned.values()],
    ]);
    return new Set(rows.map(({ partition }) => partition));
  }

  private shareOf(index: number, count: number): ReadonlySet<number> {
    return new Set(
      Array.from({ length: this.options.partitions }, (_, partition) => partition).filter(
        (partition) => partition % count === index,
      ),
    );
  }

  private async claim(partitions: readonly number[]): Promise<void> {
    if (partitions.length === 0) return;
    const { group, member } = this.options;
    const { rows } = await this.db.query<{ partition: number; epoch: string }>(CLAIM, [group, partitions, member]);
    const epochs = new Map(rows.map(({ partition, epoch }) => [partition, Number(epoch)]));
    // Owned is what was assigned: a claim whose assignment failed is made again at the next beat.
    await this.callbacks.assigned(epochs);
    for (const [partition, epoch] of epochs) this.owned.set(partition, epoch);
  }
}

const HEARTBEAT = {
  name: 'log_heartbeat',
  text: `
    WITH me AS (
      INSERT INTO log.members (group_name, member, seen_at) VALUES ($1, $2, now())
      ON CONFLICT (group_name, member) DO UPDATE SET seen_at = now()
    ), gone AS (
      DELETE FROM log.members WHERE group_name = $1 AND seen_at < now() - interval '1 hour'
    )
    SELECT member FROM log.members WHERE group_name = $1 AND seen_at > now() - make_interval(secs => $3::float8 / 1000)`,
};

const STOLEN = {
  name: 'log_stolen',
  text: `
    SELECT s.partition FROM unnest($2::int[], $3::bigint[]) AS mine (partition, epoch)
    JOIN log.shards s ON s.deployment = $1 AND s.partition = mine.partition AND s.epoch <> mine.epoch`,
};

// Waits for the transaction that may hold a shard: whoever owned it ends, or fails at its next one.
const CLAIM = {
  name: 'log_claim',
  text: `
    WITH locked AS (
      SELECT deployment, partition FROM log.shards WHERE deployment = $1 AND partition = ANY ($2) ORDER BY partition FOR UPDATE
    )
    UPDATE log.shards s SET owner = $3, epoch = s.epoch + 1 FROM locked l
    WHERE s.deployment = l.deployment AND s.partition = l.partition
    RETURNING s.partition, s.epoch`,
};
