import { hash } from 'node:crypto';
import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import { deriveId } from '@switchyard/log';
import type { Mode, Pair, Signal, TradingStateBoard } from '@switchyard/model';
import type { Logger } from '@switchyard/observability';
import type { Database } from '@switchyard/persistence';
import { canonicalContent } from '@switchyard/signal';
import type { SignalAdmission } from '../signals/signal-admission.js';
import { openPositions, type OpenPosition } from './open-positions.js';

export interface FlattenOrder {
  readonly scope: string;
  /** Of the trading state: the same version is the same run. */
  readonly version: number;
  readonly requestedBy: string;
  readonly reason: string;
}

/** How far the closing of a scope's positions has come. */
export interface FlattenView {
  readonly version: number;
  readonly requestedBy: string;
  readonly requestedAt: string;
  readonly finishedAt?: string;
  /** `flat`: nothing is left. `resumed`: trading went on before that. `given_up`: it took too long; what is left is listed. */
  readonly outcome?: string;
  /** What is still open, as the books say. */
  readonly positions: readonly (OpenPosition & { readonly signalId?: string; readonly exits: number })[];
}

export interface FlattenParts {
  readonly db: Database;
  readonly admission: Pick<SignalAdmission, 'admit'>;
  readonly states: Pick<TradingStateBoard, 'wasResumedAfter'>;
  readonly logger: Pick<Logger, 'warn'>;
  readonly everyMs?: number;
  /** Until a run that was just asked for is worked on. Default: at once. */
  readonly soonMs?: number;
  /** An exit that has not closed its position by then is sent anew. */
  readonly againMs?: number;
}

/**
 * Closes every position in a scope, and says what is not closed.
 *
 * 1. A run is a row, and so is each exit before it is admitted: whoever dies, another replica goes on, and repeats nothing but what is known by
 *    its id. Ids are made of scope, version, account, pair and attempt.
 * 2. An exit closes what is there (no size), and risk reserves what exits close: two of them close no more than there is.
 * 3. Nothing is closed in a scope that trades again: each round asks whether it was resumed after the version that the run is of.
 * 4. It ends when the books show nothing open any more: not when an exit was sent, or filled.
 */
export class FlattenRuns implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #parts: FlattenParts;
  #timer: NodeJS.Timeout | undefined;
  #round: Promise<unknown> | undefined;
  #stopped = false;

  constructor(parts: FlattenParts) {
    this.#parts = parts;
  }

  onApplicationBootstrap(): void {
    this.#schedule(this.#parts.everyMs ?? EVERY_MS);
  }

  async onApplicationShutdown(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#round;
  }

  /** Begins a run, or finds the one of this version. An older one of the scope is no longer worked on. */
  async begin({ scope, version, requestedBy, reason }: FlattenOrder): Promise<void> {
    await this.#parts.db.query(BEGIN, [scope, version, requestedBy, reason]);
    this.#schedule(this.#parts.soonMs ?? 0);
  }

  /** Trading goes on in the scope since this version: what an earlier one has not closed by now stays open. */
  async resumed(scope: string, version: number): Promise<void> {
    await this.#parts.db.query(FINISH_EARLIER, [scope, version, 'resumed']);
  }

  /** Undefined where nobody ever asked for it. */
  async find(scope: string): Promise<FlattenView | undefined> {
    const { db } = this.#parts;
    const { rows } = await db.query<RunRow>(FIND, [scope]);
    const [run] = rows;
    if (run === undefined) return undefined;
    const [positions, exits] = await Promise.all([openPositions(db, scope), this.#exitsOf(run)]);
    return {
      version: Number(run.version),
      requestedBy: run.requested_by,
      requestedAt: run.requested_at.toISOString(),
      ...(run.finished_at === null ? {} : { finishedAt: run.finished_at.toISOString() }),
      ...(run.outcome === null ? {} : { outcome: run.outcome }),
      positions: positions.map((position) => {
        const exit = exits.get(keyOf(position));
        return { ...position, ...(exit && { signalId: exit.signal.signalId }), exits: exit?.attempt ?? 0 };
      }),
    };
  }

  /** Until it is finished, or the time is over. */
  async wait(scope: string, version: number, timeoutMs: number): Promise<FlattenView | undefined> {
    const until = performance.now() + timeoutMs;
    for (;;) {
      const view = await this.find(scope);
      if (view?.version !== version || view.finishedAt !== undefined || performance.now() >= until) return view;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  /** Works once on every run that nobody else works on. @returns how many are not finished */
  async work(): Promise<number> {
    const { rows } = await this.#parts.db.query<RunRow>(CLAIM, [CLAIM_MS / 1_000]);
    let left = 0;
    for (const run of rows) if (!(await this.#workOn(run))) left += 1;
    return left;
  }

  /** @returns whether it is finished */
  async #workOn(run: RunRow): Promise<boolean> {
    const { db, logger, states } = this.#parts;
    if (states.wasResumedAfter(run.scope, Number(run.version))) {
      await db.query(FINISH, [run.scope, run.version, 'resumed']);
      return true;
    }
    const positions = await openPositions(db, run.scope);
    const isOver = Date.now() - run.requested_at.getTime() > GIVE_UP_MS;
    if (positions.length === 0 || isOver) {
      const outcome = positions.length === 0 ? 'flat' : 'given_up';
      await db.query(FINISH, [run.scope, run.version, outcome]);
      logger.warn({ scope: run.scope, version: run.version, outcome, left: positions.length }, 'positions closed');
      return true;
    }
    const known = await this.#exitsOf(run);
    const due = positions.filter((position) => {
      const exit = known.get(keyOf(position));
      return exit === undefined || Date.now() - exit.sent_at.getTime() > (this.#parts.againMs ?? AGAIN_MS);
    });
    for (const position of due) await this.#close(run, position, (known.get(keyOf(position))?.attempt ?? 0) + 1);
    // Stored and perhaps not admitted: the same again is the same signal.
    const unsent = [...known.values()].filter(({ outcome }) => outcome === null);
    for (const exit of unsent) await this.#admit(run, exit);
    await db.query(LET_GO, [run.scope, run.version]);
    return false;
  }

  async #close(run: RunRow, position: OpenPosition, attempt: number): Promise<void> {
    const { userId, accountId, pair, mode, venue } = position;
    const signal: Signal = {
      signalId: `flatten-${deriveId('flatten', run.scope, run.version, accountId, pair, String(attempt))}`,
      ...{ userId, accountId, pair: pair as Pair, mode: mode as Mode },
      ...{ side: 'sell', signalType: 'exit', orderType: 'market', reduceOnly: true },
      strategy: 'flatten',
      generatedAt: new Date().toISOString(),
      metadata: { scope: run.scope, version: Number(run.version), requestedBy: run.requested_by, venue },
    };
    const { rows } = await this.#parts.db.query<ExitRow>(STORE_EXIT, [
      ...[run.scope, run.version, accountId, pair, attempt, JSON.stringify(signal)],
    ]);
    // Another replica was faster: what it stored is the exit.
    if (rows[0] !== undefined) await this.#admit(run, rows[0]);
  }

  async #admit(run: RunRow, { signal, account_id: accountId, pair, attempt }: ExitRow): Promise<void> {
    const { db, admission } = this.#parts;
    const owner = signal.userId ?? '';
    const [outcome] = await admission.admit([
      {
        signal,
        owner,
        contentHash: hash('sha256', canonicalContent(signal), 'hex'),
        eventId: deriveId('signal', owner, signal.signalId),
        value: Buffer.from(JSON.stringify(signal)),
        receivedAt: new Date(),
        traceparent: undefined,
      },
    ]);
    await db.query(NOTE_EXIT, [run.scope, run.version, accountId, pair, attempt, outcome]);
  }

  async #exitsOf({ scope, version }: RunRow): Promise<ReadonlyMap<string, ExitRow>> {
    const { rows } = await this.#parts.db.query<ExitRow>(EXITS, [scope, version]);
    return new Map(rows.map((row) => [keyOf({ accountId: row.account_id, pair: row.pair }), row]));
  }

  #schedule(inMs: number): void {
    if (this.#stopped) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#round = this.work()
        .catch((error: unknown) => {
          this.#parts.logger.warn({ err: error }, 'positions could not be closed; it is tried again');
          return 1;
        })
        .then((left) => {
          this.#schedule(left > 0 ? BUSY_MS : (this.#parts.everyMs ?? EVERY_MS));
        });
    }, inMs).unref();
  }
}

const keyOf = ({ accountId, pair }: { readonly accountId: string; readonly pair: string }): string =>
  `${accountId} ${pair}`;

/** How often is looked for a run that another process left, and how often while there is one. */
const EVERY_MS = 5_000;
const BUSY_MS = 250;
const CLAIM_MS = 10_000;
const AGAIN_MS = 20_000;
const GIVE_UP_MS = 10 * 60_000;

interface RunRow {
  readonly scope: string;
  readonly version: string;
  readonly requested_by: string;
  readonly requested_at: Date;
  readonly finished_at: Date | null;
  readonly outcome: string | null;
}

interface ExitRow {
  readonly account_id: string;
  readonly pair: string;
  readonly attempt: number;
  readonly signal: Signal;
  readonly outcome: string | null;
  readonly sent_at: Date;
}

const BEGIN = `
  insert into gateway.flatten_runs as r (scope, version, requested_by, reason) values ($1, $2, $3, $4)
  on conflict (scope) do update
    set version = excluded.version, requested_by = excluded.requested_by, reason = excluded.reason, requested_at = now(),
        claimed_until = '-infinity', finished_at = null, outcome = null
    where r.version < excluded.version`;
const FIND =
  'select scope, version, requested_by, requested_at, finished_at, outcome from gateway.flatten_runs where scope = $1';
const FINISH = `
  update gateway.flatten_runs set finished_at = now(), outcome = $3
  where scope = $1 and version = $2 and finished_at is null`;
const FINISH_EARLIER = `
  update gateway.flatten_runs set finished_at = now(), outcome = $3
  where scope = $1 and version < $2 and finished_at is null`;
const CLAIM = `
  update gateway.flatten_runs set claimed_until = now() + make_interval(secs => $1)
  where finished_at is null and claimed_until < now()
  returning scope, version, requested_by, requested_at, finished_at, outcome`;
const LET_GO = 'update gateway.flatten_runs set claimed_until = now() where scope = $1 and version = $2';
const EXITS = `
  select account_id, pair, attempt, signal, outcome, sent_at from gateway.flatten_exits where scope = $1 and version = $2`;
const STORE_EXIT = `
  insert into gateway.flatten_exits as e (scope, version, account_id, pair, attempt, signal) values ($1, $2, $3, $4, $5, $6)
  on conflict (scope, version, account_id, pair) do update
    set attempt = excluded.attempt, signal = excluded.signal, outcome = null, sent_at = now() where e.attempt < excluded.attempt
  returning account_id, pair, attempt, signal, outcome, sent_at`;
const NOTE_EXIT = `
  update gateway.flatten_exits set outcome = $6
  where scope = $1 and version = $2 and account_id = $3 and pair = $4 and attempt = $5`;
