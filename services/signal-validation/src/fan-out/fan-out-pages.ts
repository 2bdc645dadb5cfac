import type { EventLog } from '@switchyard/log';
import type { Database, Statement, Tx } from '@switchyard/persistence';
import type { Follower } from '@switchyard/signal';
import type { FanOut } from './fan-out.js';
import { decidePage, nobodyFollows, type Ranked } from './fan-out-page.js';

/** What one page came to. */
export interface Worked {
  readonly strategyId: string;
  readonly copies: number;
  readonly skipped: number;
  /** Milliseconds since the signal's decision, where this was the last page. */
  readonly finishedAfterMs?: number;
}

/** A page failed, though the database is healthy; nothing of it is stored. */
export class PageFailed extends Error {
  constructor(
    readonly fanOut: string,
    readonly strategyId: string,
    readonly signalId: string,
    readonly attempts: number,
    cause: unknown,
  ) {
    super(`a page of ${signalId} of ${strategyId} could not be copied`, { cause });
    this.name = 'PageFailed';
  }
}

/** Bytes of copies in one transaction, about: what a page holds in memory. */
const PAGE_BYTES = 8 << 20;

/**
 * Copies strategies' signals, a page a transaction: the copies, what became of everyone on the page, and how far it has come are one
 * commit, so that a crash anywhere leaves every account with its copy once (guarantee G2), or still due (G1).
 *
 * 1. The order is set once, at the first page: who follows then is in. Who unsubscribes before their rank comes is skipped.
 * 2. One strategy's signals go one after the other: nobody is sent an exit before its entry. Of several strategies each page is another's
 *    turn, so that a large one delays a small one by a page.
 * 3. Any process may do any page; a page is claimed by its row's lock.
 */
export class FanOutPages {
  constructor(
    private readonly db: Database,
    private readonly log: Pick<EventLog<Tx>, 'append'>,
    /** Accounts on a page, at most. */
    private readonly pageSize: number,
  ) {}

  /** Does the page that is due; undefined where none is. Throws `PageFailed`. */
  async work(): Promise<Worked | undefined> {
    const claim: { row?: ClaimedRow } = {};
    try {
      return await this.db.transaction(async (tx) => {
        const [row] = (await tx.query<ClaimedRow>(CLAIM)).rows;
        if (row === undefined) return undefined;
        claim.row = row;
        return this.page(tx, row);
      });
    } catch (error) {
      if (claim.row === undefined) throw error;
      const { fan_out, strategy_id, signal_id, attempts } = claim.row;
      throw new PageFailed(fan_out, strategy_id, signal_id, attempts + 1, error);
    }
  }

  /** Lets a page that failed wait, longer each time; the strategy's later signals wait behind it. */
  async putOff({ fanOut }: PageFailed): Promise<void> {
    await this.db.query(PUT_OFF, [fanOut]);
  }

  /** Signals that are being copied, and the age of the oldest. */
  async waiting(): Promise<{ readonly fanOuts: number; readonly oldestS: number }> {
    const { rows } = await this.db.query<{ fan_outs: string; oldest_s: number | null }>(WAITING);
    return { fanOuts: Number(rows[0]?.fan_outs ?? 0), oldestS: rows[0]?.oldest_s ?? 0 };
  }

  private async page(tx: Tx, row: ClaimedRow): Promise<Worked> {
    const fanOut = JSON.parse(row.decision) as FanOut;
    const { strategyId } = fanOut;
    const subscribers = row.subscribers ?? (await setOrder(tx, row, fanOut));
    if (subscribers === 0) {
      void tx.query(END, [row.fan_out]);
      await this.log.append(tx, [nobodyFollows(fanOut)]);
      return { strategyId, copies: 0, skipped: 0, finishedAfterMs: ageOf(fanOut) };
    }
    const size = Math.max(1, Math.min(this.pageSize, Math.floor(PAGE_BYTES / row.decision.length)));
    const { rows } = await tx.query<RankedRow>(RANKED, [
      row.fan_out,
      row.done,
      row.done + size,
      strategyId,
      fanOut.signal.pair,
    ]);
    const done = row.done + rows.length;
    const last = done >= subscribers;
    const { events, entering, copies, skipped } = decidePage(fanOut, {
      number: row.pages + 1,
      last,
      subscribers,
      ranked: rows.map(rankedOf),
    });
    if (entering.length > 0) {
      void tx.query(ENTER, [
        strategyId,
        fanOut.signal.pair,
        entering.map(({ accountId }) => accountId),
        entering.map(({ userId }) => userId),
      ]);
    }
    void (last ? tx.query(END, [row.fan_out]) : tx.query(ADVANCE, [row.fan_out, done]));
    // Last of all: from here to the commit the stage waits for its shards.
    await this.log.append(tx, events);
    return { strategyId, copies, skipped, ...(last ? { finishedAfterMs: ageOf(fanOut) } : {}) };
  }
}

const setOrder = async (tx: Tx, { fan_out }: ClaimedRow, { strategyId, orderSeed }: FanOut): Promise<number> => {
  const { rows } = await tx.query<{ subscribers: number }>(SET_ORDER, [fan_out, orderSeed, strategyId]);
  return rows[0]?.subscribers ?? 0;
};

const ageOf = ({ decidedAt }: FanOut): number => Date.now() - Date.parse(decidedAt);

const rankedOf = ({ rank, user_id, account_id, follower, entered }: RankedRow): Ranked => ({
  rank,
  userId: user_id,
  accountId: account_id,
  follower: follower === null ? undefined : (JSON.parse(follower) as Follower),
  entered,
});

interface ClaimedRow {
  readonly fan_out: string;
  readonly strategy_id: string;
  readonly signal_id: string;
  readonly decision: string;
  readonly subscribers: number | null;
  readonly done: number;
  readonly pages: number;
  readonly attempts: number;
}

interface RankedRow {
  readonly rank: number;
  readonly user_id: string;
  readonly account_id: string;
  readonly follower: string | null;
  readonly entered: boolean;
}

const CLAIM: Statement = {
  name: 'fan_out_claim',
  text: `
    SELECT f.fan_out, f.strategy_id, f.signal_id, f.decision, f.subscribers, f.done, f.pages, f.attempts
    FROM fan_outs f
    WHERE f.retry_at <= now()
      AND NOT EXISTS (SELECT FROM fan_outs o WHERE o.strategy_id = f.strategy_id AND o.fan_out < f.fan_out)
    ORDER BY f.touched_at LIMIT 1 FOR UPDATE OF f SKIP LOCKED`,
};

// By the bytes of the hash, so that anybody can set the same order: printf %s "$orderSeed/$accountId" | sha256sum
const SET_ORDER: Statement = {
  name: 'fan_out_set_order',
  text: `
    WITH ranked AS (
      INSERT INTO fan_out_ranks (fan_out, rank, user_id, account_id)
      SELECT $1::bigint,
             row_number() OVER (ORDER BY sha256(convert_to($2::text || '/' || f.account_id, 'UTF8')), f.account_id, f.user_id),
             f.user_id, f.account_id
      FROM followers f WHERE f.strategy_id = $3
      RETURNING 1
    ), counted AS (
      SELECT count(*)::int AS subscribers FROM ranked
    )
    UPDATE fan_outs SET subscribers = counted.subscribers FROM counted WHERE fan_out = $1 RETURNING counted.subscribers`,
};

const RANKED: Statement = {
  name: 'fan_out_ranked',
  text: `
    SELECT r.rank, r.user_id, r.account_id, f.follower, e.pair IS NOT NULL AS entered
    FROM fan_out_ranks r
    LEFT JOIN followers f ON f.strategy_id = $4 AND f.account_id = r.account_id AND f.user_id = r.user_id
    LEFT JOIN entered e
      ON e.strategy_id = $4 AND e.account_id = r.account_id AND e.user_id = r.user_id AND e.pair = $5
    WHERE r.fan_out = $1 AND r.rank > $2 AND r.rank <= $3 ORDER BY r.rank`,
};

const ENTER: Statement = {
  name: 'fan_out_enter',
  text: `INSERT INTO entered (strategy_id, pair, account_id, user_id)
         SELECT $1, $2, a.account_id, a.user_id FROM unnest($3::text[], $4::text[]) AS a (account_id, user_id)
         ON CONFLICT DO NOTHING`,
};

const ADVANCE: Statement = {
  name: 'fan_out_advance',
  text: `UPDATE fan_outs SET done = $2, pages = pages + 1, attempts = 0, touched_at = clock_timestamp() WHERE fan_out = $1`,
};

const END: Statement = { name: 'fan_out_end', text: 'DELETE FROM fan_outs WHERE fan_out = $1' };

const PUT_OFF = `
  UPDATE fan_outs SET attempts = attempts + 1, touched_at = clock_timestamp(),
         retry_at = clock_timestamp() + make_interval(secs => least(power(2, attempts), 60))
  WHERE fan_out = $1`;

const WAITING = `SELECT count(*) AS fan_outs, extract(epoch FROM clock_timestamp() - min(begun_at))::float8 AS oldest_s FROM fan_outs`;
