/** What a part of the process says of itself: undefined while all is well, else a sentence. `fatal` asks for a restart. */
export interface HealthCheck {
  readonly name: string;
  readonly problem: () => string | undefined | Promise<string | undefined>;
  readonly fatal?: () => boolean;
}

export interface HealthReport {
  readonly status: 'ok' | 'degraded';
  readonly problems: Readonly<Record<string, string>>;
}

/** Every part's health, of one process. */
export class Health {
  private readonly checks: HealthCheck[] = [];

  add(check: HealthCheck): void {
    this.checks.push(check);
  }

  async report(): Promise<HealthReport> {
    const problems: Record<string, string> = {};
    for (const { name, problem } of this.checks) {
      const sentence = await problem();
      if (sentence !== undefined) problems[name] = sentence;
    }
    return { status: Object.keys(problems).length === 0 ? 'ok' : 'degraded', problems };
  }

  /** Whether a part can only be mended by a restart. */
  get broken(): boolean {
    return this.checks.some(({ fatal }) => fatal?.() === true);
  }
}
