import { Inject, Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { openVenue } from '@switchyard/exchanges';
import type { EventLog } from '@switchyard/log';
import { counter, histogram, type Logger, type Metrics } from '@switchyard/observability';
import { CONFIG, EVENT_LOG, Health, LOGGER, METRICS } from '@switchyard/runtime';
import { BookPoller } from './book-poller.js';
import type { MarketDataConfig } from './config.js';

/** Watches the books of every venue of the deployment. */
@Injectable()
export class MarketData implements OnModuleInit, OnApplicationShutdown {
  private pollers: readonly BookPoller[] = [];

  constructor(
    @Inject(CONFIG) private readonly config: MarketDataConfig,
    @Inject(EVENT_LOG) private readonly log: EventLog,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(METRICS) private readonly metrics: Metrics,
    @Inject(Health) private readonly health: Health,
  ) {}

  async onModuleInit(): Promise<void> {
    const books = counter(this.metrics, {
      name: 'market_books_total',
      help: 'Books published',
      labels: ['venue', 'pair'],
    });
    const failures = counter(this.metrics, {
      name: 'market_failures_total',
      help: 'Rounds in which a book was missing',
      labels: ['venue'],
    });
    const age = histogram(this.metrics, {
      name: 'market_book_age_seconds',
      help: 'Age of a book when it is published',
      labels: ['venue'],
    });
    this.pollers = await Promise.all(
      this.config.venues.map(async ({ name, origin, credentials, fees }) => {
        const venue = await openVenue(name, { ...(origin && { origin }), ...(credentials && { credentials }) });
        return new BookPoller({
          venue,
          pairs: this.config.pairs,
          fees,
          pollMs: this.config.pollMs,
          republishMs: this.config.republishMs,
          depth: this.config.depth,
          log: this.log,
          logger: this.logger,
          onBook: (pair, ageMs) => {
            books.inc({ venue: name, pair });
            age.observe({ venue: name }, ageMs / 1_000);
          },
          onFailure: () => {
            failures.inc({ venue: name });
          },
        });
      }),
    );
    for (const [n, poller] of this.pollers.entries())
      this.health.add({ name: `books of ${this.config.venues[n]?.name ?? ''}`, problem: () => poller.problem });
    await Promise.all(this.pollers.map((poller) => poller.start()));
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all(this.pollers.map((poller) => poller.stop()));
  }
}
