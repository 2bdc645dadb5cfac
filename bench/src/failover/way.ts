import { connect, createServer, type Server, type Socket } from 'node:net';

/** A way to a port of 127.0.0.1 that can be shut: then nobody listens there, as where a host is gone. */
export class Way {
  private server: Server | undefined;
  private readonly sockets = new Set<Socket>();
  private from = 0;

  private constructor(private readonly target: number) {}

  static async open(target: number): Promise<Way> {
    const way = new Way(target);
    await way.open();
    return way;
  }

  /** Where it leads from, on 127.0.0.1: the same each time that it is opened. */
  get port(): number {
    return this.from;
  }

  open(): Promise<void> {
    return new Promise((resolve, reject) => {
      const server = createServer({ noDelay: true }, (client) => {
        this.relay(client);
      });
      server.once('error', reject);
      server.listen(this.from, '127.0.0.1', () => {
        const address = server.address();
        if (address !== null && typeof address === 'object') this.from = address.port;
        resolve();
      });
      this.server = server;
    });
  }

  /** Every connection is reset; new ones are refused. */
  async shut(): Promise<void> {
    const { server } = this;
    this.server = undefined;
    if (server === undefined) return;
    const closed = new Promise((resolve) => server.close(resolve));
    for (const socket of this.sockets) socket.resetAndDestroy();
    await closed;
  }

  private relay(client: Socket): void {
    const venue = connect({ host: '127.0.0.1', port: this.target, noDelay: true });
    for (const [from, to] of [
      [client, venue],
      [venue, client],
    ] as const) {
      this.sockets.add(from);
      from.on('error', () => to.destroy());
      from.once('close', () => {
        this.sockets.delete(from);
        to.destroy();
      });
      from.pipe(to);
    }
  }
}
