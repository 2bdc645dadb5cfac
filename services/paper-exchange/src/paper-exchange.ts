import { resolve } from 'node:path';
import fastify, { type FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { Exchange } from './core/exchange.js';
import { Faults } from './core/fault.js';
import { lockFolder } from './core/folder-lock.js';
import { instrumentsOf } from './core/instrument.js';
import { loadMarketShape } from './core/market-shape.js';
import { Market } from './core/market.js';
import { openAccount, type AccountRequest } from './core/open-account.js';
import { loadReferencePath } from './core/reference-path.js';
import { Store } from './core/store.js';
import { systemCode } from './core/system-error.js';
import { VenueState } from './core/venue-state.js';
import type { VenueName } from './core/venue.js';
import { SPOKEN, spokenVenues } from './dialects/registry.js';
import { controlDoors } from './doors/control-doors.js';
import { metricsOf } from './doors/metrics.js';
import { venueDoor } from './doors/venue-door.js';
import { streamDoor } from './streams/stream-door.js';

export interface PaperExchangeOptions {
  readonly venue: VenueName;
  /** 0 takes any free port. */
  readonly port: number;
  /** Default loopback: a simulator holds no real keys, yet there is no reason to show it to the network. */
  readonly host?: string | undefined;
  /** The venue's own memory; made where it is missing. */
  readonly dataDir: string;
  /** Another seed is another market. Default `1`. */
  readonly seed?: string | undefined;
  /** Opened at start, where they are not there yet. */
  readonly accounts?: readonly (Omit<AccountRequest, 'passphrase'> & { readonly passphrase?: string })[] | undefined;
  readonly log?: Logger | undefined;
  /** Request weight an IP may use a minute before it is answered 429. Default: no limit. */
  readonly weightPerMinute?: number | undefined;
  /** The journal is compacted beyond this length. Default 32 MiB. */
  readonly compactAtBytes?: number | undefined;
  /** So many finished orders stay in memory; older ones are read from disk. Default 50,000. */
  readonly keepClosed?: number | undefined;
  /** Real time in ms; tests bring their own. */
  readonly now?: (() => number) | undefined;
}

export interface PaperExchange {
  readonly url: string;
  /** Lets running requests end, writes what is not written, frees port and folder. */
  close(): Promise<void>;
}

/** What keeps a paper exchange from starting, in one sentence for whoever started it. */
export class CannotStart extends Error {}

const DEFAULT_COMPACT_AT_BYTES = 32 * 1_024 * 1_024;
const DEFAULT_KEEP_CLOSED = 50_000;

/**
 * Starts one simulated venue.
 * @throws CannotStart where the venue is not spoken, the port or folder is taken, or what the folder holds is damaged
 */
export const startPaperExchange = async (options: PaperExchangeOptions): Promise<PaperExchange> => {
  const { venue, port, host = '127.0.0.1', dataDir, log } = options;
  const unlock = inOneSentence(() => lockFolder(resolve(dataDir)));
  let exchange: Exchange | undefined;
  try {
    exchange = openExchange(options);
    const app = await serve(exchange, options);
    let url: string;
    try {
      url = await app.listen({ port, host });
    } catch (error) {
      await app.close();
      throw listenError(error, host, port);
    }
    log?.info({ venue, url, dataDir }, 'paper exchange is open');
    const opened = exchange;
    let closing: Promise<void> | undefined;
    return {
      url,
      close: () =>
        (closing ??= app
          .close()
          .then(() => opened.close())
          .finally(unlock)),
    };
  } catch (error) {
    await exchange?.close();
    unlock();
    throw error;
  }
};

const openExchange = ({
  venue,
  dataDir,
  seed = '1',
  accounts = [],
  now = Date.now,
  compactAtBytes,
  keepClosed,
}: PaperExchangeOptions): Exchange => {
  const kind = SPOKEN[venue];
  if (kind === undefined) {
    throw new CannotStart(`The paper exchange does not speak ${venue} yet; it speaks ${spokenVenues().join(', ')}.`);
  }
  const instruments = new Map(instrumentsOf(venue).map((instrument) => [instrument.symbol, instrument]));
  const paths = { BTC: loadReferencePath('BTC'), ETH: loadReferencePath('ETH'), LTC: loadReferencePath('LTC') };
  const market = new Market({ venue, seed, shape: loadMarketShape(venue), paths });
  const state = new VenueState(instruments, market);
  const store = inOneSentence(
    () =>
      new Store(state, {
        folder: resolve(dataDir),
        compactAtBytes: compactAtBytes ?? DEFAULT_COMPACT_AT_BYTES,
        keepClosed: keepClosed ?? DEFAULT_KEEP_CLOSED,
      }),
  );
  const exchange = new Exchange({ state, store, market, rules: kind.rules, ids: kind.ids, now });
  for (const account of accounts) {
    const wrong = kind.secretError?.(account.secret);
    if (wrong !== undefined) throw new CannotStart(`The secret of the account ${account.accountKey} ${wrong}.`);
    const { outcome } = openAccount(exchange, { passphrase: '', ...account });
    if (outcome === 'credentials_differ') {
      throw new CannotStart(`The account ${account.accountKey} in ${dataDir} has another secret or passphrase.`);
    }
  }
  return exchange;
};

const serve = async (exchange: Exchange, options: PaperExchangeOptions): Promise<FastifyInstance> => {
  const { venue, log, weightPerMinute } = options;
  const kind = SPOKEN[venue];
  if (kind === undefined) throw new CannotStart(`The paper exchange does not speak ${venue} yet.`);
  await exchange.durable();
  const app = fastify({ forceCloseConnections: 'idle', bodyLimit: 1_048_576, exposeHeadRoutes: false });
  app.removeAllContentTypeParsers();
  // Signatures are over the bytes as they came: nothing parses a body before the dialect has seen it.
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => {
    done(null, body);
  });
  const faults = new Faults();
  const hanging = new Set<() => void>();
  const release = (): void => {
    for (const letGo of [...hanging]) letGo();
  };
  const metrics = metricsOf(venue, exchange);
  app.get('/health', () => ({ status: 'ok', venue }));
  app.get('/ready', (_request, reply) => {
    const failure = exchange.failure;
    return failure === undefined
      ? { status: 'ready', venue }
      : reply.code(503).send({ status: 'failed', venue, reason: failure.message });
  });
  app.get('/metrics', async (_request, reply) =>
    reply.type(metrics.registry.contentType).send(await metrics.registry.metrics()),
  );
  controlDoors(app, { exchange, faults, release, secretError: kind.secretError });
  streamDoor(app, { exchange, dialect: kind.streams, faults, metrics, hanging });
  venueDoor(app, { dialect: kind.speak(exchange, { weightPerMinute }), faults, metrics, log, hanging });
  app.addHook('preClose', () => {
    release();
    return Promise.resolve();
  });
  return app;
};

/** What the folder's own errors say is a sentence for people already. */
const inOneSentence = <T>(open: () => T): T => {
  try {
    return open();
  } catch (error) {
    throw new CannotStart(error instanceof Error ? error.message : String(error), { cause: error });
  }
};

const listenError = (error: unknown, host: string, port: number): unknown => {
  switch (systemCode(error)) {
    case 'EADDRINUSE':
      return new CannotStart(`Port ${port} on ${host} is in use: stop what listens there, or give another port.`, {
        cause: error,
      });
    case 'EACCES':
      return new CannotStart(`Port ${port} on ${host} may not be opened by this user: give a port above 1023.`, {
        cause: error,
      });
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new CannotStart(`This machine has no address ${host}: give another host.`, { cause: error });
    case undefined:
    default:
      return error;
  }
};
