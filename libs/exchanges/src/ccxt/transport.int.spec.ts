import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTcpServer, type AddressInfo, type Server as TcpServer, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Transport, type HttpRequest, type TransportOptions } from './transport.js';

const POST: HttpRequest = { method: 'POST', path: '/order', headers: { 'content-type': 'text/plain' }, body: 'buy' };

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const originOf = (server: Server | TcpServer): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

/** An HTTP server that counts what arrives. */
const serving = async (
  handle: RequestListener,
): Promise<{ readonly origin: string; readonly arrived: () => number }> => {
  let arrived = 0;
  const server = createServer((request, response) => {
    arrived += 1;
    handle(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanups.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { origin: originOf(server), arrived: () => arrived };
};

/** A TCP server that says what it likes. */
const speaking = async (onData: (socket: Socket) => void): Promise<string> => {
  const sockets = new Set<Socket>();
  const server = createTcpServer((socket) => {
    sockets.add(socket);
    socket
      .on('error', () => undefined)
      .on('data', () => {
        onData(socket);
      });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanups.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return originOf(server);
};

const to = (origin: string, options: Partial<TransportOptions> = {}): Transport => {
  const transport = new Transport(origin, { deadlineMs: 300, ...options });
  cleanups.push(() => transport.close());
  return transport;
};

describe('nothing was written', () => {
  it('where nobody listens', async () => {
    const port = await new Promise<number>((resolve) => {
      const server = createTcpServer().listen(0, '127.0.0.1', () => {
        const { port: free } = server.address() as AddressInfo;
        server.close(() => {
          resolve(free);
        });
      });
    });
    expect(await to(`http://127.0.0.1:${port}`).send(POST)).toMatchObject({ kind: 'notSent', reason: 'connect' });
  });

  it('where there is no such host', async () => {
    const answer = await to('http://no-such-host.invalid', { deadlineMs: 5_000 }).send(POST);
    expect(answer).toMatchObject({ kind: 'notSent', reason: 'connect' });
  });

  it('where the other side does not speak TLS', async () => {
    const origin = await speaking((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    const answer = await to(origin.replace('http:', 'https:'), { deadlineMs: 2_000 }).send(POST);
    expect(answer).toMatchObject({ kind: 'notSent', reason: 'connect' });
  });

  it('where no connection becomes free within the deadline, and nothing is written later', async () => {
    const held: (() => void)[] = [];
    const { origin, arrived } = await serving((_, response) => held.push(() => response.end('late')));
    const transport = to(origin, { connections: 1 });
    const [first, second] = await Promise.all([transport.send(POST), transport.send(POST)]);
    expect(first).toMatchObject({ kind: 'lost', reason: 'timeout' });
    expect(second).toMatchObject({ kind: 'notSent', reason: 'noConnection' });
    // The next request takes the freed place; the one that was given up must not come before it.
    const third = transport.send(POST);
    while (arrived() < 2) await new Promise((resolve) => setImmediate(resolve));
    held.at(-1)?.();
    expect(await third).toMatchObject({ kind: 'answered' });
    expect(arrived()).toBe(2);
  });

  it('where sendBy passes while it waits for a connection', async () => {
    const { origin, arrived } = await serving(() => undefined);
    const transport = to(origin, { connections: 1 });
    const first = transport.send(POST);
    const second = await transport.send(POST, { sendBy: performance.now() + 50 });
    expect(second).toMatchObject({ kind: 'notSent', reason: 'expired' });
    await first;
    expect(arrived()).toBe(1);
  });

  it('where the last check before the write fails: a bug of the caller’s surfaces', async () => {
    const { origin, arrived } = await serving((_, response) => response.end());
    const beforeWrite = (): boolean => {
      throw new Error('a bug');
    };
    const sending = to(origin).send(POST, { sendBy: Number.POSITIVE_INFINITY, beforeWrite });
    await expect(sending).rejects.toThrow('a bug');
    expect(arrived()).toBe(0);
  });

  it('while the venue’s wait is not over, and a shorter wait does not cut a longer one', async () => {
    const { origin, arrived } = await serving((_, response) => response.end());
    const transport = to(origin);
    transport.shutFor(60_000);
    transport.shutFor(1);
    const answer = await transport.send(POST);
    expect(answer).toMatchObject({ kind: 'notSent', reason: 'rateLimited' });
    expect(answer.kind === 'notSent' && answer.retryAfterMs).toBeGreaterThan(50_000);
    expect(arrived()).toBe(0);
  });
});

describe('the outcome is lost', () => {
  const HEAD = 'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n';
  it.each<readonly [string, string, (socket: Socket) => void]>([
    ['when the connection is reset after the write', 'connectionLost', (socket) => socket.resetAndDestroy()],
    ['when the connection is closed without an answer', 'connectionLost', (socket) => socket.end()],
    ['when the connection closes in mid-header', 'connectionLost', (socket) => socket.end('HTTP/1.1 200 O')],
    ['when the connection closes in mid-body', 'connectionLost', (socket) => socket.end(`${HEAD}{"orderId":`)],
    ['when the answer is no HTTP', 'connectionLost', (socket) => socket.write('220 mail.example ESMTP\r\n')],
    ['when nothing comes', 'timeout', () => undefined],
    ['when the body stalls', 'timeout', (socket) => socket.write(`${HEAD}{"orderId":`)],
    ['when only interim answers come', 'timeout', (socket) => socket.write('HTTP/1.1 103 Early Hints\r\n\r\n')],
  ])('%s: %s', async (_, reason, behave) => {
    expect(await to(await speaking(behave)).send(POST)).toMatchObject({ kind: 'lost', reason });
  });

  it('with what had arrived of the answer', async () => {
    const origin = await speaking((socket) => socket.end(`${HEAD}{"orderId":`));
    const answer = await to(origin).send(POST);
    expect(answer).toMatchObject({ kind: 'lost', status: 200 });
    expect(answer.kind === 'lost' && answer.body.toString()).toBe('{"orderId":');
  });

  it('when a body drips for ever, and the deadline covers all of it', async () => {
    const { origin } = await serving((_, response) => {
      const drip = setInterval(() => response.write(' '), 20);
      response.on('close', () => {
        clearInterval(drip);
      });
    });
    const started = performance.now();
    expect(await to(origin).send(POST)).toMatchObject({ kind: 'lost', reason: 'timeout' });
    expect(performance.now() - started).toBeLessThan(1_000);
  });

  it('when an answer is larger than we take', async () => {
    const { origin } = await serving((_, response) => response.end(Buffer.alloc(100_000)));
    expect(await to(origin, { maxBodyBytes: 10_000 }).send(POST)).toMatchObject({
      kind: 'lost',
      reason: 'connectionLost',
    });
  });

  it('and never sent again: a kept connection that dies under the request loses it', async () => {
    let requests = 0;
    const origin = await speaking((socket) => {
      requests += 1;
      if (requests === 1) socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok');
      else socket.resetAndDestroy();
    });
    const transport = to(origin);
    expect(await transport.send(POST)).toMatchObject({ kind: 'answered' });
    expect(await transport.send(POST)).toMatchObject({ kind: 'lost', reason: 'connectionLost' });
    expect(requests).toBe(2);
  });
});

describe('an answer', () => {
  it('of a redirect is given as it is, and not followed', async () => {
    const { origin, arrived } = await serving((_, response) => response.writeHead(307, { location: '/order' }).end());
    expect(await to(origin).send(POST)).toMatchObject({ kind: 'answered', status: 307 });
    expect(arrived()).toBe(1);
  });

  it('is unpacked where it is gzip, and empty where that fails', async () => {
    const { origin } = await serving((request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' });
      response.end(request.url === '/good' ? gzipSync('hello') : 'hello');
    });
    const bodies = await Promise.all(
      ['/good', '/bad'].map(async (path) => {
        const answer = await to(origin).send({ ...POST, path });
        return answer.kind === 'answered' ? answer.body.toString() : answer.kind;
      }),
    );
    expect(bodies).toEqual(['hello', '']);
  });

  it('comes over kept connections', async () => {
    const ports = new Set<number | undefined>();
    const { origin } = await serving((request, response) => {
      ports.add(request.socket.remotePort);
      response.end('ok');
    });
    const transport = to(origin);
    for (let i = 0; i < 20; i += 1) await transport.send(POST);
    // A request that follows at once may find the first connection still ending its answer.
    expect(ports.size).toBeLessThanOrEqual(2);
  });
});
