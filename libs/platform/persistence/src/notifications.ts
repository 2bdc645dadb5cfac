import pg from 'pg';

type Listener = (payload: string) => void;

const FIRST_DELAY_MS = 50;
const LONGEST_DELAY_MS = 5_000;
/** A connection can die without a word (a firewall forgets it); a question now and then finds out. */
const PING_EVERY_MS = 30_000;

/**
 * The LISTEN connection of a database, opened when the first channel is asked for.
 *
 * 1. While connected, every NOTIFY on a channel reaches all of its listeners.
 * 2. After a reconnect every listener is called once with an empty payload: what was said meanwhile is unknown.
 * 3. It reconnects for ever, with growing pauses, until closed.
 */
export class Notifications {
  readonly #config: pg.ClientConfig;
  readonly #onLost: (error: Error) => void;
  readonly #channels = new Map<string, Set<Listener>>();
  #client: pg.Client | undefined;
  #connecting: Promise<pg.Client> | undefined;
  /** Statements go one by one. */
  #turn: Promise<unknown> = Promise.resolve();
  #retry: NodeJS.Timeout | undefined;
  #ping: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(config: pg.ClientConfig, onLost: (error: Error) => void) {
    this.#config = {
      ...config,
      application_name: `${config.application_name ?? 'switchyard'} listen`,
      query_timeout: 10_000,
    };
    this.#onLost = onLost;
  }

  async listen(channel: string, listener: Listener): Promise<() => Promise<void>> {
    if (this.#closed) throw new Error('The database is closed.');
    let listeners = this.#channels.get(channel);
    if (listeners === undefined) this.#channels.set(channel, (listeners = new Set()));
    listeners.add(listener);
    try {
      const known = this.#client;
      const client = known ?? (await this.#connect());
      // A connection made just now listens to everything that was asked for when it opened; asking twice does no harm.
      if (client === known || listeners.size === 1) await this.#say(client, `listen ${quoted(channel)}`);
    } catch (error) {
      listeners.delete(listener);
      throw error;
    }
    return () => this.#unlisten(channel, listener);
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#retry);
    clearInterval(this.#ping);
    this.#channels.clear();
    await this.#connecting?.catch(() => undefined);
    const client = this.#client;
    this.#client = undefined;
    await client?.end().catch(() => undefined);
  }

  async #unlisten(channel: string, listener: Listener): Promise<void> {
    const listeners = this.#channels.get(channel);
    if (listeners?.delete(listener) !== true || listeners.size > 0) return;
    this.#channels.delete(channel);
    if (this.#client !== undefined) await this.#say(this.#client, `unlisten ${quoted(channel)}`);
  }

  #connect(): Promise<pg.Client> {
    this.#connecting ??= this.#open().finally(() => (this.#connecting = undefined));
    return this.#connecting;
  }

  async #open(): Promise<pg.Client> {
    const client = new pg.Client(this.#config);
    const state = { lost: false };
    const onLost = (error: Error): void => {
      if (state.lost) return;
      state.lost = true;
      if (this.#client === client) this.#lost(error);
    };
    client.on('error', onLost);
    client.on('end', () => {
      onLost(new Error('Connection terminated'));
    });
    client.on('notification', ({ channel, payload }) => {
      for (const listener of this.#channels.get(channel) ?? []) listener(payload ?? '');
    });
    try {
      await client.connect();
      for (const channel of this.#channels.keys()) await client.query(`listen ${quoted(channel)}`);
    } catch (error) {
      client.end().catch(() => undefined);
      throw error;
    }
    if (state.lost || this.#closed) {
      client.end().catch(() => undefined);
      throw new Error('Connection terminated while it was opened.');
    }
    this.#client = client;
    this.#ping = setInterval(() => {
      this.#say(client, 'select 1').catch((error: unknown) => {
        onLost(error as Error);
        client.end().catch(() => undefined);
      });
    }, PING_EVERY_MS).unref();
    return client;
  }

  #say(client: pg.Client, sql: string): Promise<unknown> {
    const said = this.#turn.then(() => client.query(sql));
    this.#turn = said.catch(() => undefined);
    return said;
  }

  #lost(error: Error): void {
    this.#client = undefined;
    clearInterval(this.#ping);
    if (this.#closed) return;
    this.#onLost(error);
    this.#reconnectAfter(FIRST_DELAY_MS);
  }

  #reconnectAfter(delayMs: number): void {
    this.#retry = setTimeout(() => {
      this.#connect().then(
        () => {
          for (const listeners of this.#channels.values()) for (const listener of listeners) listener('');
        },
        () => {
          if (!this.#closed) this.#reconnectAfter(Math.min(delayMs * 2, LONGEST_DELAY_MS));
        },
      );
    }, delayMs);
  }
}

const quoted = (channel: string): string => `"${channel.replaceAll('"', '""')}"`;
