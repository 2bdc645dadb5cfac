import type { Logger } from '@switchyard/observability';
import { FailingWork } from './failing-work.js';
import { Loop, type Round } from './loop.js';
import type { ExecutionMetrics } from './metrics.js';
import type { Clock } from './ports/clock.js';
import type { ExecutionStore } from './ports/execution-store.js';

export interface WorkLoopsParts {
  readonly store: Pick<ExecutionStore, 'ring'>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: ExecutionMetrics;
}

/** Makes the loops of one executor: what fails in a round is counted, told, and tried again. */
export class WorkLoops {
  readonly #parts: WorkLoopsParts;
  readonly #failing: FailingWork;
  #calledAt = Number.NEGATIVE_INFINITY;

  constructor(parts: WorkLoopsParts) {
    this.#parts = parts;
    this.#failing = new FailingWork(parts.logger);
  }

  loop(work: string, everyMs: number, round: () => Promise<Round>): Loop {
    return new Loop({
      everyMs,
      clock: this.#parts.clock,
      round: async () => {
        const done = await round();
        this.#failing.worked(work);
        return done;
      },
      onError: (error) => {
        this.#parts.metrics.failed(work);
        this.#failing.failed(work, error);
      },
    });
  }

  /** A full round means that more waits than this replica takes at once: others are told, now and then. */
  callOthers(round: Round, full: number): Round {
    const { store, clock, logger } = this.#parts;
    const now = clock.monotonic();
    if (round.found >= full && now - this.#calledAt > CALL_EVERY_MS) {
      this.#calledAt = now;
      store.ring().catch((error: unknown) => {
        logger.debug({ err: error }, 'the other replicas were not told; they poll');
      });
    }
    return round;
  }
}

const CALL_EVERY_MS = 250;
