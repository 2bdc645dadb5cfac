import { createHash } from 'node:crypto';

/**
 * Everything that happened in a run, as lines, and their digest: two runs of one seed must have the same. The lines themselves are kept only
 * where somebody will read them.
 */
export class History {
  lines = 0;
  readonly #kept: string[] | undefined;
  readonly #hash = createHash('sha256');
  #waiting = '';

  constructor(keeps: boolean) {
    this.#kept = keeps ? [] : undefined;
  }

  /** `at`: simulated milliseconds. */
  add(at: number, who: string, what: string): void {
    this.lines += 1;
    this.#waiting += `${at}|${who}|${what}\n`;
    if (this.#waiting.length > 16_384) this.#flush();
    this.#kept?.push(`${(at / 1_000).toFixed(4).padStart(10)}  ${who.padEnd(24)} ${what}`);
  }

  get story(): readonly string[] {
    return this.#kept ?? [];
  }

  /** Ends it. */
  digest(): string {
    this.#flush();
    return this.#hash.digest('hex').slice(0, 32);
  }

  #flush(): void {
    this.#hash.update(this.#waiting);
    this.#waiting = '';
  }
}
