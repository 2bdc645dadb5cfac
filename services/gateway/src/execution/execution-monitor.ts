import type { Queryable } from '@switchyard/persistence';

/** A rule of the live monitor, as the journal saw it last. */
export interface MonitorRule {
  readonly code: string;
  readonly severity: string;
  readonly raised: boolean;
  readonly message: string;
  /** Of the unit of the limit: HIGH_REJECTION_RATE and HIGH_IMPLEMENTATION_SHORTFALL are fractions, HIGH_EXECUTION_LATENCY milliseconds. */
  readonly currentValue: number;
  readonly limit: number;
  /** How much was looked at; fewer than `minSamples` raise no alert. */
  readonly samples: number;
  readonly minSamples: number;
  /** Of the alert that stands; null: none does. */
  readonly alertId: string | null;
  readonly since: string | null;
}

export interface MonitorView {
  /** `unknown`: nobody has looked for a while, so that what is told may be over. */
  readonly status: 'ok' | 'alerting' | 'unknown';
  /** When somebody looked last; null: never yet. */
  readonly at: string | null;
  readonly windowS: number;
  /** The rules whose alert stands. */
  readonly alerts: readonly MonitorRule[];
  readonly rules: readonly MonitorRule[];
}

/** The journal stores what it sees every few seconds at least. */
const UNKNOWN_AFTER_MS = 30_000;

interface Row {
  readonly code: string;
  readonly raised: boolean;
  readonly alert_id: string | null;
  readonly since: Date | null;
  readonly severity: string;
  readonly message: string;
  readonly value: number;
  readonly limit_value: number;
  readonly samples: string;
  readonly min_samples: string;
  readonly window_s: number;
  readonly looked_at: Date;
}

const MONITOR = { name: 'gateway:monitor', text: 'select * from journal.api_monitor order by code' };

/** What the live monitor of the journal says; it looks each second, and this only reads. */
export class ExecutionMonitor {
  constructor(
    private readonly db: Queryable,
    private readonly clock: () => number = Date.now,
  ) {}

  async view(): Promise<MonitorView> {
    const { rows } = await this.db.query<Row>(MONITOR);
    const lookedAt = Math.max(0, ...rows.map(({ looked_at }) => looked_at.getTime()));
    const rules = lookedAt === 0 ? [] : rows.map(ruleOf);
    const alerts = rules.filter(({ raised }) => raised);
    const isOld = lookedAt < this.clock() - UNKNOWN_AFTER_MS;
    return {
      status: isOld ? 'unknown' : alerts.length > 0 ? 'alerting' : 'ok',
      at: lookedAt === 0 ? null : new Date(lookedAt).toISOString(),
      windowS: rows[0]?.window_s ?? 0,
      alerts,
      rules,
    };
  }
}

const ruleOf = (row: Row): MonitorRule => ({
  code: row.code,
  severity: row.severity,
  raised: row.raised,
  message: row.message,
  currentValue: row.value,
  limit: row.limit_value,
  samples: Number(row.samples),
  minSamples: Number(row.min_samples),
  alertId: row.raised ? row.alert_id : null,
  since: row.raised ? (row.since?.toISOString() ?? null) : null,
});
