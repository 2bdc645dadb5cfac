import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import type { Logger } from '@switchyard/observability';
import type { Database, Statement } from '@switchyard/persistence';
import { strandedChildren } from '@switchyard/routing-domain';
import { isFinished, type ParentDocument } from '../handlers/parent-document.js';

export interface StrandedParts {
  readonly db: Database;
  readonly isRemoved: (venue: string) => boolean;
  readonly logger: Pick<Logger, 'error' | 'warn'>;
  /** Told how many there are at each venue that has some. */
  readonly told: (counts: ReadonlyMap<string, number>) => void;
  /** Default 10 minutes. */
  readonly everyMs?: number;
  /** Documents looked at in one page. Default 1,000. */
  readonly page?: number;
}

const EVERY_MS = 600_000;
const PAGE = 1_000;

/**
 * Finds orders that live at venues where the deployment trades no more: nobody there asks for them or cancels them, so that they hold their
 * funds until a person acts. Their parents stay open: what becomes of them is not known, and what is not known is never replaced.
 */
export class StrandedOrders implements OnApplicationBootstrap, OnApplicationShutdown {
  #timer: NodeJS.Timeout | undefined;
  #round: Promise<void> | undefined;
  #stopped = false;
  readonly #told = new Set<string>();

  constructor(private readonly parts: StrandedParts) {}

  onApplicationBootstrap(): void {
    this.#schedule(0);
  }

  async onApplicationShutdown(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#round;
  }

  /** Looks through all parents that are at work. Each order is told once by its id; the counts are told anew. */
  async look(): Promise<void> {
    const { db, page = PAGE, isRemoved, logger, told } = this.parts;
    const counts = new Map<string, number>();
    let after = '';
    for (;;) {
      const { rows } = await db.query<{ key: string; doc: string }>(WORKING, [after, page]);
      for (const { key, doc } of rows) {
        const parent = JSON.parse(doc) as ParentDocument;
        if (isFinished(parent)) continue;
        for (const { orderId, venue } of strandedChildren(parent.order, isRemoved)) {
          counts.set(venue, (counts.get(venue) ?? 0) + 1);
          if (this.#told.has(orderId)) continue;
          this.#told.add(orderId);
          const { userId } = parent.approved;
          logger.error(
            { code: 'VENUE_REMOVED', venue, orderId, parentOrderId: key, userId },
            'an order lives at a venue where nobody trades any more: bring the venue back, or settle the order by hand',
          );
        }
      }
      after = rows.at(-1)?.key ?? after;
      if (rows.length < page) break;
    }
    told(counts);
  }

  #schedule(inMs: number): void {
    if (this.#stopped) return;
    this.#timer = setTimeout(() => {
      this.#round = this.#run();
    }, inMs).unref();
  }

  async #run(): Promise<void> {
    try {
      await this.look();
    } catch (error) {
      this.parts.logger.warn({ err: error }, 'orders at removed venues could not be looked for; it is tried again');
    }
    this.#schedule(this.parts.everyMs ?? EVERY_MS);
  }
}

const WORKING: Statement = {
  name: 'routing-working-parents',
  text: `
    SELECT key, doc FROM documents
    WHERE kind = 'parent' AND key > $1 AND left(doc, 15) <> '{"completedAt":' ORDER BY key LIMIT $2`,
};
