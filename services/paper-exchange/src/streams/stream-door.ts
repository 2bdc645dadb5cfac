import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { WebSocketServer, type WebSocket } from 'ws';
import type { Exchange } from '../core/exchange.js';
import type { Faults, RequestFault } from '../core/fault.js';
import type { Metrics } from '../doors/metrics.js';
import { BookFeeds } from './book-feeds.js';
import { outletTo } from './outlet.js';
import type { Conversation, StreamDialect, StreamPath } from './stream-dialect.js';

/** Where customers listen: WebSockets on the venue's own paths, with whatever faults are on. */
export interface StreamDoor {
  readonly exchange: Exchange;
  readonly dialect: StreamDialect | undefined;
  readonly faults: Faults;
  readonly metrics: Metrics;
  /** Sockets of those who are left hanging. */
  readonly hanging: Set<() => void>;
}

/** Bytes that a reader may be behind. */
const MOST_BUFFERED = 1_048_576;
const MOST_STREAMS = 1_000;
/** What a customer says is short. */
const MOST_HEARD = 65_536;

/**
 * 1. A handshake is a request, and struck by the faults that strike requests. Open streams meet the faults made for them, and `down`.
 * 2. A reader that is too slow is cut off: nothing is kept for anybody beyond a mebibyte.
 * 3. Without a stream nothing runs.
 */
export const streamDoor = (app: FastifyInstance, door: StreamDoor): void => {
  const { exchange, dialect, faults, metrics } = door;
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: MOST_HEARD,
    perMessageDeflate: false,
    clientTracking: false,
  });
  const streams = new Map<WebSocket, { readonly path: string; readonly conversation: Conversation }>();
  metrics.streams(() => streams.size);
  const feeds = new BookFeeds(exchange, () => {
    for (const socket of streams.keys()) socket.terminate();
  });
  let seconds: NodeJS.Timeout | undefined;

  const talk = (socket: WebSocket, spoken: StreamDialect, at: StreamPath): void => {
    const onFault = (fault: string): void => {
      metrics.fault(fault);
    };
    const say = outletTo(socket, { path: at.path, faults, onFault, mostBuffered: MOST_BUFFERED });
    const conversation = spoken.open(at, { exchange, feeds, say });
    streams.set(socket, { path: at.path, conversation });
    seconds ??= setInterval(() => {
      for (const { conversation: each } of streams.values()) each.second?.();
    }, 1_000).unref();
    socket.on('message', (data, isBinary) => {
      if (!isBinary) conversation.hear(data.toString('utf8'));
    });
    // A broken frame or a broken line: the close that follows is what counts.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      conversation.end();
      streams.delete(socket);
      if (streams.size > 0) return;
      clearInterval(seconds);
      seconds = undefined;
    });
  };

  const shake = async (request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> => {
    socket.on('error', () => undefined);
    const at = placeOf(request);
    const target = { path: at.path, method: 'GET', accountKey: undefined, clientOrderId: undefined };
    const { delayMs, fault } = faults.strike(target);
    if (fault !== undefined) metrics.fault(fault.fault);
    if (delayMs > 0) await new Promise((waited) => setTimeout(waited, delayMs));
    if (fault !== undefined && struck(socket, fault, door.hanging)) return;
    if (dialect?.paths.test(at.path) !== true) answer(socket, '404 Not Found');
    else if (streams.size >= MOST_STREAMS) answer(socket, '503 Service Unavailable');
    else
      server.handleUpgrade(request, socket, head, (opened) => {
        if (fault?.fault === 'reset_after' || fault?.fault === 'cut_200') opened.terminate();
        else talk(opened, dialect, at);
      });
  };

  app.server.on('upgrade', (request, socket, head) => {
    void shake(request, socket, head);
  });
  faults.watch(() => {
    for (const [socket, { path }] of streams) if (faults.isDown(path)) socket.terminate();
  });
  app.addHook('preClose', () => {
    for (const socket of streams.keys()) socket.terminate();
    feeds.stop();
    server.close();
    return Promise.resolve();
  });
};

const placeOf = ({ url = '/' }: IncomingMessage): StreamPath => {
  const mark = url.indexOf('?');
  return mark < 0 ? { path: url, query: '' } : { path: url.slice(0, mark), query: url.slice(mark + 1) };
};

/** A handshake under a fault. @returns whether that was the end of it */
const struck = (socket: Duplex, { fault, ms }: RequestFault, hanging: Set<() => void>): boolean => {
  switch (fault) {
    case 'down':
    case 'reset_before':
      (socket as Socket).resetAndDestroy();
      return true;
    case 'http_500':
      answer(socket, '500 Internal Server Error');
      return true;
    case 'http_429':
      answer(socket, '429 Too Many Requests');
      return true;
    case 'http_504_after':
      answer(socket, '504 Gateway Timeout');
      return true;
    case 'empty_200':
    case 'html_200':
    case 'truncated_200':
      answer(socket, '200 OK');
      return true;
    case 'hang_after':
    case 'stall_200': {
      const letGo = (): void => {
        clearTimeout(timer);
        hanging.delete(letGo);
        socket.destroy();
      };
      const timer = ms === undefined ? undefined : setTimeout(letGo, ms);
      hanging.add(letGo);
      socket.once('close', letGo);
      return true;
    }
    case 'reset_after':
    case 'cut_200':
    case 'slow':
    case 'refuse':
    case 'duplicate_fill':
    case 'late_fill':
      return false;
  }
};

const answer = (socket: Duplex, status: string): void => {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
};
