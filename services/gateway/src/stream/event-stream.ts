import { Problem } from '@switchyard/http';
import type { Logger } from '@switchyard/observability';
import type { StreamClient } from './stream-client.js';
import { sseOf } from './stream-client.js';
import { writePosition, type StreamPosition } from './stream-position.js';
import type { TrailTail } from './trail-tail.js';

/** The net below the journal's NOTIFY. */
const POLL_MS = 1_000;

export interface EventStreamOptions {
  readonly tail: Pick<TrailTail, 'heads' | 'page'>;
  /** Calls back when there may be news. @returns how to stop */
  readonly listen: (onNews: () => void) => Promise<() => Promise<void>>;
  readonly maxClients: number;
  readonly logger: Pick<Logger, 'warn'>;
  readonly observe?: (event: 'opened' | 'closed' | 'dropped') => void;
}

/**
 * Feeds every open stream from one reader of the audit trail.
 *
 * 1. One query serves all clients, woken by the journal, at most once a second otherwise; without clients there is none.
 * 2. A client that resumes is brought up to the shared position by itself, then joins: it misses nothing and gets nothing twice.
 * 3. A client that doesn't take what it is sent is closed; memory per client is bounded.
 */
export class EventStream {
  private readonly clients = new Set<StreamClient>();
  private position: StreamPosition = new Map();
  private loop: Promise<void> | undefined;
  private wakeUp: () => void = () => undefined;
  private news = false;
  private admissions = 0;

  constructor(private readonly options: EventStreamOptions) {}

  /** Takes a client in; nothing is sent to it yet. Throws `Problem` UNAVAILABLE where there are too many. */
  admit(client: StreamClient): void {
    if (this.clients.size >= this.options.maxClients)
      throw new Problem('UNAVAILABLE', 'Too many streams are open here; try again later.', {
        headers: { 'retry-after': '5' },
      });
    this.clients.add(client);
    this.admissions += 1;
    this.options.observe?.('opened');
  }

  /** Where the trail ends now: what happens from here on. */
  now(): Promise<StreamPosition> {
    return this.options.tail.heads();
  }

  /** Sends an admitted client what happened since, and what happens. Resolves when it has caught up. */
  async follow(client: StreamClient, from: StreamPosition): Promise<void> {
    try {
      if (this.loop === undefined) {
        const starting = this.start();
        this.loop = starting;
        await starting;
      }
      await this.loop;
      await this.catchUp(client, from);
    } catch (error) {
      // The client comes back by itself, with the last id that it has seen.
      this.options.logger.warn({ err: error }, 'a stream could not be served and is closed');
      client.sink.close();
      this.detach(client);
    }
  }

  detach(client: StreamClient): void {
    if (!this.clients.delete(client)) return;
    client.live = false;
    this.options.observe?.('closed');
    if (this.clients.size === 0) this.wake();
  }

  /** Ends every stream. */
  close(): void {
    for (const client of this.clients) {
      client.sink.close();
      this.detach(client);
    }
  }

  wake(): void {
    this.news = true;
    this.wakeUp();
  }

  /** Resolves once the position is known and the reader runs. */
  private async start(): Promise<void> {
    try {
      this.position = await this.options.tail.heads();
      const stop = await this.options.listen(() => {
        this.wake();
      });
      void this.run().finally(() => {
        void stop().catch(() => undefined);
      });
    } catch (error) {
      this.loop = undefined;
      throw error;
    }
  }

  private async run(): Promise<void> {
    while (this.clients.size > 0) {
      this.news = false;
      try {
        while (await this.round());
      } catch (error) {
        this.options.logger.warn({ err: error }, 'the event stream could not read the journal; it tries again');
      }
      await this.nextTurn();
    }
    this.loop = undefined;
  }

  private nextTurn(): Promise<void> {
    if (this.news || this.clients.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, POLL_MS);
      this.wakeUp = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** One page for everybody. @returns whether there is more at once */
  private async round(): Promise<boolean> {
    const { admissions } = this;
    const users = this.users();
    const heads = await this.options.tail.heads();
    const { records, position } = await this.options.tail.page(this.position, heads, users);
    // Somebody came in meanwhile, whose rows this page may not hold: read it again.
    if (this.admissions !== admissions) return true;
    const sent = new Map(this.position);
    for (const record of records) {
      sent.set(record.chain, record.row);
      let text: string | undefined;
      for (const client of this.clients) {
        if (!client.live || !client.wants(record)) continue;
        text ??= sseOf(record, writePosition(sent));
        client.send(text);
      }
    }
    this.position = position;
    for (const client of this.clients) if (client.tooSlow) this.drop(client);
    return this.clients.size > 0 && [...heads].some(([chain, row]) => row > (position.get(chain) ?? 0));
  }

  /** Whose rows are wanted at all; undefined: everybody's. */
  private users(): readonly string[] | undefined {
    const users = new Set<string>();
    for (const { filter } of this.clients) {
      if (filter.userId === undefined) return undefined;
      users.add(filter.userId);
    }
    return [...users];
  }

  /** Brings a client up to the shared position; from there on it is live. */
  private async catchUp(client: StreamClient, from: StreamPosition): Promise<void> {
    const { userId } = client.filter;
    let position = from;
    while (isBehind(position, this.position) && !client.sink.closed) {
      const page = await this.options.tail.page(position, this.position, userId === undefined ? undefined : [userId]);
      const sent = new Map(position);
      for (const record of page.records) {
        sent.set(record.chain, record.row);
        if (client.wants(record)) client.send(sseOf(record, writePosition(sent)));
      }
      position = page.position;
      await client.sink.drained();
    }
    // Not a moment after the comparison: a round in between would be missed.
    client.live = this.clients.has(client);
  }

  private drop(client: StreamClient): void {
    this.options.observe?.('dropped');
    client.sink.close();
    this.detach(client);
  }
}

const isBehind = (position: StreamPosition, shared: StreamPosition): boolean =>
  [...shared].some(([chain, row]) => row > (position.get(chain) ?? 0));
