import { createServer, connect, type Server, type Socket } from 'node:net';
import type { CutKind } from '../plan/fault.js';

/** Whose connection it is, from its first bytes; undefined while too few of them are there. */
export type Recognise = (first: Buffer) => string | undefined;

/**
 * A TCP relay on loopback that can be cut and healed, for everybody or for one client.
 *
 * `reset`: connections are reset on both sides, and so is every new one. `silence`: they stay, and nothing passes, no end either: neither
 * side can tell it from a slow one. What waited passes when it is healed. `late`: a client that sends something is reset, and what it sent
 * reaches the server `LATE_MS` later.
 */
export class Relay {
  private readonly lines = new Set<Line>();
  private readonly cuts = new Map<string, CutKind>();

  private constructor(
    private readonly server: Server,
    readonly port: number,
    private target: number,
    private readonly recognise: Recognise,
  ) {
    server.on('connection', (client) => {
      this.connected(client);
    });
  }

  /** @param target a port of 127.0.0.1 */
  static open(target: number, recognise: Recognise = () => EVERYBODY): Promise<Relay> {
    return new Promise((resolve, reject) => {
      const server = createServer({ noDelay: true });
      server.once('error', reject);
      server.listen(0, '127.0.0.1', () => {
        const address = server.address();
        if (address === null || typeof address === 'string') reject(new Error('the relay has no port'));
        else resolve(new Relay(server, address.port, target, recognise));
      });
    });
  }

  /** For connections from now on. */
  retarget(port: number): void {
    this.target = port;
  }

  cut(how: CutKind, whose: string = EVERYBODY): void {
    this.cuts.set(whose, how);
    for (const line of this.linesOf(whose)) line.cut(how);
  }

  heal(whose: string = EVERYBODY): void {
    this.cuts.delete(whose);
    for (const line of this.linesOf(whose)) line.heal();
  }

  /** Within bounds: the end of long runs was seen to wait here for ever, with nothing open any more. */
  async close(): Promise<void> {
    for (const line of this.lines) line.cut('reset');
    await Promise.race([
      new Promise((resolve) => this.server.close(resolve)),
      new Promise((resolve) => setTimeout(resolve, CLOSE_PATIENCE_MS)),
    ]);
  }

  private linesOf(whose: string): readonly Line[] {
    return [...this.lines].filter((line) => line.whose === whose);
  }

  private connected(client: Socket): void {
    let first = Buffer.alloc(0);
    const greet = (whose: string): void => {
      const line = new Line(whose, client, connect({ host: '127.0.0.1', port: this.target, noDelay: true }), first);
      this.lines.add(line);
      line.onOver = () => {
        this.lines.delete(line);
      };
      const how = this.cuts.get(whose);
      if (how !== undefined) line.cut(how);
    };
    const known = this.recognise(first);
    if (known !== undefined) {
      greet(known);
      return;
    }
    const listen = (chunk: Buffer): void => {
      first = Buffer.concat([first, chunk]);
      const whose = this.recognise(first);
      if (whose === undefined) return;
      client.off('data', listen);
      client.pause();
      greet(whose);
    };
    client.on('data', listen);
    client.on('error', () => client.destroy());
  }
}

const EVERYBODY = '';
const CLOSE_PATIENCE_MS = 1_000;

/** How late is late: within the time in which a venue still takes a request (5 s). */
export const LATE_MS = 2_000;
/** A request may come in several pieces. */
const REST_OF_REQUEST_MS = 20;
/** The server has that long to do what it was asked, before it learns that nobody is there. */
const LATE_ANSWER_MS = 1_000;

/** One connection through the relay. */
class Line {
  onOver: () => void = () => undefined;
  private silent = false;
  /** An end that came while nothing passed: it is told when the line is healed. */
  private waitingEnd: (() => void) | undefined;
  private late = false;
  /** What a client sent that was late. */
  private readonly held: Buffer[] = [];

  constructor(
    readonly whose: string,
    private readonly client: Socket,
    private readonly server: Socket,
    first: Buffer,
  ) {
    if (first.length > 0) server.write(first);
    this.forward(client, server);
    this.forward(server, client);
  }

  cut(how: CutKind): void {
    switch (how) {
      case 'reset':
        this.client.resetAndDestroy();
        this.server.resetAndDestroy();
        this.onOver();
        return;
      case 'silence':
        this.silent = true;
        this.client.pause();
        this.server.pause();
        return;
      case 'late':
        this.late = true;
    }
  }

  heal(): void {
    this.late = false;
    if (!this.silent) return;
    this.silent = false;
    this.waitingEnd?.();
    this.client.resume();
    this.server.resume();
  }

  /** Nothing of this connection is waited for any more: the client is gone, what it sent is on its way. */
  private belate(chunk: Buffer): void {
    this.held.push(chunk);
    if (this.held.length > 1) return;
    const { client, server } = this;
    setTimeout(() => client.resetAndDestroy(), REST_OF_REQUEST_MS);
    setTimeout(() => {
      server.write(Buffer.concat(this.held));
      setTimeout(() => server.resetAndDestroy(), LATE_ANSWER_MS);
    }, LATE_MS);
  }

  private forward(from: Socket, to: Socket): void {
    from.on('data', (chunk: Buffer) => {
      if (from === this.client && (this.late || this.held.length > 0)) this.belate(chunk);
      else if (!to.write(chunk)) from.pause();
    });
    to.on('drain', () => {
      if (!this.silent) from.resume();
    });
    from.on('end', () => to.end());
    // Without a listener an error would end the process; `close` follows.
    from.on('error', () => undefined);
    from.once('close', (broken) => {
      const end = (): void => {
        if (this.held.length > 0 && from === this.client) return;
        if (broken) to.resetAndDestroy();
        else to.end();
        this.onOver();
      };
      if (this.silent) this.waitingEnd = end;
      else end();
    });
    if (!this.silent) from.resume();
  }
}

/**
 * The client's own name from the first request of a Kafka connection: length, key, version and correlation id stand before it.
 * A connection that says something else is nobody's.
 */
export const kafkaClientId: Recognise = (first) => {
  if (first.length < 14) return undefined;
  const length = first.readInt16BE(12);
  if (length < 0) return 'nobody';
  return first.length < 14 + length ? undefined : first.toString('utf8', 14, 14 + length);
};
