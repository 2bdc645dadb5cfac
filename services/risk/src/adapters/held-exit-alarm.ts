import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import type { HeldExitDue } from '@switchyard/contracts';
import { deriveId, type EventLog, type OutgoingEvent } from '@switchyard/log';
import type { Logger } from '@switchyard/observability';
import type { Database, Statement, Tx } from '@switchyard/persistence';

export interface HeldExitAlarmParts {
  readonly db: Database;
  readonly log: Pick<EventLog<Tx>, 'append'>;
  readonly logger: Pick<Logger, 'warn'>;
}

/** A row of `held_exits` whose time has come. */
export interface DueExit {
  readonly user_id: string;
  readonly parent_order_id: string;
  readonly signal_id: string;
  readonly due_at: Date;
}

/** How soon after its time an exit is looked at, at worst. */
const EVERY_MS = 500;
const ROUND = 500;
/** An exit that was claimed and not told of, because a process ended in between, is due again after this. */
const CLAIM_MS = 2_000;

/**
 * Wakes exits whose entries are silent: it decides nothing, it appends `HeldExitDue` to risk's own shards, and the stage looks again, under
 * its epoch, in the order of the user's events. Replicas share the work by claiming what is due.
 *
 * 1. What is due is told of at least once; the second time finds the exit decided, and does nothing.
 * 2. The stage locks its shards and then these rows, and the log locks shards to append: the claim is committed first, so that no row is
 *    locked while a shard is waited for.
 */
export class HeldExitAlarm implements OnApplicationBootstrap, OnApplicationShutdown {
  #timer: NodeJS.Timeout | undefined;
  #round: Promise<void> | undefined;
  #stopped = false;

  constructor(private readonly parts: HeldExitAlarmParts) {}

  onApplicationBootstrap(): void {
    this.#schedule();
  }

  async onApplicationShutdown(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#round;
  }

  /** One round: returns how many exits it woke. */
  async ring(now: Date): Promise<number> {
    const { db, log } = this.parts;
    const claimedUntil = new Date(now.getTime() + CLAIM_MS).toISOString();
    const { rows } = await db.query<DueExit>(CLAIM, [now.toISOString(), ROUND, claimedUntil]);
    if (rows.length === 0) return 0;
    await db.transaction(async (tx) => {
      await log.append(tx, rows.map(heldExitDue));
      await tx.query(TOLD, [
        rows.map(({ user_id: userId }) => userId),
        rows.map(({ parent_order_id: parentOrderId }) => parentOrderId),
        claimedUntil,
      ]);
    });
    return rows.length;
  }

  #schedule(): void {
    if (this.#stopped) return;
    this.#timer = setTimeout(() => {
      this.#round = this.#run();
    }, EVERY_MS).unref();
  }

  async #run(): Promise<void> {
    try {
      await this.ring(new Date());
    } catch (error) {
      this.parts.logger.warn({ err: error }, 'exits that wait could not be woken; it is tried again');
    }
    this.#schedule();
  }
}

/** The same look at the same exit is the same event. */
export const heldExitDue = (exit: DueExit): OutgoingEvent => {
  const { user_id: userId, signal_id: signalId, parent_order_id: parentOrderId } = exit;
  const dueAt = exit.due_at.toISOString();
  const payload: HeldExitDue = { userId, signalId, parentOrderId, dueAt };
  const cause = { id: deriveId('held-exit-due', parentOrderId, dueAt), correlationId: signalId };
  return { topic: 'HeldExitDue', type: 'HeldExitDue', key: userId, payload, cause };
};

const CLAIM: Statement = {
  name: 'risk-claim-held-exits',
  text: `
    UPDATE held_exits h SET due_at = $3::timestamptz
    FROM (
      SELECT user_id, parent_order_id, due_at FROM held_exits
      WHERE due_at <= $1::timestamptz AND due_at < 'infinity'
      ORDER BY due_at LIMIT $2
      FOR UPDATE SKIP LOCKED
    ) due
    WHERE h.user_id = due.user_id AND h.parent_order_id = due.parent_order_id
    RETURNING h.user_id, h.parent_order_id, h.signal_id, due.due_at`,
};

// Where the stage has set another time since the claim, that one stands.
const TOLD: Statement = {
  name: 'risk-told-held-exits',
  text: `
    UPDATE held_exits h SET due_at = 'infinity'
    FROM unnest($1::text[], $2::text[]) AS told (user_id, parent_order_id)
    WHERE h.user_id = told.user_id AND h.parent_order_id = told.parent_order_id AND h.due_at = $3::timestamptz`,
};
