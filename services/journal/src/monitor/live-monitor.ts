import type { RiskAlert } from '@switchyard/contracts';
import { deriveId, type EventLog, type OutgoingEvent } from '@switchyard/log';
import type { Database, Queryable, Tx } from '@switchyard/persistence';
import {
  ALERT_CODES,
  judge,
  type AlertCode,
  type Judgement,
  type MonitorCounts,
  type MonitorSettings,
} from '@switchyard/risk-domain';
import { reportedLatencies } from '@switchyard/runtime';
import type { MonitorTally, TallySlot } from './monitor-tally.js';

/** An alert as it stands, for metrics; `changed` where this process raised or cleared it now. */
export interface Seen extends Judgement {
  readonly changed: boolean;
}

/** Unchanged figures are stored so often, so that it can be told that somebody looks. */
const STORED_EVERY_S = 5;
/** Rows of the counts are kept so much longer than the window. */
const KEPT_S = 60;

/**
 * Tells the others what this process counted, and looks at what all of them did.
 *
 * 1. One process looks at a time: whoever gets the lock. The others go on counting, and one of them takes over when it ends.
 * 2. That an alert stands, and the `RiskAlert` that says so, are one commit: it is raised once and cleared once, whoever crashes.
 */
export class LiveMonitor {
  constructor(
    private readonly db: Database,
    private readonly log: Pick<EventLog<Tx>, 'append'>,
    private readonly tally: MonitorTally,
    private readonly settings: MonitorSettings,
    /** Of this process: its rows are its own. */
    private readonly process: string,
  ) {}

  /** @returns what stands; empty where another process is looking */
  async lookOnce(now: Date): Promise<readonly Seen[]> {
    await this.tell();
    return this.db.transaction(async (tx) => {
      const { rows } = await tx.query<{ locked: boolean }>(LOCK);
      if (rows[0]?.locked !== true) return [];
      const [counts, alerts] = [await this.counts(tx), await alertsIn(tx)];
      const raised = new Set(ALERT_CODES.filter((code) => alerts.get(code)?.raised === true));
      const judged = judge(counts, raised, this.settings);
      const seen = judged.map((one): Seen => ({ ...one, changed: one.raised !== raised.has(one.code) }));
      const stale = (alerts.get(ALERT_CODES[0])?.looked_at.getTime() ?? 0) < now.getTime() - STORED_EVERY_S * 1_000;
      const moved = seen.filter((one) => stale || one.changed || alerts.get(one.code)?.message !== one.message);
      for (const one of moved) await this.store(tx, one, alerts.get(one.code), now);
      return seen;
    });
  }

  private async tell(): Promise<void> {
    const slots = this.tally.take();
    if (slots.length === 0) return;
    try {
      await this.db.query(TELL, columnsOf(slots, this.process));
      await this.db.query(SWEEP, [this.settings.windowS + KEPT_S]);
    } catch (error) {
      this.tally.again(slots);
      throw error;
    }
  }

  private async counts(tx: Tx): Promise<MonitorCounts> {
    const { windowS } = this.settings;
    const { rows } = await tx.query<CountsRow>(COUNTS, [windowS]);
    const [row] = rows;
    const answers = await answersIn(tx, windowS);
    return {
      signals: Number(row?.signals ?? 0),
      refused: Number(row?.refused ?? 0),
      refusals: row?.refusals ?? {},
      placed: Number(row?.placed ?? 0),
      placedMs: row?.placed_ms ?? 0,
      ...answers,
      fills: Number(row?.fills ?? 0),
      notional: row?.notional ?? 0,
      shortfall: row?.shortfall ?? 0,
    };
  }

  private async store(tx: Tx, seen: Seen, before: AlertRow | undefined, now: Date): Promise<void> {
    const { code, raised, changed, severity, message, value, limit, samples } = seen;
    const { minSamples, windowS } = this.settings;
    const at = now.toISOString();
    const alertId = changed && raised ? deriveId('risk-alert', code, at) : (before?.alert_id ?? null);
    const since = changed ? at : (before?.since ?? null);
    const figures = [severity, message, value, limit, samples, minSamples, windowS, at];
    await tx.query(STORE, [code, raised, alertId, since, ...figures]);
    if (changed && alertId !== null) await this.log.append(tx, [eventOf(seen, alertId, windowS, at)]);
  }
}

const eventOf = (seen: Seen, alertId: string, windowS: number, at: string): OutgoingEvent => {
  const { code, severity, raised, message, value, limit, samples } = seen;
  const payload: RiskAlert = {
    ...{ alertId, code, severity, message, samples, windowS, at },
    state: raised ? 'raised' : 'cleared',
    currentValue: decimalOf(value),
    limit: decimalOf(limit),
  };
  return {
    topic: 'RiskAlert',
    type: 'RiskAlert',
    key: 'journal',
    payload,
    cause: { id: alertId },
    role: payload.state,
  };
};

/** Six places do for a fraction as for milliseconds. */
const decimalOf = (value: number): string =>
  value
    .toFixed(6)
    .replace(/\.?0+$/, '')
    .replace(/^-0$/, '0');

/** Until the transaction ends. */
const LOCK = {
  name: 'journal:monitor-lock',
  text: `select pg_try_advisory_xact_lock(hashtext('switchyard:monitor')) as locked`,
};

const TELL = {
  name: 'journal:monitor-tell',
  text: `insert into monitor_counts (process, slot, signals, refused, refusals, placed, placed_ms, fills, notional, shortfall)
         select $1, c.* from unnest($2::timestamptz[], $3::bigint[], $4::bigint[], $5::jsonb[], $6::bigint[], $7::float8[], $8::bigint[],
                                    $9::float8[], $10::float8[]) c
         on conflict (slot, process) do update set
           signals = excluded.signals, refused = excluded.refused, refusals = excluded.refusals, placed = excluded.placed,
           placed_ms = excluded.placed_ms, fills = excluded.fills, notional = excluded.notional, shortfall = excluded.shortfall`,
};

const columnsOf = (slots: readonly TallySlot[], process: string): readonly unknown[] => [
  process,
  slots.map(({ at }) => new Date(at)),
  slots.map(({ signals }) => signals),
  slots.map(({ refused }) => refused),
  slots.map(({ refusals }) => JSON.stringify(Object.fromEntries(refusals))),
  slots.map(({ placed }) => placed),
  slots.map(({ placedMs }) => placedMs),
  slots.map(({ fills }) => fills),
  slots.map(({ notional }) => notional),
  slots.map(({ shortfall }) => shortfall),
];

const SWEEP = {
  name: 'journal:monitor-sweep',
  text: 'delete from monitor_counts where slot < now() - make_interval(secs => $1)',
};

interface CountsRow {
  readonly signals: string | null;
  readonly refused: string | null;
  readonly refusals: Readonly<Record<string, number>> | null;
  readonly placed: string | null;
  readonly placed_ms: number | null;
  readonly fills: string | null;
  readonly notional: number | null;
  readonly shortfall: number | null;
}

const COUNTS = {
  name: 'journal:monitor-counts',
  text: `with counted as (select * from monitor_counts where slot > now() - make_interval(secs => $1))
         select sum(signals) as signals, sum(refused) as refused, sum(placed) as placed, sum(placed_ms) as placed_ms,
                sum(fills) as fills, sum(notional) as notional, sum(shortfall) as shortfall,
                (select json_object_agg(code, n) from (
                   select key as code, sum(value::bigint) as n from counted, jsonb_each_text(refusals) group by key) r) as refusals
         from counted`,
};

interface AlertRow {
  readonly code: AlertCode;
  readonly raised: boolean;
  readonly alert_id: string | null;
  readonly since: Date | null;
  readonly message: string;
  readonly looked_at: Date;
}

const alertsIn = async (tx: Tx): Promise<ReadonlyMap<AlertCode, AlertRow>> => {
  const { rows } = await tx.query<AlertRow>(ALERTS);
  return new Map(rows.map((row) => [row.code, row]));
};

const ALERTS = {
  name: 'journal:monitor-alerts',
  text: 'select code, raised, alert_id, since, message, looked_at from monitor_alerts',
};

const STORE = {
  name: 'journal:monitor-store',
  text: `update monitor_alerts set raised = $2, alert_id = $3, since = $4, severity = $5, message = $6, value = $7, limit_value = $8,
                samples = $9, min_samples = $10, window_s = $11, looked_at = $12 where code = $1`,
};

/** The venues' answers to orders, as the executors measure them, in whole minutes: those of which a part lies in the window. */
const answersIn = async (db: Queryable, windowS: number): Promise<Pick<MonitorCounts, 'answers' | 'answersMs'>> => {
  const reports = await reportedLatencies(db, Math.ceil(windowS / 60) + 1);
  let [answers, microseconds] = [0, 0];
  for (const { to, stages } of reports) {
    if (Date.parse(to) < Date.now() - windowS * 1_000) continue;
    for (const [stage, { count, sum }] of Object.entries(stages))
      if (stage.endsWith('.acknowledgement')) {
        answers += count;
        microseconds += sum;
      }
  }
  return { answers, answersMs: microseconds / 1_000 };
};
