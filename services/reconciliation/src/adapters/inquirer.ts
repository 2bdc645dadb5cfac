import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import { topicOf, type VenueStateRequested } from '@switchyard/contracts';
import { deriveId, type EventLog, type OutgoingEvent } from '@switchyard/log';
import type { Pair } from '@switchyard/model';
import type { Logger } from '@switchyard/observability';
import type { Database, Statement, Tx } from '@switchyard/persistence';
import type { ReconciliationMetrics } from '../metrics.js';

export interface InquirerParts {
  readonly db: Database;
  readonly log: Pick<EventLog<Tx>, 'append'>;
  readonly logger: Pick<Logger, 'warn'>;
  readonly metrics: Pick<ReconciliationMetrics, 'asked'>;
  readonly venues: readonly string[];
  readonly intervalMs: number;
  /** Between two looks at an account at rest, at least: there are only so many a second. */
  readonly restIntervalMs: number;
  readonly lookbackMs: number;
}

interface DueAccount {
  readonly account_id: string;
  readonly user_id: string;
  readonly venue: string;
  readonly pairs: readonly string[];
}

/** Accounts asked about in one round; rounds are a second apart, so that the executors' budgets see a stream and no flood. */
const ROUND = 100;
/** Accounts at rest asked about in one round. With more of them than fit in the interval, each waits its turn. */
const RESTING_ROUND = 2;
const EVERY_MS = 1_000;
/** An account that was claimed and not asked about, because a process ended in between, is due again after this. */
const CLAIM_MS = 10_000;

/**
 * Asks execution for the state of accounts: of every enabled one after a start, then of the active ones often, and of those at rest now and
 * then, since somebody else may trade there or take money out. Replicas share the
 * work: each claims accounts that are due; the request and the time of the next are one transaction.
 *
 * The stage locks its shards and then accounts, and the log locks shards to append: the claim is committed first, so that no account is
 * locked while a shard is waited for.
 */
export class Inquirer implements OnApplicationBootstrap, OnApplicationShutdown {
  #timer: NodeJS.Timeout | undefined;
  #round: Promise<void> | undefined;
  #stopped = false;
  #begun = false;

  constructor(private readonly parts: InquirerParts) {}

  onApplicationBootstrap(): void {
    this.#schedule();
  }

  async onApplicationShutdown(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#round;
  }

  /** Makes every enabled account due, spread over as long as asking them takes. */
  async begin(now: Date): Promise<void> {
    await this.parts.db.query(BEGIN, [now.toISOString(), ROUND / EVERY_MS]);
  }

  /** One round: returns how many accounts were asked about. */
  async ask(now: Date): Promise<number> {
    const { db, log, metrics, venues, intervalMs, restIntervalMs } = this.parts;
    const claimedUntil = new Date(now.getTime() + CLAIM_MS).toISOString();
    const { rows } = await db.query<DueAccount>(CLAIM, [now.toISOString(), ROUND, claimedUntil, venues, RESTING_ROUND]);
    if (rows.length === 0) return 0;
    const accountIds = rows.map(({ account_id: accountId }) => accountId);
    await db.transaction(async (tx) => {
      const requests = rows.map((account) => this.#request(account, now));
      await log.append(tx, requests);
      await tx.query(ASKED, [accountIds, now.toISOString(), intervalMs, claimedUntil, restIntervalMs]);
    });
    for (const { venue } of rows) metrics.asked.inc({ venue });
    return rows.length;
  }

  #request({ account_id: accountId, user_id: userId, venue, pairs }: DueAccount, now: Date): OutgoingEvent {
    const requestedAt = now.toISOString();
    const payload: VenueStateRequested = {
      requestId: deriveId('venue-state-request', accountId, requestedAt),
      userId,
      accountId,
      venue,
      since: new Date(now.getTime() - this.parts.lookbackMs).toISOString(),
      pairs: [...pairs] as Pair[],
      requestedAt,
    };
    return {
      topic: topicOf('VenueStateRequested', venue),
      type: 'VenueStateRequested',
      key: userId,
      payload,
      cause: { id: payload.requestId },
    };
  }

  #schedule(): void {
    if (this.#stopped) return;
    this.#timer = setTimeout(() => {
      this.#round = this.#run();
    }, EVERY_MS).unref();
  }

  async #run(): Promise<void> {
    try {
      if (!this.#begun) await this.begin(new Date());
      this.#begun = true;
      await this.ask(new Date());
    } catch (error) {
      this.parts.logger.warn({ err: error }, 'accounts could not be asked about; it is tried again');
    }
    this.#schedule();
  }
}

// Skips rows that another transaction holds: this one waits for nobody, so that it can be in no deadlock.
const BEGIN: Statement = {
  name: 'reconciliation-begin',
  text: `
    UPDATE accounts a
    SET next_request_at = least(a.next_request_at, $1::timestamptz + (due.place / $2::float8) * interval '1 millisecond'),
        resting = false
    FROM (
      SELECT account_id, row_number() OVER (ORDER BY active_until DESC, account_id) - 1 AS place
      FROM (SELECT account_id, active_until FROM accounts WHERE enabled FOR UPDATE SKIP LOCKED) enabled
    ) due
    WHERE a.account_id = due.account_id`,
};

const CLAIM: Statement = {
  name: 'reconciliation-claim',
  text: `
    WITH active AS (
      SELECT account_id FROM accounts
      WHERE enabled AND NOT resting AND next_request_at <= $1::timestamptz AND venue = ANY ($4::text[])
      ORDER BY next_request_at LIMIT $2
      FOR UPDATE SKIP LOCKED
    ), at_rest AS (
      SELECT account_id FROM accounts
      WHERE enabled AND resting AND next_request_at <= $1::timestamptz AND venue = ANY ($4::text[])
      ORDER BY next_request_at LIMIT $5
      FOR UPDATE SKIP LOCKED
    )
    UPDATE accounts a SET next_request_at = $3::timestamptz
    FROM (SELECT account_id FROM active UNION ALL SELECT account_id FROM at_rest) due
    WHERE a.account_id = due.account_id
    RETURNING a.account_id, a.user_id, a.venue, a.pairs`,
};

// The pairs of an account at rest are forgotten: it is asked about its orders and balances only. Where the stage has set an earlier time
// since the claim, that one stands.
const ASKED: Statement = {
  name: 'reconciliation-asked',
  text: `
    UPDATE accounts
    SET next_request_at = $2::timestamptz
          + CASE WHEN active_until > $2::timestamptz OR open_orders > 0 THEN $3::float8 ELSE $5::float8 END
            * (0.9 + 0.2 * random()) * interval '1 millisecond',
        resting = NOT (active_until > $2::timestamptz OR open_orders > 0),
        pairs = CASE WHEN active_until > $2::timestamptz OR open_orders > 0 THEN pairs ELSE '{}' END
    WHERE account_id = ANY ($1::text[]) AND next_request_at = $4::timestamptz`,
};
