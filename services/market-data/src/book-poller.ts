import type { Venue } from '@switchyard/exchanges';
import type { EventLog } from '@switchyard/log';
import type { Logger } from '@switchyard/observability';
import { canonicalPairs, snapshotsOf, type Watched } from './snapshot.js';

export interface BookPollerOptions {
  readonly venue: Venue;
  readonly pairs: readonly string[];
  readonly fees: Watched['fees'];
  readonly pollMs: number;
  readonly depth: number;
  readonly log: Pick<EventLog, 'put'>;
  readonly logger: Logger;
  readonly onBook: (pair: string, ageMs: number) => void;
  readonly onFailure: () => void;
}

/**
 * Keeps one venue's books fresh: fetches each at an interval and publishes what it got. A venue that does not answer is asked less and less
 * often, up to every 10 s; its books age meanwhile, and nobody trades on them.
 */
export class BookPoller {
  private watched: readonly Watched[] = [];
  private timer: NodeJS.Timeout | undefined;
  private round: Promise<void> = Promise.resolve();
  private stopped = false;
  private failures = 0;
  private reason: string | undefined;

  constructor(private readonly options: BookPollerOptions) {}

  /** Resolves when the first round is done, well or not. */
  async start(): Promise<void> {
    await this.poll();
    this.schedule();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.round;
    await this.options.venue.close();
  }

  /** Undefined while the venue answers, else a sentence. */
  get problem(): string | undefined {
    return this.reason === undefined ? undefined : `${this.options.venue.name} gives no books: ${this.reason}`;
  }

  private schedule(): void {
    if (this.stopped) return;
    const { pollMs } = this.options;
    const wait = this.failures === 0 ? pollMs : Math.min(pollMs * 2 ** this.failures, 10_000);
    this.timer = setTimeout(() => {
      this.round = this.poll().then(() => {
        this.schedule();
      });
    }, wait);
  }

  private async poll(): Promise<void> {
    try {
      if (this.watched.length === 0) this.watched = await this.find();
      const { venue, depth, log, onBook } = this.options;
      const problems: string[] = [];
      const books = await Promise.all(
        this.watched.map(async (watched) => {
          const answer = await venue.marketData.book(watched.instrument, depth);
          if (answer.kind !== 'answered') {
            problems.push(`${watched.instrument.pair}: ${answer.message}`);
            return [];
          }
          onBook(watched.instrument.pair, Date.now() - answer.value.receivedAtMs);
          return snapshotsOf(watched, answer.value);
        }),
      );
      await log.put(
        books.flat().map((snapshot) => ({
          topic: 'MarketSnapshot',
          key: `${snapshot.venue}/${snapshot.pair}`,
          version: snapshot.version,
          payload: snapshot,
        })),
      );
      this.noteState(problems[0]);
    } catch (error) {
      this.noteState(error instanceof Error ? error.message : String(error));
    }
  }

  /** Says once that something broke, and once that it works again. */
  private noteState(problem: string | undefined): void {
    const { venue, logger, onFailure } = this.options;
    if (problem === undefined) {
      if (this.reason !== undefined) logger.info({ venue: venue.name }, 'the venue gives books again');
      this.failures = 0;
    } else {
      if (this.reason === undefined)
        logger.warn({ venue: venue.name, problem }, 'the venue gives no books; asking again');
      this.failures = Math.min(this.failures + 1, 8);
      onFailure();
    }
    this.reason = problem;
  }

  private async find(): Promise<readonly Watched[]> {
    const { venue, pairs, fees } = this.options;
    const answer = await venue.marketData.instruments();
    if (answer.kind !== 'answered') throw new Error(answer.message);
    const listed = new Set(answer.value.map(({ pair }) => pair));
    return answer.value
      .filter(({ pair, trading }) => trading && pairs.includes(pair))
      .map((instrument) => ({
        venue: venue.name,
        instrument,
        publishedAs: canonicalPairs(instrument.pair, listed),
        fees,
      }));
  }
}
