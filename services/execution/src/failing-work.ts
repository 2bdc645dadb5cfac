import type { Logger } from '@switchyard/observability';
import { isInfrastructureError } from '@switchyard/persistence';

/**
 * Tells of rounds of work that fail and are tried again. While the database is away each piece of work says so once, and once more when
 * it works again: the same stack each second would bury what matters. Everything else is a bug, and told each time with its stack.
 */
export class FailingWork {
  readonly #logger: Logger;
  readonly #waiting = new Set<string>();

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  failed(work: string, error: unknown): void {
    if (!isInfrastructureError(error)) {
      this.#logger.error({ err: error, work }, 'a round of work failed; it is tried again');
    } else if (!this.#waiting.has(work)) {
      this.#waiting.add(work);
      const reason = error instanceof Error ? error.message : String(error);
      this.#logger.warn(
        { work, reason },
        'the database can’t be used: this work waits for it, and is tried each second',
      );
    }
  }

  worked(work: string): void {
    if (this.#waiting.delete(work)) this.#logger.info({ work }, 'the database is back: this work goes on');
  }
}
