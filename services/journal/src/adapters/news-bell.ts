import type { Logger } from '@switchyard/observability';
import type { Database } from '@switchyard/persistence';

/** The gateway's streams wait on this channel; its payload is empty. */
export const NEWS_CHANNEL = 'journal_news';

/** Commits that follow each other closely are told together. */
const DELAY_MS = 25;

/**
 * Tells waiting readers that there are new rows, at most 40 times a second. Rung after a commit, never inside
 * a transaction, where a NOTIFY would serialise commits; a bell that is lost delays a stream until its own next look.
 */
export class NewsBell {
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly db: Database,
    private readonly logger: Logger,
  ) {}

  ring(): void {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      this.db.notify(NEWS_CHANNEL).catch((error: unknown) => {
        this.logger.debug({ err: error }, 'readers of the journal could not be notified');
      });
    }, DELAY_MS).unref();
  }
}
