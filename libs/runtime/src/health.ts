/** What a part of the process says of itself: undefined while all is well, else a sentence. `fatal` asks for a restart. */
export interface HealthCheck {
  readonly name: string;
  readonly problem: () => string | undefined | Promise<string | undefined>;
  readonly fatal?: () => boolean;
}

/** Something worth knowing that is no problem of the process: it stays ready. `read` answers undefined while there is nothing to tell. */
export interface HealthDetail {
  readonly name: string;
  readonly read: () => Promise<unknown>;
}

export interface HealthReport {
  readonly status: 'ok' | 'degraded';
  readonly problems: Readonly<Record<string, string>>;
  /** By name; what can't be read at the moment is left out, its cause is among the problems. */
  readonly details: Readonly<Record<string, unknown>>;
}

/** Every part's health, of one process. */
export class Health {
  private readonly checks: HealthCheck[] = [];
  private readonly detailed: HealthDetail[] = [];

  add(check: HealthCheck): void {
    this.checks.push(check);
  }

  tell(detail: HealthDetail): void {
    this.detailed.push(detail);
  }

  async report(): Promise<HealthReport> {
    const problems: Record<string, string> = {};
    for (const { name, problem } of this.checks) {
      const sentence = await problem();
      if (sentence !== undefined) problems[name] = sentence;
    }
    const details: Record<string, unknown> = {};
    for (const { name, read } of this.detailed) {
      const detail = await read().catch(() => undefined);
      if (detail !== undefined) details[name] = detail;
    }
    return { status: Object.keys(problems).length === 0 ? 'ok' : 'degraded', problems, details };
  }

  /** Whether a part can only be mended by a restart. */
  get broken(): boolean {
    return this.checks.some(({ fatal }) => fatal?.() === true);
  }
}
