import { Inject, Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { openVenue } from '@switchyard/exchanges';
import type { EventLog } from '@switchyard/log';
import { counter, gauge, histogram, type Logger, type Metrics } from '@switchyard/observability';
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
      labels: ['venue', 'pair', 'source'],
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
    const streamed = counter(this.metrics, {
      name: 'market_stream_updates_total',
      help: 'Changes of books that were streamed and applied',
      labels: ['venue'],
    });
    const lost = counter(this.metrics, {
      name: 'market_stream_lost_total',
      help: 'Streamed books that were given up and fetched anew: gap, nonsense, shallow, late, asked (a request told otherwise), down',
      labels: ['venue', 'reason'],
    });
    const trades = counter(this.metrics, {
      name: 'market_trades_total',
      help: 'Public trades that were told of, each once',
      labels: ['venue', 'source'],
    });
    const gaps = counter(this.metrics, {
      name: 'market_trade_gaps_total',
      help: 'Times in which public trades were missed that no request brought',
      labels: ['venue'],
    });
    gauge(this.metrics, {
      name: 'market_trades_heard_age_seconds',
      help: 'How long ago the venue was last heard on the public trades of a pair, with or without new ones',
      labels: ['venue', 'pair'],
      collect: (ages) => {
        for (const { name, poller } of this.venues())
          for (const [pair, ageMs] of poller.tradeAges()) ages.set({ venue: name, pair }, ageMs / 1_000);
      },
    });
    gauge(this.metrics, {
      name: 'market_stream_open',
      help: 'Whether the venue streams its books to us: 1 or 0; absent where it is asked for them alone',
      labels: ['venue'],
      collect: (open) => {
        for (const { name, poller } of this.venues())
          if (poller.streamIsOpen !== undefined) open.set({ venue: name }, poller.streamIsOpen ? 1 : 0);
      },
    });
    gauge(this.metrics, {
      name: 'market_newest_book_age_seconds',
      help: 'How long ago the venue last told or confirmed the book that is the newest now',
      labels: ['venue', 'pair'],
      collect: (ages) => {
        for (const { name, poller } of this.venues())
          for (const [pair, ageMs] of poller.ages()) ages.set({ venue: name, pair }, ageMs / 1_000);
      },
    });
    this.pollers = await Promise.all(
      this.config.venues.map(async ({ name, origin, credentials, fees, streamed: listens }) => {
        const venue = await openVenue(name, { ...(origin && { origin }), ...(credentials && { credentials }) });
        return new BookPoller({
          venue,
          pairs: this.config.pairs,
          fees,
          streamed: listens,
          pollMs: this.config.pollMs,
          confirmMs: this.config.confirmMs,
          publishMs: this.config.publishMs,
          touchMs: this.config.touchMs,
          republishMs: this.config.republishMs,
          depth: this.config.depth,
          trades: {
            tradesMs: this.config.tradesMs,
            tickerMs: this.config.tickerMs,
            onTrades: (count, source) => {
              trades.inc({ venue: name, source }, count);
            },
            onGap: () => {
              gaps.inc({ venue: name });
            },
          },
          log: this.log,
          logger: this.logger,
          onBook: (pair, ageMs, source) => {
            books.inc({ venue: name, pair, source });
            age.observe({ venue: name }, ageMs / 1_000);
          },
          onFailure: () => {
            failures.inc({ venue: name });
          },
          onStreamed: () => {
            streamed.inc({ venue: name });
          },
          onLost: (reason) => {
            lost.inc({ venue: name, reason });
          },
        });
      }),
    );
    for (const [n, poller] of this.pollers.entries())
      this.health.add({ name: `books of ${this.config.venues[n]?.name ?? ''}`, problem: () => poller.problem });
    await Promise.all(this.pollers.map((poller) => poller.start()));
  }

  private venues(): readonly { readonly name: string; readonly poller: BookPoller }[] {
    return this.pollers.flatMap((poller, n) => {
      const name = this.config.venues[n]?.name;
      return name === undefined ? [] : [{ name, poller }];
    });
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all(this.pollers.map((poller) => poller.stop()));
  }
}
